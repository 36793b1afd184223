"""What the two passes gather: first anomalies and scale, then neighbours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.neighbors.scaled import ScaledTable
from nngmix.rows.scaling import MinMaxState, Scale, scale_state

__all__ = ["Search", "Survey"]


class Survey:
    """Counts, the labelled anomalies with their rows, and the scale of all rows."""

    def __init__(
        self, scale: str | None, n_features: int, dtype: np.dtype[Any], n_threads: int | None
    ) -> None:
        self.scale, self.n_features, self.dtype, self.n_threads = scale, n_features, dtype, n_threads
        self.state = self._empty()
        self.n_rows = 0
        self.anomalies: list[NDArray[Any]] = []
        self.anomaly_rows: list[NDArray[np.int64]] = []
        self.start()

    def _empty(self) -> Any:
        # Finding ranges is the fastest check that all is finite; without a scale they are not used.
        return scale_state(self.scale, self.n_features) or MinMaxState(self.n_features)

    def start(self) -> None:
        self._state, self._n_rows = self._empty(), 0
        self._found: list[tuple[NDArray[Any], NDArray[np.int64]]] = []

    def rows(self, X: NDArray[Any], labelled: NDArray[np.bool_] | None, first_row: int) -> None:
        self._state.update(X, n_threads=self.n_threads)
        self._n_rows += len(X)
        if labelled is not None and labelled.any():
            at = np.flatnonzero(labelled)
            self._found.append((X[at], self.n_rows + first_row + at))

    def commit(self) -> None:
        self.state.merge(self._state)
        self.n_rows += self._n_rows
        self.anomalies += [rows for rows, _ in self._found]
        self.anomaly_rows += [rows for _, rows in self._found]

    def rollback(self) -> None:
        self.start()

    def take_anomalies(self, X: NDArray[Any]) -> None:
        """Anomalies of a file of their own, which count for the scale."""
        self.state.update(X, n_threads=self.n_threads)
        self.anomalies = [X]

    def fitted(self) -> Scale | None:
        return None if self.scale is None else self.state.scale(self.dtype)


class Search:
    """The table of neighbours of all rows that are no labelled anomalies; rows count over all files."""

    def __init__(self, table: ScaledTable) -> None:
        self.table = table
        self.n_rows = 0
        self.start()

    def start(self) -> None:
        # Updates replace the inner table: the one of before is kept to go back to.
        self._before, self._n_rows = self.table.table, 0

    def rows(self, X: NDArray[Any], labelled: NDArray[np.bool_] | None, first_row: int) -> None:
        where = None if labelled is None else ~labelled
        self.table.update(X, row_ids=self.n_rows + first_row, where=where)
        self._n_rows += len(X)

    def commit(self) -> None:
        self.n_rows += self._n_rows

    def rollback(self) -> None:
        self.table.table = self._before
