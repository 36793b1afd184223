"""The one fitting sequence: a survey of all rows, then the search through them.

Whoever has the rows brings a function that runs a pass over all of them: over one array, over blocks of a
stream, over files, or over the partitions of an engine.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nngmix.neighbors.anomalies import Anomalies
from nngmix.neighbors.finished import fitted_scale, range_of
from nngmix.neighbors.glance import Mistaken
from nngmix.neighbors.passes import Counts, Search, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_neighbors, clamp_neighbors
from nngmix.parameters.warnings import warn
from nngmix.rows.rows import Rows, coded_rows
from nngmix.rows.scaling import MinMaxState

__all__ = ["Fitted", "fit"]


@dataclass(frozen=True)
class Fitted:
    """What a fit has found.

    Attributes
    ----------
    table : NeighborTable
    anomalies : Anomalies
        Those of the table; without labels if they were given, and without ids if all of them were taken.
    counts : Counts
    n_samples : int or None
        Rows to be made, where the amount was known.
    """

    table: NeighborTable
    anomalies: Anomalies
    counts: Counts
    n_samples: int | None


def fit(fold: Callable[[Any], Any], spec: FitSpec, given: Rows | None = None) -> Fitted:
    """Survey all rows if there is something to find out, then search them if neighbours will be used.

    Parameters
    ----------
    fold : callable
        Runs a pass over all rows and gives it back, or another one that is the merged result of several.
    spec : FitSpec
    given : Rows, optional
        The labelled anomalies, if they are not among the rows; they count for the scale.

    Raises
    ------
    ValueError
        For no anomalies or too many, rows that are not finite, or rows that change between the passes.
    """
    anomalies = None
    if given is not None:
        anomalies = _given(given, spec)
        # Made before the rows are read, so that wrong parameters are found first.
        _table(spec, anomalies, None)
    try:
        # A mean is in no statistics.
        return _fit(fold, spec, anomalies, trusting=spec.scale != "standard" and spec.searches(None))
    except Mistaken:
        return _fit(fold, spec, anomalies, trusting=False)


def _fit(fold: Callable[[Any], Any], spec: FitSpec, given: Anomalies | None, *, trusting: bool) -> Fitted:
    survey = search = scale = n_samples = None
    anomalies = given
    # Without a search the survey counts the rows, of which the amount may be a share.
    if anomalies is None or spec.scale is not None or not spec.searches(None):
        survey = fold(Survey(spec, trusting=trusting))
        if anomalies is None:
            anomalies = survey.anomalies()
        else:
            survey.scaling.update(anomalies.X, n_threads=spec.n_threads)
            if survey.counts.n_rows > 0:
                anomalies = anomalies.joined(survey.kinds, spec.names)
        if survey.guessed:
            search = _verified(fold, spec, survey, anomalies)
        n_samples, spec = _settled(spec, len(anomalies.X), survey.counts)
        unlabeled = None if survey.unlabeled is None else range_of(survey.unlabeled)
        scale = fitted_scale(spec, survey.scaling, anomalies, unlabeled)
    # What is done to new rows alone can wait: rows that nothing scales are searched where they lie.
    table = _table(spec, anomalies, None if spec.scale is None else scale)
    if not spec.searches(n_samples):
        table.scale = scale
        return Fitted(table, anomalies, Counts() if survey is None else survey.counts, n_samples)
    if search is None or not _serves(search, table):
        search = fold(Search(spec, table, surveys=survey is None))
    if survey is not None:
        _check_same(survey.counts, search.counts)
        search.table.scale = scale
        return Fitted(search.table, anomalies, survey.counts, n_samples)
    if search.seen is not None:
        unlabeled = range_of(search.seen) if spec.columns.clip == "unlabeled" else None
        search.seen.update(anomalies.X, n_threads=spec.n_threads)
        search.table.scale = fitted_scale(spec, search.seen, anomalies, unlabeled)
    if spec.amount is not None:
        _check_unlabeled(spec, len(anomalies.X), search.counts)
        n_samples = spec.amount.count(len(anomalies.X), search.counts.n_unlabeled)
    return Fitted(search.table, anomalies, search.counts, n_samples)


def _verified(fold: Callable[[Any], Any], spec: FitSpec, survey: Survey, anomalies: Anomalies) -> Search:
    """Search by what a survey was told, which becomes one that has seen all rows.

    Raises
    ------
    Mistaken
        For rows beyond the ranges that it was told, or of files that it did not know to be bad.
    """
    if spec.amount is not None:
        most = check_neighbors("n_neighbors", spec.n_neighbors, len(anomalies.X))
        spec = replace(spec, n_neighbors=min(most, max(1, survey.counts.n_unlabeled)))
    scale = within = None
    if spec.scale is not None and isinstance(survey.scaling, MinMaxState):
        within = survey.scaling
        try:
            scale = within.scale(spec.dtype)
        except ValueError:
            # Wider than the type can hold, if it is true.
            raise Mistaken from None
    search: Search = fold(Search(spec, _table(spec, anomalies, scale), surveys=True, within=within))
    if search.counts.n_rows != survey.counts.n_rows:
        raise Mistaken
    survey.counts = replace(search.counts, labels=survey.counts.labels)
    if search.seen is not None:
        survey.unlabeled = None if survey.unlabeled is None else deepcopy(search.seen)
        search.seen.update(anomalies.X, n_threads=spec.n_threads)
        survey.scaling = search.seen
    return search


def _serves(search: Search, table: NeighborTable) -> bool:
    """Whether a search that is done was for this table: the ends that it was told are met by rows."""
    done = search.table
    scales = (
        None if of is None else (of.offset.tobytes(), of.width.tobytes()) for of in (done.scale, table.scale)
    )
    return done.n_neighbors == table.n_neighbors and len(set(scales)) == 1


def _table(spec: FitSpec, anomalies: Anomalies, scale: Any) -> NeighborTable:
    return NeighborTable(
        coded_rows("X_anomaly", anomalies.X, spec.names, anomalies.kinds, spec.types),
        spec.n_neighbors,
        spec.n_neighbors_anomaly,
        scale=scale,
        categorical_weight=spec.columns.categorical_weight,
        n_threads=spec.n_threads,
    )


def _given(given: Rows, spec: FitSpec) -> Anomalies:
    """Anomalies of their own, which are held to the same rule as all rows."""
    X = given.whole(spec.dtype)
    finite = given.finite(X) if spec.missing == "skip" else None
    if finite is None:
        given.check_finite(X)
        return Anomalies(X, kinds=given.kinds)
    if not finite.any():
        raise ValueError(f"no row of {given.name} is finite in all columns, so that there is no anomaly left")
    ids = np.flatnonzero(finite)
    warn(
        f"left out {len(X) - len(ids)} of {len(X)} rows of {given.name}: a value is missing, NaN or "
        "infinite (missing='skip'); the table numbers the others from 0"
    )
    return Anomalies(X[finite], ids, kinds=given.kinds)


def _check_unlabeled(spec: FitSpec, n_anomalies: int, counts: Counts) -> None:
    if counts.n_unlabeled == 0 and spec.unlabeled_fraction > 0:
        there = f"; {spec.where} holds {counts.labels}" if counts.labels.counts else ""
        left = f"; missing='skip' left out {counts.n_missing} rows" if counts.n_missing else ""
        raise ValueError(
            f"there are {n_anomalies} labelled anomalies and no unlabelled row to take partners from: pass "
            f"some, or set unlabeled_fraction=0{there}{left}"
        )


def _settled(spec: FitSpec, n_anomalies: int, counts: Counts) -> tuple[int | None, FitSpec]:
    """How many rows will be made, and as many neighbours as there can be: no more are kept than are used."""
    _check_unlabeled(spec, n_anomalies, counts)
    if spec.amount is None:
        return None, spec
    n_samples = spec.amount.count(n_anomalies, counts.n_unlabeled)
    n_neighbors = check_neighbors("n_neighbors", spec.n_neighbors, n_anomalies)
    if spec.searches(n_samples):
        n_neighbors = clamp_neighbors("n_neighbors", n_neighbors, counts.n_unlabeled)
    else:
        n_neighbors = 1
    return n_samples, replace(spec, n_neighbors=n_neighbors)


def _check_same(first: Counts, second: Counts) -> None:
    before = first.n_rows, first.n_unlabeled, first.n_missing
    after = second.n_rows, second.n_unlabeled, second.n_missing
    if before != after:
        raise ValueError(
            f"two passes over the rows differ: the first met {before[0]} rows, {before[1]} of them "
            f"unlabelled and {before[2]} not finite, the second {after[0]}, {after[1]} and {after[2]}; give "
            "data that does not change from one reading to the next"
        )
