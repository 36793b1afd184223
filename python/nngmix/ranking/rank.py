"""Two passes over files: one that fits, one that scores, and the rows that should be looked at first."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.explanation import Explanation, shown_values
from nngmix.files.arrow import arrow
from nngmix.ranking.inputs import Batch, RankInputs
from nngmix.ranking.rankers import Ranker, Report
from nngmix.rows.labels import LabelRule
from nngmix.rows.names import check_free

__all__ = ["COLUMNS", "Ranked", "rank", "score_files"]

COLUMNS = ("rank", "row", "score", "nearest_anomaly", "label", "columns")


@dataclass(frozen=True, eq=False)
class Ranked:
    """Rows with their scores, and the first of them explained.

    Attributes
    ----------
    scores : ndarray of float64, shape (n_rows,)
        NaN for rows that are not ranked: labelled ones, and those that are not finite.
    order : ndarray of int64
        Numbers of the ranked rows: by score, the highest first, then by number.
    top : ndarray of shape (n_top, n_features)
        The first rows; objects in a mixed table, None for what is missing.
    reasons : Explanation
        Theirs.
    id : str or None
        Name of the column that tells rows apart.
    ids : pyarrow.ChunkedArray or None
        Its values.
    trained : bool
        The rows are those of the fit.
    """

    scores: NDArray[np.float64]
    order: NDArray[np.int64]
    top: NDArray[Any]
    reasons: Explanation
    id: str | None
    ids: Any
    trained: bool

    def table(self) -> Any:
        """All ranked rows as an Arrow table: those of a fit by rank, others in their own order."""
        pa = arrow()
        ranks = np.arange(1, len(self.order) + 1)
        at = np.arange(len(self.order)) if self.trained else np.argsort(self.order)
        rows = self.order[at]
        columns: dict[str, Any] = {"rank": ranks[at], "row": rows}
        if self.id is not None:
            columns[self.id] = self.ids.take(pa.array(rows))
        columns["score"] = self.scores[rows]
        # Reasons are found for the first rows alone: they cost another search.
        first = at < len(self.top)
        place = np.where(first, at, 0)

        def reason(values: Any) -> Any:
            there = pa.array(values)
            return there.take(pa.array(place, mask=~first)) if len(there) else pa.nulls(len(at), there.type)

        columns["nearest_anomaly"] = reason(self.reasons.anomaly)
        columns["label"] = reason([None if value is None else str(value) for value in self.reasons.label])
        columns["columns"] = reason([" ".join(map(str, names)) for names in self.reasons.names])
        return pa.table(columns)


class _First:
    """The rows of the highest scores so far."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.numbers, self.scores = np.empty(0, np.int64), np.empty(0)
        self.rows: NDArray[Any] | None = None

    def add(self, batch: Batch, scores: NDArray[np.float64]) -> None:
        at = in_order(scores)[: self.size]
        rows = batch.rows
        # Of categories each batch has ranks of its own.
        found = rows.take(at) if rows.kinds is None else shown_values(rows, at)
        self.rows = found if self.rows is None else np.concatenate([self.rows, found])
        self.numbers = np.concatenate([self.numbers, batch.first_row + at])
        self.scores = np.concatenate([self.scores, scores[at]])
        kept = np.lexsort([self.numbers, -self.scores])[: self.size]
        self.numbers, self.scores, self.rows = self.numbers[kept], self.scores[kept], self.rows[kept]


def in_order(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers of the rows that have a score: the highest first, and of equal ones the first row."""
    numbers = np.flatnonzero(~np.isnan(scores))
    return numbers[np.argsort(-scores[numbers], kind="stable")]


def rank(
    inputs: RankInputs, rule: LabelRule, ranker: Ranker, *, top: int = 20, report: Report | None = None
) -> Ranked:
    """Fit a ranker on all rows, and rank those that are unlabelled.

    Parameters
    ----------
    inputs : RankInputs
        With labels.
    rule : LabelRule
        Who is who.
    ranker : Ranker
    top : int, default=20
        Rows that are explained.
    report : callable, optional
        Called with the stage and the rows done.

    Returns
    -------
    Ranked

    Raises
    ------
    ValueError
        For labels that are not there, no labelled anomaly, rows that are not finite, and whatever is wrong
        with the files.
    """
    report = report or _silent
    check_free("the output", COLUMNS, [] if inputs.id is None else [inputs.id])
    ranker.fit(inputs, rule, report)

    def scores(batch: Batch) -> NDArray[np.float64]:
        found = ranker.training_scores(batch)
        if batch.labels is not None:
            found[~rule.split(batch.labels).unlabeled] = np.nan
        return found

    return _ranked(inputs, ranker, scores, top, report, trained=True)


def score_files(inputs: RankInputs, ranker: Ranker, *, top: int = 20, report: Report | None = None) -> Ranked:
    """Score rows that a fitted ranker has not seen.

    Parameters
    ----------
    inputs : RankInputs
        With the features of the ranker.
    ranker : Ranker
    top, report
        As for `rank`.

    Returns
    -------
    Ranked

    Raises
    ------
    ValueError
        For rows that are not finite, and whatever is wrong with the files.
    """
    check_free("the output", COLUMNS, [] if inputs.id is None else [inputs.id])
    return _ranked(
        inputs, ranker, lambda batch: ranker.scores(batch.rows), top, report or _silent, trained=False
    )


def _ranked(
    inputs: RankInputs, ranker: Ranker, scores: Any, top: int, report: Report, *, trained: bool
) -> Ranked:
    pa = arrow()
    found: list[NDArray[np.float64]] = []
    ids: list[Any] = []
    first = _First(top)
    for batch in inputs.batches():
        found.append(scores(batch))
        first.add(batch, found[-1])
        if batch.ids is not None:
            ids.append(batch.ids)
        report("scoring", batch.first_row + len(batch.rows))
    together = np.concatenate(found)
    rows = np.empty((0, inputs.like.n_features)) if first.rows is None else first.rows
    reasons = ranker.score.explain(rows, first.numbers if trained else None)
    return Ranked(
        together,
        in_order(together),
        rows,
        reasons,
        inputs.id,
        pa.chunked_array(ids) if ids else None,
        trained,
    )


def _silent(stage: str, done: int) -> None:
    pass
