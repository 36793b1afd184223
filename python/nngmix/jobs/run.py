"""One run from its manifest on: every step that is done stays done, whenever the process is killed."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from nngmix.files.arrow import arrow
from nngmix.files.csv_numbers import narrowest_type
from nngmix.files.scan import Scan
from nngmix.files.replace import writing
from nngmix.files.schema import cast_column
from nngmix.jobs.inputs import Inputs, Report
from nngmix.jobs.job import Job
from nngmix.jobs.manifest import Manifest, checksum
from nngmix.jobs.new_files import Labelled, Maker, file_name, write_files
from nngmix.jobs.old_files import check_old, copy_file, old_name
from nngmix.jobs.provenance import ID_COLUMNS, Ids, read_rows, wanted_ids, write_rows
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.fit import Fitted, fit
from nngmix.neighbors.table import NeighborTable
from nngmix.plan import PLAN_COLUMNS

__all__ = ["Outcome", "run"]

_TABLE, _ANOMALIES, _IDS = "_table.npz", "_anomalies.parquet", "_ids.parquet"


@dataclass
class Outcome:
    """What the summary tells of a run."""

    manifest: dict[str, Any]
    resumed: bool = False
    made_before: int = 0


def run(job: Job, *, resume: bool = False, report: Report | None = None) -> Outcome:
    """Make the new rows of a job; see ``nngmix augment --help``.

    Parameters
    ----------
    job : Job
    resume : bool, default=False
        Go on with the run that the output folder holds.
    report : callable, optional
        Called with the stage, the files done and the files in all.

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
    report = report or _silent
    inputs = Inputs(job)
    _check_names(job, inputs)
    if job.with_old:
        check_old(inputs)
    manifest = Manifest.begin(job, inputs.files, resume)
    resumed = manifest["status"] != "searching" or bool(manifest["files"])
    if manifest["status"] == "searching":
        _find(job, inputs, manifest, report)
    outcome = Outcome(manifest.content, resumed)
    if manifest["status"] != "making":
        outcome.made_before = len(_whole(manifest))
        if outcome.made_before == len(manifest["files"]):
            return outcome
        manifest.update(status="making")
    outcome.made_before = _make(job, inputs, manifest, report)
    return outcome


def _find(job: Job, inputs: Inputs, manifest: Manifest, report: Report) -> None:
    """Both passes over the files; what they found is saved at their end."""
    given = inputs.given()
    if given is not None:
        inputs.check_memory(len(given))
    fitted = fit(lambda state: inputs.fold(state, report), inputs.spec, given)
    path = manifest.path(_TABLE)
    with writing(path):
        fitted.table.save(path)
    rows = fitted.anomalies.ids
    if rows is None:
        rows = np.arange(len(fitted.anomalies.X))
    columns = _anomaly_columns(job, inputs, fitted, rows)
    write_rows(manifest.path(_ANOMALIES), rows, columns)
    if job.id is not None and job.plan:
        partners = np.unique(fitted.table.row_ids)
        partners = partners[partners >= 0]
        ids = wanted_ids(partners, inputs.ids(), inputs.types()[job.id])
        write_rows(manifest.path(_IDS), partners, [("id", ids)])
    counts = fitted.counts
    manifest.update(
        status="making",
        features=list(inputs.features),
        left_out=inputs.left_out,
        dtype=str(inputs.spec.dtype),
        rows=counts.n_rows,
        labelled_anomalies=len(fitted.anomalies.X),
        labels=_told(fitted),
        unlabelled_rows=counts.n_unlabeled,
        missing_rows=counts.n_missing,
        new_rows=fitted.n_samples,
        skipped=inputs.skipped,
        table={"name": _TABLE, "sha256": checksum(manifest.path(_TABLE))},
    )


def _anomaly_columns(job: Job, inputs: Inputs, fitted: Fitted, rows: Any) -> list[tuple[str, Any]]:
    """Label and id of each anomaly, in the types that they will have among the new rows."""
    pa = arrow()
    columns = []
    types = inputs.types()
    if job.label is not None:
        labels = fitted.anomalies.labels
        if labels is None:
            labels = [job.anomaly[0]] * len(rows)
        columns.append(("label", _typed(labels, types.get(job.label), inputs.typeless, fitted)))
    if job.id is not None and job.plan:
        if job.anomalies is None:
            ids = wanted_ids(rows, inputs.ids(), types[job.id])
        else:
            there = Scan(job.anomalies, csv=job.csv, text=[job.id])
            ids = pa.nulls(len(rows), types[job.id])
            if job.id in there.names:
                found = pa.chunked_array(
                    [batch.column(0) for batch in there.select([job.id], text=[job.id])]
                ).combine_chunks()
                ids = cast_column(found.take(pa.array(rows)), types[job.id], job.anomalies, job.id)
        columns.append(("id", ids))
    return columns
