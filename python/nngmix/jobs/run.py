"""One run from its manifest on: every step that is done stays done, whenever the process is killed."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.csv_numbers import narrowest_type
from nngmix.files.new_labels import label_array
from nngmix.files.owner import owned
from nngmix.files.replace import writing
from nngmix.jobs.dictionaries import read_like
from nngmix.jobs.inputs import Inputs
from nngmix.jobs.job import Job
from nngmix.jobs.manifest import Manifest
from nngmix.jobs.new_files import Labelled, Maker, check_size, file_name, write_files
from nngmix.jobs.old_files import check_old, copy_file, old_name
from nngmix.jobs.provenance import Ids, read_rows, write_rows
from nngmix.jobs.room import check_room
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.fit import Fitted, fit
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.progress import Callback, reported
from nngmix.plan import added_columns
from nngmix.rows.kinds import categories_told
from nngmix.rows.label_counts import told_labels
from nngmix.rows.names import check_free

__all__ = ["Outcome", "run"]

_TABLE, _ANOMALIES, _IDS, _LIKE = "_table.npz", "_anomalies.arrow", "_ids.arrow", "_like.arrow"


@dataclass
class Outcome:
    """What the summary tells of a run."""

    manifest: dict[str, Any]
    resumed: bool = False
    made_before: int = 0


def run(
    job: Job, *, resume: bool = False, callback: Callback | None = None, verbose: bool = False
) -> Outcome:
    """Make the new rows of a job; see ``nngmix augment --help``.

    Parameters
    ----------
    job : Job
    resume : bool, default=False
        Go on with the run that the output folder holds.
    callback : callable, optional
        Called after each file with the stage, "scale", "search" or "mix", files done and files in all. An
        exception in it ends the run; what was finished stays, and ``resume=True`` goes on.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        For inputs or options that do not fit, or a folder whose run was one of other inputs or options.
    MemoryError
        For more labelled anomalies than fit into the memory of the job.
    OSError
        If a file cannot be read or written; what was finished stays, and ``resume=True`` goes on.
    """
    with reported(callback, verbose, "files") as report:
        return _run(job, resume, report or _silent)


def _run(job: Job, resume: bool, report: Callback) -> Outcome:
    inputs = Inputs(job)
    there = inputs.names if job.with_old else [*inputs.features, *([] if job.label is None else [job.label])]
    added = added_columns(job.plan, job.id, job.mark, donors=inputs.kinds is not None)
    check_free(job.output, added, there)
    if job.with_old:
        check_old(inputs)
    if job.amount.n_samples is not None:
        check_size(_existing(job.output), job.amount.n_samples, job.rows_per_file, inputs.spec)
    with owned(job.output):
        return _resumed(job, inputs, resume, report)


def _resumed(job: Job, inputs: Inputs, resume: bool, report: Callback) -> Outcome:
    """The run from where the folder says it is."""
    given = None if inputs.given_file is None else inputs.given_file.identity
    manifest = Manifest.begin(job, inputs.identities, resume, given)
    resumed = manifest["status"] != "searching" or bool(manifest["files"])
    if manifest["status"] == "searching":
        _find(job, inputs, manifest, report)
    outcome = Outcome(manifest.content, resumed)
    if manifest["status"] != "making":
        outcome.made_before = len(manifest.whole_files())
        if outcome.made_before == len(manifest["files"]):
            return outcome
        manifest.update(status="making")
    outcome.made_before = _make(job, inputs, manifest, report)
    return outcome


def _find(job: Job, inputs: Inputs, manifest: Manifest, report: Callback) -> None:
    """Both passes over the files; what they found is saved at their end."""
    given = inputs.given()
    if given is not None:
        check_room(job, inputs.spec, len(given))
    fitted = fit(lambda state: inputs.fold(state, report), inputs.spec, given)
    check_size(job.output, fitted.n_samples or 0, job.rows_per_file, inputs.spec)
    path = manifest.path(_TABLE)
    with writing(path):
        fitted.table.save(path)
    rows = fitted.anomalies.ids
    if rows is None:
        rows = np.arange(len(fitted.anomalies.X))
    saved = [_TABLE, _ANOMALIES]
    write_rows(manifest.path(_ANOMALIES), rows, _anomaly_columns(job, inputs, fitted, rows))
    if job.id is not None and job.plan:
        partners = np.unique(fitted.table.row_ids)
        partners = partners[partners >= 0]
        write_rows(manifest.path(_IDS), partners, {"id": inputs.ids(job.id, partners)})
        saved.append(_IDS)
    if inputs.dictionaries:
        inputs.dictionaries.write(manifest.path(_LIKE))
        saved.append(_LIKE)
    counts = fitted.counts
    manifest.update(
        status="making",
        features=list(inputs.features),
        left_out=inputs.left_out,
        dtype=str(inputs.spec.dtype),
        categories=categories_told(inputs.features, fitted.table.kinds),
        rows=counts.n_rows,
        labelled_anomalies=len(fitted.anomalies.X),
        labels=told_labels(fitted.anomalies.labels),
        unlabelled_rows=counts.n_unlabeled,
        missing_rows=counts.n_missing,
        new_rows=fitted.n_samples,
        noise_std=fitted.table.noise(job.mixture.noise_std),
        skipped=inputs.skipped,
        state=manifest.describe(saved),
    )


def _anomaly_columns(job: Job, inputs: Inputs, fitted: Fitted, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Label and id of each anomaly, in the types that they will have among the new rows."""
    columns = {}
    if job.label is not None:
        labels, kind = fitted.anomalies.labels, inputs.types([job.label]).get(job.label)
        if inputs.typeless or kind is None:
            kind = _narrowest(fitted, job.anomaly)
        columns["label"] = label_array(job.anomaly[0] if labels is None else labels, len(rows), kind)
    if job.id is not None and job.plan:
        columns["id"] = inputs.anomaly_ids(job.id, rows)
    return columns


