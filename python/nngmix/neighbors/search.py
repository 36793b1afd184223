"""Exact nearest neighbours."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.parameters.checks import check_count, check_threads, clamp_neighbors
from nngmix.rows.matrix import aligned, as_matrix, as_rows, blocks, check_finite, row_dtype

__all__ = ["State", "empty_state", "kneighbors", "update_state"]


@dataclass(frozen=True, eq=False)
class State:
    """The nearest rows of each query: their squared distances, ids and contents."""

    squared_distances: NDArray[np.float64]
    row_ids: NDArray[np.int64]
    neighbor_rows: NDArray[Any]

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(aligned(state))


def kneighbors(
    X_query: ArrayLike,
    X: ArrayLike,
    n_neighbors: int,
    *,
    exclude_self: bool = False,
    n_threads: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find the exact nearest rows of `X` for every row of `X_query`.

    The result is that of a scan which sums ``(x_j - q_j)**2`` in float64, columns in order, and sorts by
    (distance, row content, row number): ties have one answer, whatever the machine or the threads.

    Parameters
    ----------
    X_query : array-like of shape (n_queries, n_features)
        Rows whose neighbours are wanted. Finite real numbers.
    X : array-like of shape (n_rows, n_features)
        Rows searched. A C-contiguous array of the common dtype (float32 if both are, else float64) is read
        where it lies; anything else is converted block by block.
    n_neighbors : int
        Neighbours of each query, at least 1. Clamped to the rows there are, with a UserWarning.
    exclude_self : bool, default=False
        `X_query` and `X` are the same rows, and row i is no neighbour of itself; its duplicates are.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    distances : ndarray of float64, shape (n_queries, n_neighbors)
        Euclidean distances, ascending.
    indices : ndarray of int64, shape (n_queries, n_neighbors)
        Rows of `X`.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN or infinity (the row and column are named), or `n_neighbors` < 1.
    TypeError
        For arrays that do not hold real numbers.
    """
    n_neighbors = check_count("n_neighbors", n_neighbors, minimum=1)
    n_threads = check_threads(n_threads)
    queries, array = as_matrix("X_query", X_query), as_matrix("X", X)
    if queries.shape[1] != array.shape[1]:
        raise ValueError(
            f"X_query and X must have the same columns, got {queries.shape[1]} and {array.shape[1]}"
        )
    if exclude_self and len(queries) != len(array):
        raise ValueError(
            f"exclude_self needs X_query and X to be the same rows, got {len(queries)} and {len(array)}"
        )
    n_rows = len(array) - int(exclude_self)
    if n_rows < 1:
        raise ValueError(f"X must have at least {1 + int(exclude_self)} rows, got {len(array)}")
    n_neighbors = clamp_neighbors("n_neighbors", n_neighbors, n_rows)
    dtype = row_dtype(queries, array)
    queries = as_rows("X_query", queries, dtype)
    check_finite("X_query", queries)
    # One more than asked for: a row's own number is dropped afterwards, wherever it stands in the list.
    squared, indices = _search(queries, array, n_neighbors + int(exclude_self), n_threads)
    if exclude_self:
        squared, indices = _drop_self(squared, indices)
    return np.sqrt(squared), indices


def _search(
    queries: NDArray[Any], array: NDArray[Any], n_neighbors: int, n_threads: int | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    parts = blocks("X", array, queries.dtype)
    first = next(parts)
    rows = first[1]
    if len(rows) == len(array):
        try:
            return _core.kneighbors(queries, rows, n_neighbors, n_threads)
        except ValueError:
            check_finite("X", rows)
            raise
    state = empty_state(queries, n_neighbors)
    for start, block in chain([first], parts):
        filled = min(start, n_neighbors)
        state = update_state("X", queries, state, filled, block, start, n_threads, start)
    return state.squared_distances, state.row_ids


def _drop_self(
    squared: NDArray[np.float64], indices: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    keep = indices != np.arange(len(indices))[:, None]
    # A row whose own number is not in its list gives up the last one.
    keep[:, -1] ^= keep.all(axis=1)
    shape = (len(indices), indices.shape[1] - 1)
    return squared[keep].reshape(shape), indices[keep].reshape(shape)


def empty_state(anomalies: NDArray[Any], n_neighbors: int) -> State:
    """The state of a search that has seen no row."""
    shape = (len(anomalies), n_neighbors)
    contents = np.zeros((*shape, anomalies.shape[1]), anomalies.dtype)
    return State(np.full(shape, np.inf), np.full(shape, -1, np.int64), contents)


def update_state(
    name: str,
    anomalies: NDArray[Any],
    state: State,
    filled: int,
    rows: NDArray[Any],
    ids: int | NDArray[np.int64],
    n_threads: int | None,
    first_row: int = 0,
) -> State:
    """The state after one more block; `first_row` is the block's first row in what the caller passed."""
    try:
        return State(**_core.update(anomalies, state, filled, rows, ids, n_threads))
    except ValueError:
        # The kernel finds such values on its way through the rows; name the argument and the value here.
        check_finite(name, rows, first_row)
        raise
