"""The nearest rows seen so far: three arrays that the kernels take and give."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.arrays import check_memory, frozen

__all__ = ["SEARCH_VALUES", "State", "empty_state"]

# Values of a block that is searched: the beginning of a search costs as much as reading a smaller one.
SEARCH_VALUES = 1 << 21


@dataclass(frozen=True, eq=False)
class State:
    """For each query its nearest rows, nearest first: read-only arrays, replaced and never written into.

    Attributes
    ----------
    squared_distances : ndarray of float64, shape (n_queries, n_neighbors)
    row_ids : ndarray of int64, shape (n_queries, n_neighbors)
    neighbor_rows : ndarray of shape (n_queries, n_neighbors, n_features)
    """

    squared_distances: NDArray[np.float64]
    row_ids: NDArray[np.int64]
    neighbor_rows: NDArray[Any]

    def __post_init__(self) -> None:
        self.__setstate__(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(frozen(state))

    def chosen(self, queries: NDArray[np.int64], n_neighbors: int) -> "State":
        """The first neighbours of some of the queries."""
        return State(
            np.ascontiguousarray(self.squared_distances[queries, :n_neighbors]),
            np.ascontiguousarray(self.row_ids[queries, :n_neighbors]),
            np.ascontiguousarray(self.neighbor_rows[queries, :n_neighbors]),
        )


def empty_state(queries: NDArray[Any], n_neighbors: int) -> State:
    """The state of a search that has seen no row; MemoryError if this machine cannot hold it."""
    shape = (len(queries), n_neighbors)
    check_memory(
        f"n_neighbors={n_neighbors} of {shape[0]} rows of {queries.shape[1]} columns",
        shape[0] * n_neighbors * (16 + queries.shape[1] * queries.itemsize),
        "ask for fewer neighbours",
    )
    contents = np.zeros((*shape, queries.shape[1]), queries.dtype)
    return State(np.full(shape, np.inf), np.full(shape, -1, np.int64), contents)
