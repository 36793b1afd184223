"""The new rows of NNG-Mix as a whole that can be made in any parts, in any process."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.shares import shares
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_neighbors
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import Key, RandomState, key_from
from nngmix.plan import MixPlan, joined

__all__ = ["NewRows"]


class NewRows:
    """All that is needed to make any of the new rows: what a worker is sent, and what a file is made of.

    Parameters
    ----------
    table : NeighborTable
    mixture : Mixture
    n_samples : int or None
        Rows in all; needed, and known, where there are several classes.
    labels : list or None
        The label of each anomaly of the table; None makes them one class.
    n_neighbors, n_neighbors_anomaly : int or float
        As they were asked for: for several classes they count within each.
    anomaly_ids : ndarray of int64, optional
        What plans call the anomalies; default: their rows in `X_anomaly`.
    random_state
        Asked once, here, so that all parts draw from the same streams.

    Attributes
    ----------
    n_samples : int or None
    labels : list
        Labels of the classes in order; [None] for one without a label.
    """

    def __init__(
        self,
        table: NeighborTable,
        mixture: Mixture,
        *,
        n_samples: int | None = None,
        labels: list[Any] | None = None,
        n_neighbors: float = 10,
        n_neighbors_anomaly: float = 10,
        anomaly_ids: NDArray[np.int64] | None = None,
        random_state: RandomState = None,
    ) -> None:
        self.table, self.mixture, self.n_samples = table, mixture, n_samples
        self.anomaly_ids = anomaly_ids
        self._shares = shares(labels, len(table.X_anomaly), n_samples or 0, random_state)
        self.labels = [share.label for share in self._shares]
        self._keys: list[Key] = [key_from(share.seed) for share in self._shares]
        self._tables = [table]
        if len(self._shares) > 1:
            self._tables = [
                table.subset(
                    share.anomalies,
                    min(check_neighbors("n_neighbors", n_neighbors, len(share.anomalies)), table.n_neighbors),
                    check_neighbors("n_neighbors_anomaly", n_neighbors_anomaly, len(share.anomalies)),
                )
                for share in self._shares
            ]

    @property
    def n_features(self) -> int:
        return self.table.n_features

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.table.dtype

    def fill(self, start: int, out: NDArray[Any]) -> None:
        """Make the rows from number `start` on, as many as `out` has."""
        for number, first, span in self._parts(start, start + len(out)):
            self._tables[number].fill(out[span], first, self.mixture, self._keys[number])

    def plan(self, start: int, stop: int) -> MixPlan:
        """The choices of rows `start` to `stop`; anchors and partners by their ids."""
        return self._joined(start, [(number, plan) for number, plan, _ in self._plans(start, stop)])

    def fill_with_plan(self, start: int, out: NDArray[Any]) -> MixPlan:
        """Make the rows from number `start` on, and give what each is made of."""
        plans = []
        for number, plan, span in self._plans(start, start + len(out)):
            self._tables[number].mix(plan, noise_std=self.mixture.noise_std, out=out[span])
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
        if len(self._shares) == 1:
            return [(0, start, slice(0, stop - start))]
        found = []
        for number, share in enumerate(self._shares):
            first, last = max(start, share.start), min(stop, share.stop)
            if first < last:
                found.append((number, first - share.start, slice(first - start, last - start)))
        return found or [(0, 0, slice(0, 0))]

    def _plans(self, start: int, stop: int) -> list[tuple[int, MixPlan, slice]]:
        return [
            (
                number,
                self._tables[number].draw(first, span.stop - span.start, self.mixture, self._keys[number]),
                span,
            )
            for number, first, span in self._parts(start, stop)
        ]

    def _joined(self, start: int, plans: list[tuple[int, MixPlan]]) -> MixPlan:
        """One plan of all classes, by the ids of the anomalies."""
        return joined([self._named(number, plan) for number, plan in plans], start)

    def _named(self, number: int, plan: MixPlan) -> MixPlan:
        if self.anomaly_ids is None and len(self._shares) == 1:
            return plan
        rows = self._shares[number].anomalies
        return plan.renumbered(rows if self.anomaly_ids is None else self.anomaly_ids[rows])
