"""Exact nearest neighbours of one set of rows in another."""

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.neighbors.state import State, empty_state
from nngmix.parameters.checks import check_count, check_threads, clamp_neighbors
from nngmix.rows.arrays import check_memory
from nngmix.rows.rows import Rows, as_rows, common_dtype, matched

__all__ = ["kneighbors"]

# A neighbour, once in the lists of the search and once in what comes back.
_NEIGHBOR_BYTES = 32


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
    X_query : array-like or frame of shape (n_queries, n_features)
        Rows whose neighbours are wanted. Finite real numbers.
    X : array-like or frame of shape (n_rows, n_features)
        Rows searched. Columns are matched by name where both have names. A C-contiguous array of the common
        dtype (float32 if both are, else float64) is read where it lies; anything else is converted block by
        block.
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
        For shapes or names of columns that do not fit, NaN or infinity (the row and column are named), or
        `n_neighbors` < 1.
    TypeError
        For what does not hold real numbers.
    MemoryError
        If the neighbours would not fit into this machine's memory.
    """
    n_neighbors = check_count("n_neighbors", n_neighbors, minimum=1)
    n_threads = check_threads(n_threads)
    query_rows, rows = as_rows("X_query", X_query), as_rows("X", X)
    rows = matched(rows, query_rows)
    if exclude_self and len(query_rows) != len(rows):
        raise ValueError(
            f"exclude_self needs X_query and X to be the same rows, got {len(query_rows)} and {len(rows)}"
        )
    n_rows = len(rows) - int(exclude_self)
    if n_rows < 1:
        raise ValueError(f"X must have at least {1 + int(exclude_self)} rows, got {len(rows)}")
    n_neighbors = clamp_neighbors("n_neighbors", n_neighbors, n_rows)
    check_memory(
        f"n_neighbors={n_neighbors} of {len(query_rows)} queries",
        len(query_rows) * n_neighbors * _NEIGHBOR_BYTES,
        "search for fewer queries at a time, or fewer neighbours",
    )
    queries = query_rows.whole(common_dtype(query_rows, rows))
    query_rows.check_finite(queries)
    # One more than asked for: a row's own number is dropped afterwards, wherever it stands in the list.
    squared, indices = _search(queries, rows, n_neighbors + int(exclude_self), n_threads)
    if exclude_self:
        squared, indices = _drop_self(squared, indices)
    return np.sqrt(squared), indices


def _search(
    queries: NDArray[Any], rows: Rows, n_neighbors: int, n_threads: int | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if len(queries) == 0:
        return np.empty((0, n_neighbors)), np.empty((0, n_neighbors), np.int64)
    parts = rows.blocks(queries.dtype, n_threads=n_threads)
    first = next(parts)
    if len(first[1]) == len(rows):
        with rows.located(first[1]):
            return _core.kneighbors(queries, first[1], n_neighbors, n_threads)
    state = empty_state(queries, n_neighbors)
    for start, block in chain([first], parts):
        with rows.located(block, start):
            filled = min(start, n_neighbors)
            state = State(**_core.update(queries, state, filled, block, start, n_threads))
    return state.squared_distances, state.row_ids


def _drop_self(
    squared: NDArray[np.float64], indices: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    keep = indices != np.arange(len(indices))[:, None]
    # A row whose own number is not in its list gives up the last one.
    keep[:, -1] ^= keep.all(axis=1)
    shape = (len(indices), indices.shape[1] - 1)
    return squared[keep].reshape(shape), indices[keep].reshape(shape)
