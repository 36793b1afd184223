"""The new rows of all classes as one output, which can be made in any parts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.recipe import Recipe, SourceT
from nngmix.methods.shares import Share
from nngmix.parameters.seed import key_from
from nngmix.plan import PlanT, joined
from nngmix.rows.label_values import same_label
from nngmix.rows.names import listed

__all__ = ["ClassRows"]


class ClassRows(Generic[SourceT, PlanT]):
    """The rows of each class one after the other, numbered from 0 in all.

    Parameters
    ----------
    recipe : Recipe
    sources : sequence
        What the rows of each class are made from.
    classes : sequence of Share
    anomaly_ids : ndarray of int64, optional
        What plans call the anomalies of all classes; default: they are numbered from 0.

    Attributes
    ----------
    labels : list
        Labels of the classes in order; [None] for one without a label.
    """

    def __init__(
        self,
        recipe: Recipe[SourceT, PlanT],
        sources: Sequence[SourceT],
        classes: Sequence[Share],
        anomaly_ids: NDArray[np.int64] | None = None,
    ) -> None:
        self.labels = [share.label for share in classes]
        self.anomaly_ids = anomaly_ids
        self._recipe, self._sources, self._classes = recipe, sources, classes
        self._keys = [key_from(share.seed) for share in classes]

    @property
    def amounts(self) -> dict[Any, int]:
        """How many rows each class has."""
        return {share.label: len(share) for share in self._classes}

    def of_class(self, label: Any) -> "ClassRows[SourceT, PlanT]":
        """The rows of one class, numbered from 0 without an end.

        Raises
        ------
        ValueError
            For a label that is none of a class.
        """
        number = next((i for i, there in enumerate(self.labels) if same_label(label, there)), None)
        if number is None:
            known = listed(map(repr, self.labels))
            raise ValueError(f"label must be that of a class that rows are made of, {known}, got {label!r}")
        share = self._classes[number]
        alone = replace(share, start=0, stop=len(share))
        return ClassRows(self._recipe, [self._sources[number]], [alone], self.anomaly_ids)

    def fill(self, start: int, out: NDArray[Any]) -> None:
        """Make the rows from number `start` on, as many as `out` has."""
        for number, first, span in self._parts(start, start + len(out)):
            self._recipe.fill(self._sources[number], first, out[span], self._keys[number])

    def plan(self, start: int, stop: int) -> PlanT:
        """The choices of rows `start` to `stop`; anchors and partners by their ids."""
        return self._joined(start, [(number, plan) for number, plan, _ in self._plans(start, stop)])

    def fill_with_plan(self, start: int, out: NDArray[Any]) -> PlanT:
        """Make the rows from number `start` on, and give what each is made of."""
        plans = []
        for number, plan, span in self._plans(start, start + len(out)):
            self._recipe.make(self._sources[number], plan, out[span])
            plans.append((number, plan))
        return self._joined(start, plans)

    def kinds(self, start: int, stop: int) -> NDArray[np.int64]:
        """For each of rows `start` to `stop` which of `labels` it carries."""
        kinds = np.zeros(stop - start, np.int64)
        for number, _, span in self._parts(start, stop):
            kinds[span] = number
        return kinds

    def _parts(self, start: int, stop: int) -> list[tuple[int, int, slice]]:
        """For each class within rows `start` to `stop`: its number, its first row, where its rows stand."""
        if len(self._classes) == 1:
            return [(0, start, slice(0, stop - start))]
        found = []
        for number, share in enumerate(self._classes):
            first, last = max(start, share.start), min(stop, share.stop)
            if first < last:
                found.append((number, first - share.start, slice(first - start, last - start)))
        return found or [(0, 0, slice(0, 0))]

    def _plans(self, start: int, stop: int) -> Iterator[tuple[int, PlanT, slice]]:
        for number, first, span in self._parts(start, stop):
            source, n_samples = self._sources[number], span.stop - span.start
            yield number, self._recipe.draw(source, first, n_samples, self._keys[number]), span

    def _joined(self, start: int, plans: list[tuple[int, PlanT]]) -> PlanT:
        """One plan of all classes, by the ids of the anomalies."""
        return joined([self._named(number, plan) for number, plan in plans], start)

    def _named(self, number: int, plan: PlanT) -> PlanT:
        if self.anomaly_ids is None and len(self._classes) == 1:
            return plan
        ids = self._classes[number].anomalies
        if self.anomaly_ids is not None:
            ids = self.anomaly_ids[ids]
        return self._recipe.named(self._sources[number], plan, ids)
