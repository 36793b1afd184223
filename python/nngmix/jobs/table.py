"""A table of neighbours from files: of all of them, or of a part, whose table merges with the others'."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nngmix.jobs.inputs import Inputs
from nngmix.jobs.job import Job
from nngmix.jobs.room import check_room
from nngmix.neighbors.anomalies import Anomalies
from nngmix.neighbors.fit import Fitted, fit
from nngmix.neighbors.passes import Search, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.progress import Callback
from nngmix.rows.column_types import joined_types
from nngmix.rows.names import listed, order
from nngmix.rows.rows import coded_rows

__all__ = ["Found", "find_table"]


@dataclass(frozen=True)
class Found:
    """What a search of files has found.

    Attributes
    ----------
    fitted : Fitted
    files : list of str
        Those that were named.
    left_out : dict of str to str
        Columns that nobody left out by name, and why they are no features.
    skipped : list of dict
        Path and error of bad files.
    """

    fitted: Fitted
    files: list[str]
    left_out: dict[str, str]
    skipped: list[dict[str, str]]


def find_table(
    job: Job,
    report: Callback,
    *,
    like: NeighborTable | None = None,
    first_row: int = 0,
    survey_only: bool = False,
) -> Found:
    """Search the files of a job, without making rows.

    Parameters
    ----------
    job : Job
        Its amount is not looked at.
    report : callable
        Called with the stage, the files done and the files in all.
    like : NeighborTable, optional
        Anomalies, scale and numbers of neighbours are those of this table, and one pass is enough.
    first_row : int, default=0
        What the table calls the first row.
    survey_only : bool, default=False
        Look for the anomalies and the scale alone.

    Raises
    ------
    ValueError
        For inputs or options that do not fit, and anomalies of several labels.
    MemoryError
        For more labelled anomalies than fit into the memory of the job.
    OSError
        If a file cannot be read.
    """
    inputs = Inputs(job, None if like is None else like.known)
    given = inputs.given() if like is None else None
    # Without an amount, as many neighbours are kept as were asked for, whatever rows this part has.
    spec = replace(inputs.spec, amount=None)
    if like is not None:
        fitted = _search(inputs, spec, like, report)
    else:
        if given is not None:
            check_room(job, inputs.spec, len(given))
        if survey_only:
            spec = replace(spec, unlabeled_fraction=0.0)

        def fold(state: Any) -> Any:
            state = inputs.fold(state, report)
            if isinstance(state, Survey) and given is None:
                _check_one_label(state)
            return state

        fitted = fit(fold, spec, given)
    types = inputs.column_types
    fitted.table.types = types if like is None else joined_types(like.types, types)
    ids = fitted.table.row_ids
    shifted = np.where(ids < 0, ids, ids + first_row)
    fitted.table.state = replace(fitted.table.state, row_ids=shifted)
    return Found(fitted, inputs.files, inputs.left_out, inputs.skipped)


def _search(inputs: Inputs, spec: FitSpec, like: NeighborTable, report: Callback) -> Fitted:
    """One pass for the anomalies of another table."""
    if like.feature_names is not None:
        passed_by = {*inputs.job.ignore, inputs.job.label, *inputs.left_out}
        there = [name for name in inputs.names if name not in passed_by]
        order(inputs.files[0], there, tuple(map(str, like.feature_names)), "the table; see --ignore")
    elif like.n_features != spec.n_features:
        raise ValueError(
            f"{inputs.files[0]} must have the {like.n_features} columns of the table, got {spec.n_features}"
        )
    if np.result_type(spec.dtype, like.dtype) != like.dtype:
        raise ValueError(f"{inputs.files[0]} is {spec.dtype} but the table is {like.dtype}: cast one of them")
    table = NeighborTable(
        coded_rows("X_anomaly", like.X_anomaly, like.feature_names, like.kinds, like.types),
        like.n_neighbors,
        like.n_neighbors_anomaly,
        scale=like.scale,
        categorical_weight=like.categorical_weight,
        n_threads=inputs.job.n_threads,
    )
    search = inputs.fold(Search(replace(spec, dtype=like.dtype), table), report)
    return Fitted(search.table, Anomalies(like.X_anomaly), search.counts, None)


def _check_one_label(survey: Survey) -> None:
    labels = list(dict.fromkeys(survey.anomalies().labels or ()))
    if len(labels) > 1:
        raise ValueError(
            f"a table holds anomalies of one label, got {listed(map(repr, labels), 8)}: make a table for "
            "each, with --anomaly for it and --unlabeled for the rows that are unlabelled"
        )