def _narrowest(fitted: Fitted, asked: tuple[str, ...]) -> Any:
    """The type of labels that are texts: the narrowest for all that were met."""
    counts = fitted.counts.labels
    if counts.rest:
        return arrow().string()
    return narrowest_type([str(value) for value in counts.counts if value is not None] or asked)


def _make(job: Job, inputs: Inputs, manifest: Manifest, report: Callback) -> int:
    """Write what is not written yet; how many files stood there before."""
    maker = _maker(job, inputs, manifest)
    files = manifest.whole_files()
    manifest.update(files=_in_order(files))
    n_before, n_rows = len(files), manifest["new_rows"]
    skipped = {item["path"] for item in manifest["skipped"]}
    old = [known for known in inputs.identities if known.path not in skipped] if job.with_old else []
    spans = {
        number: (start, min(start + job.rows_per_file, n_rows))
        for number, start in enumerate(range(0, n_rows, job.rows_per_file))
        if file_name(number) not in files
    }
    total = len(old) + -(-n_rows // job.rows_per_file)
    report("mix", n_before, total)
    for number, source in enumerate(old):
        name = old_name(number)
        if name not in files:
            files[name] = copy_file(source.path, manifest.path(name), job.mark, source)
            manifest.record(files[name])
            report("mix", len(files), total)
    for made in write_files(job.output, maker, spans):
        files[made["name"]] = made
        manifest.record(made)
        report("mix", len(files), total)
    manifest.update(status="complete", files=_in_order(files))
    return n_before


def _maker(job: Job, inputs: Inputs, manifest: Manifest) -> Maker:
    """What makes the new rows, from nothing but what the search has saved."""
    table = NeighborTable.load(manifest.saved(_TABLE), n_threads=job.n_threads)
    rows, columns = read_rows(manifest.saved(_ANOMALIES))
    labels = columns.get("label")
    new = NewRows(
        table,
        job.mixture,
        n_samples=manifest["new_rows"],
        labels=None if labels is None else labels.to_pylist(),
        n_neighbors=job.n_neighbors,
        n_neighbors_anomaly=job.n_neighbors_anomaly,
        anomaly_ids=rows,
        random_state=manifest["seed"],
    )
    label = None
    if labels is not None and job.label is not None:
        there = labels.to_pylist()
        label = Labelled(job.label, labels.take(arrow().array([there.index(value) for value in new.labels])))
    ids = None
    if "id" in columns:
        partners, besides = read_rows(manifest.saved(_IDS))
        ids = Ids((rows, columns["id"]), (partners, besides["id"]))
    return Maker(
        new,
        manifest["features"],
        label,
        plan=job.plan,
        ids=ids,
        mark=job.mark,
        types=inputs.feature_types,
        like=read_like(manifest.saved(_LIKE)) if inputs.dictionaries else {},
    )


def _in_order(files: dict[str, Any]) -> list[Any]:
    return [files[name] for name in sorted(files)]


def _existing(path: str) -> str:
    """The folder, or the nearest above it that is there."""
    path = os.path.abspath(path)
    while not os.path.isdir(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _silent(stage: str, done: int, total: int) -> None:
    pass
