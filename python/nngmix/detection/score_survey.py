"""The one pass of a neighbour score: scale, labelled rows, and a sample of the unlabelled ones."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.reservoir import Reservoir, united
from nngmix.neighbors.passes import Report, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.kinds import Kinds
from nngmix.rows.labels import Labels
from nngmix.rows.rows import Rows

__all__ = ["ScoreSurvey"]

# Ids, rows, and what their columns hold.
Found = tuple[NDArray[np.int64], NDArray[Any], Kinds | None]


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
        good = ~np.isinf(found) if rows.may_miss else np.isfinite(found)
        bad = ~good.all(axis=1)
        if bad.any():
            if self.spec.missing != "skip":
                rows.check_finite(found[bad], int(at[bad][0]))
            at, found = at[~bad], found[~bad]
        self.scaling.update(found, n_threads=self.spec.n_threads)
        self.normal.append((first_id + at, found, rows.kinds))

    def merge(self, other: Self) -> None:
        super().merge(other)
        self.sample.merge(other.sample)
        self.normal = self.normal + other.normal

    def copied(self) -> Self:
        survey = super().copied()
        survey.sample, survey.normal = self.sample.copied(), list(self.normal)
        return survey

    def normals(self) -> Found:
        """Those known to be normal, by id."""
        spec = self.spec
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _, _ in self.normal)])
        rows, kinds = united(
            [(rows, kinds) for _, rows, kinds in self.normal], spec.n_features, spec.dtype, spec.names
        )
        order = np.argsort(ids)
        return ids[order], rows[order], kinds
