"""The one pass of a neighbour score: scale, labelled rows, and a sample of the unlabelled ones."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.reservoir import Reservoir
from nngmix.neighbors.passes import Report, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.labels import Labels
from nngmix.rows.rows import Rows

__all__ = ["ScoreSurvey"]

Found = tuple[NDArray[np.int64], NDArray[Any]]


class ScoreSurvey(Survey):
    """A survey that keeps rows known to be normal, and a sample of the unlabelled ones, as well.

    Parameters
    ----------
    spec : FitSpec
    reference_rows : int
        Unlabelled rows that are kept at most.
    seed : SeedSequence
        Of the sample.
    """

    def __init__(self, spec: FitSpec, reference_rows: int, seed: np.random.SeedSequence) -> None:
        super().__init__(spec)
        self.sample = Reservoir(reference_rows, spec, seed)
        self.normal: list[Found] = []

    def update(self, rows: Rows, labels: Labels | None, first_id: int, report: Report | None = None) -> None:
        super().update(rows, labels, first_id, report)
        who = None if labels is None or self.spec.rule is None else self.spec.rule.split(labels)
        self.sample.update(rows, None if who is None else who.unlabeled, first_id)
        if who is not None and who.normal.any():
            self.add_normal(rows, np.flatnonzero(who.normal), first_id)

    def add_normal(self, rows: Rows, at: NDArray[np.intp], first_id: int) -> None:
        """Take the rows at `at` for normal; they count for the scale, as they did before they were known."""
        found = rows.take(at, self.spec.dtype)
        finite = rows.finite(found)
        if finite is not None:
            if self.spec.missing == "error":
                rows.check_finite(found[~finite], int(at[~finite][0]))
            at, found = at[finite], found[finite]
        self.scaling.update(found, n_threads=self.spec.n_threads)
        self.normal.append((first_id + at, found))

    def merge(self, other: Self) -> None:
        super().merge(other)
        self.sample.merge(other.sample)
        self.normal = self.normal + other.normal

    def copied(self) -> Self:
        survey = super().copied()
        survey.sample, survey.normal = self.sample.copied(), list(self.normal)
        return survey

    def normals(self) -> Found:
        """Ids and rows of those known to be normal, by id."""
        empty = np.empty((0, self.spec.n_features), self.spec.dtype)
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in self.normal)])
        rows = np.concatenate([empty, *(rows for _, rows in self.normal)])
        order = np.argsort(ids)
        return ids[order], rows[order]
