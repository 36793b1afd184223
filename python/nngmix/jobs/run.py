"""One run from its manifest on: every step that is done stays done, whenever the process is killed."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files import read_features
from nngmix.files.disk import writing
from nngmix.files.replace import replacing
from nngmix.files.table import arrow
from nngmix.jobs.folds import Search, Survey
from nngmix.jobs.inputs import Inputs, Report
from nngmix.jobs.job import Job
from nngmix.jobs.manifest import Manifest, checksum
from nngmix.jobs.new_files import Maker, file_name, write_files
from nngmix.neighbors.scaled import ScaledTable

__all__ = ["Outcome", "run"]

_TABLE, _ROWS = "_table.npz", "_anomaly_rows.npy"


@dataclass
class Outcome:
    """What the summary tells of a run."""

    manifest: dict[str, Any]
    resumed: bool = False
    made_before: int = 0
    warnings: list[str] = field(default_factory=list)


def run(job: Job, *, resume: bool = False, report: Report | None = None) -> Outcome:
    """Make the new rows of a job; see ``nngmix augment --help``.

    Raises
    ------
    ValueError
        For inputs or options that do not fit, or a folder whose run was one of other inputs or options.
    OSError
        If a file cannot be read or written; what was finished stays, and ``resume=True`` goes on.
    """
    report = report or _silent
    inputs = Inputs(job)
    if job.with_old:
        _check_old(inputs)
    manifest = Manifest.begin(job, inputs.files, resume)
    resumed = manifest["status"] != "searching" or bool(manifest["files"])
    if manifest["status"] == "searching":
        _find(job, inputs, manifest, report)
    outcome = Outcome(manifest.content, resumed)
    if manifest["status"] == "making":
        outcome.made_before = _make(job, inputs, manifest, report)
    else:
        outcome.made_before = len(_whole(manifest))
        if outcome.made_before < len(manifest["files"]):
            manifest.update(status="making")
            outcome.made_before = _make(job, inputs, manifest, report)
    return outcome


def _find(job: Job, inputs: Inputs, manifest: Manifest, report: Report) -> None:
    """Both passes over the files; the table and the counts are saved at their end."""
    survey = Survey(job.scale, len(inputs.features), inputs.dtype, job.n_threads)
    skipped: list[dict[str, str]] = []
    if job.anomalies is not None:
        left_out = (*job.ignore, *([] if job.label is None else [job.label]))
        survey.take_anomalies(read_features(job.anomalies, inputs.features, left_out, inputs.dtype))
    # Anomalies that are known and columns that are not scaled leave nothing to survey.
    surveyed = job.anomalies is None or job.scale is not None
    if surveyed:
        skipped += inputs.fold("scale", survey, report)
    if not survey.anomalies:
        raise ValueError(
            f"no row has {job.anomaly!r} in the label column {job.label!r} of the {len(inputs.files)} files"
        )
    anomalies = np.concatenate(survey.anomalies)
    _check_table(job, anomalies)
    table = ScaledTable(
        anomalies, survey.fitted(), job.n_neighbors, job.n_neighbors_anomaly, n_threads=job.n_threads
    )
    n_rows = survey.n_rows
    marked = 0 if job.anomalies is not None else len(anomalies)
    # Without rows to make or partners among them the neighbours are not looked for.
    wanted = job.unlabeled_fraction > 0 and job.amount.count(len(anomalies), max(1, n_rows - marked)) > 0
    if not surveyed or wanted:
        search = Search(table)
        skipped += inputs.fold("search", search, report)
        if surveyed and search.n_rows != n_rows:
            raise ValueError(f"the files gave {n_rows} rows at first and {search.n_rows} then: they changed")
        n_rows = search.n_rows
    n_unlabeled = n_rows - marked
    if n_unlabeled == 0 and job.unlabeled_fraction > 0:
        raise ValueError(f"all {n_rows} rows are anomalies: there is none to take partners from")
    path = manifest.path(_TABLE)
    with writing(path):
        table.save(path)
    if job.anomalies is None:
        path = manifest.path(_ROWS)
        with writing(path), replacing(path) as file:
            np.save(file, np.concatenate(survey.anomaly_rows), allow_pickle=False)
    manifest.update(
        status="making",
        features=inputs.features,
        dtype=str(inputs.dtype),
        rows=n_rows,
        labelled_anomalies=len(anomalies),
        unlabelled_rows=n_unlabeled,
        new_rows=job.amount.count(len(anomalies), n_unlabeled),
        skipped=skipped,
        table={"name": _TABLE, "sha256": checksum(manifest.path(_TABLE))},
    )


def _make(job: Job, inputs: Inputs, manifest: Manifest, report: Report) -> int:
    """Write what is not written yet; how many files stood there before."""
    path = manifest.path(_TABLE)
    if not os.path.exists(path) or checksum(path) != manifest["table"]["sha256"]:
        raise ValueError(f"{path}: is missing or not the table this run saved; start again in another folder")
    table = ScaledTable.load(path, n_threads=job.n_threads)
    rows: NDArray[np.int64] | None = None
    if job.anomalies is None:
        rows = np.load(manifest.path(_ROWS), allow_pickle=False)
    label = None if job.label is None else (job.label, inputs.value)
    mixture = {
        "alpha": job.alpha,
        "beta": job.beta,
        "unlabeled_fraction": job.unlabeled_fraction,
        "random_state": manifest["seed"],
    }
    maker = Maker(table, manifest["features"], label, mixture, job.noise_std, job.plan, rows)
    files = _whole(manifest)
    n_before, n_rows = len(files), manifest["new_rows"]
    skipped = {item["path"] for item in manifest["skipped"]}
    old = [part.path for part in inputs.parts if part.path not in skipped] if job.with_old else []
    spans = {
        number: (start, min(start + job.rows_per_file, n_rows))
        for number, start in enumerate(range(0, n_rows, job.rows_per_file))
        if file_name(number) not in files
    }
    total = len(old) + -(-n_rows // job.rows_per_file)
    report("mix", n_before, total)
    for number, source in enumerate(old):
        name = f"old-{number:05d}.parquet"
        if name not in files:
            files[name] = _copy(source, manifest.path(name))
            _record(manifest, files)
            report("mix", len(files), total)
    for made in write_files(job.output, maker, spans):
        files[made["name"]] = made
        _record(manifest, files)
        report("mix", len(files), total)
    manifest.update(status="complete")
    return n_before


def _record(manifest: Manifest, files: dict[str, Any]) -> None:
    manifest.update(files=[files[name] for name in sorted(files)])


def _whole(manifest: Manifest) -> dict[str, Any]:
    """The files of the manifest that are there as they were written; others are made again."""
    found = {}
    for item in manifest["files"]:
        path = manifest.path(item["name"])
        there = os.path.exists(path) and os.path.getsize(path) == item["bytes"]
        if there and checksum(path) == item["sha256"]:
            found[item["name"]] = item
    return found


def _copy(source: str, path: str) -> dict[str, Any]:
    with open(source, "rb") as file, writing(path), replacing(path) as copy:
        shutil.copyfileobj(file, copy, 1 << 20)
    rows = arrow().parquet.read_metadata(path).num_rows
    size = os.path.getsize(path)
    return {"name": os.path.basename(path), "rows": rows, "bytes": size, "sha256": checksum(path)}


def _check_old(inputs: Inputs) -> None:
    """Old files are copied as they are: their features must be of the type of the new ones."""
    pa = arrow()
    kind = pa.from_numpy_dtype(inputs.dtype)
    for name in inputs.features:
        there = inputs.type_of(name)
        if there != kind:
            raise ValueError(
                f"--with-old copies the files as they are, but column {name!r} is {there} and new rows are "
                f"{kind}: leave --with-old out, and read the old rows from where they are"
            )
    for part in inputs.parts:
        differing = inputs.differing(part, kind)
        if differing is not None:
            raise ValueError(
                f"--with-old copies the files as they are, but column {differing!r} of {part.path} is not "
                f"{kind} as that of new rows: leave --with-old out"
            )
    odd = next((path for path in inputs.files if not path.lower().endswith((".parquet", ".pq"))), None)
    if odd is not None:
        raise ValueError(f"--with-old copies Parquet files alone, and {odd} is none")


def _check_table(job: Job, anomalies: NDArray[Any]) -> None:
    neighbors = job.n_neighbors
    k = neighbors if isinstance(neighbors, int) else max(1, int(neighbors * len(anomalies)))
    wanted = anomalies.nbytes * (2 + 3 * k)
    if wanted > job.memory // 2:
        raise MemoryError(
            f"{len(anomalies)} labelled anomalies with {k} neighbours each need {wanted / 2**30:.1f} GiB, "
            f"more than half of --memory; raise it to {2 * wanted / 2**30:.1f}GiB, or lower --n-neighbors"
        )


def _silent(stage: str, done: int, total: int) -> None:
    pass
