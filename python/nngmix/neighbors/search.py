"""Exact nearest neighbours of one set of rows in another."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.neighbors.state import SEARCH_VALUES, State, empty_state
from nngmix.parameters.checks import check_count, check_flag, check_threads, clamp_neighbors
from nngmix.parameters.progress import Callback, reported
from nngmix.rows.arrays import check_memory
from nngmix.rows.asked_columns import Features, Missing
from nngmix.rows.kinds import Mixed
from nngmix.rows.rows import Known, Rows, as_rows, common_dtype, paired
from nngmix.rows.unscaled import asked_unscaled, check_weighed

__all__ = ["kneighbors", "search"]

Found = tuple[NDArray[np.float64], NDArray[np.int64]]

# A search that reports holds the contents of the neighbours of a part of the queries, this many values at
# most unless few queries have more, for all rows are read for each part.
_HELD_VALUES = 1 << 24
_LEAST_QUERIES = 64

# A neighbour, once in the lists of the search and once in what comes back.
_NEIGHBOR_BYTES = 32


def kneighbors(
    X_query: ArrayLike | Rows,
    X: ArrayLike | Rows,
    n_neighbors: int,
    *,
    exclude_self: bool = False,
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    missing: Missing = "error",
    callback: Callback | None = None,
    verbose: bool = False,
    n_threads: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find the exact nearest rows of `X` for every row of `X_query`.

    The result is that of a scan which sums ``(x_j - q_j)**2`` in float64, columns in order, and sorts by
    (distance, row content, row number): ties have one answer, whatever the machine or the threads.

    With categories or missing values the metric is HEOM (Wilson and Martinez, 1997): numbers that are present
    on both sides are summed as ever; then one addition counts 1 for each number that is missing on either
    side, and `categorical_weight` for each category that differs, or is missing on either side.

    Parameters
    ----------
    X_query : array-like or frame of shape (n_queries, n_features)
        Rows whose neighbours are wanted. Finite real numbers, unless the next parameters say otherwise.
    X : array-like or frame of shape (n_rows, n_features)
        Rows searched. Columns are matched by name where both have names. A C-contiguous array of the common
        dtype (float32 if both are, else float64) is read where it lies; anything else is converted block by
        block.
    n_neighbors : int
        Neighbours of each query, at least 1. Clamped to the rows there are, with a UserWarning.
    exclude_self : bool, default=False
        `X_query` and `X` are the same rows, and row i is no neighbour of itself; its duplicates are.
    categorical_features : list, 'auto' or None
        Columns whose values are the same or not: by name, by position or as a mask of bools; 'auto' for those
        whose type is of categories, texts or booleans.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance. Needed with categories and with
        ``missing="keep"``: scale the other columns first, to 0..1 for instance, then 1 is of their size.
    missing : {'error', 'keep'}, default='error'
        Whether missing values (NaN, None, NA, null) are refused, or are values like others. Infinity is
        refused.
    callback : callable, optional
        Called after each part with the stage, "search", rows done and rows in all: `X` is searched once for
        each part of the queries, if there are many. An exception in it ends the call.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
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
        For what holds neither real numbers nor categories that are asked for.
    MemoryError
        If the neighbours would not fit into this machine's memory.
    """
    n_neighbors = check_count("n_neighbors", n_neighbors, minimum=1)
    exclude_self, n_threads = check_flag("exclude_self", exclude_self), check_threads(n_threads)
    asked = asked_unscaled(categorical_features, categorical_weight, missing)
    query_rows = as_rows("X_query", X_query, asked=asked)
    rows = as_rows("X", X, asked=asked, known=Known.of(query_rows))
    rows, query_rows = paired(rows, query_rows)
    check_weighed(rows.kinds, categorical_weight)
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
    with reported(callback, verbose) as report:
        mixed = None if rows.kinds is None else rows.kinds.mixed(asked.categorical_weight)
        squared, indices = search(queries, rows, n_neighbors, exclude_self, n_threads, report, mixed=mixed)
    return np.sqrt(squared), indices


def search(
    queries: NDArray[Any],
    rows: Rows,
    n_neighbors: int,
    exclude_self: bool,
    n_threads: int | None,
    report: Callback | None = None,
    *,
    mixed: Mixed | None = None,
) -> Found:
    """`kneighbors` with parameters that were checked; squared distances."""
    if exclude_self:
        # One more than asked for: a row's own number is dropped afterwards, wherever it stands in the list.
        return _core.without_self(
            *search(queries, rows, n_neighbors + 1, False, n_threads, report, mixed=mixed)
        )
    if report is None or len(queries) == 0:
        return _search_part(queries, rows, n_neighbors, n_threads, None, mixed)
    step = max(_LEAST_QUERIES, _HELD_VALUES // (n_neighbors * queries.shape[1]))
    parts = [queries[first : first + step] for first in range(0, len(queries), step)]
    found = []
    for number, part in enumerate(parts):

        def report_part(done: int, number: int = number) -> None:
            report("search", number * len(rows) + done, len(parts) * len(rows))

        found.append(_search_part(part, rows, n_neighbors, n_threads, report_part, mixed))
    squared, indices = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return squared, indices


def _search_part(
    queries: NDArray[Any],
    rows: Rows,
    n_neighbors: int,
    n_threads: int | None,
    report: Callable[[int], None] | None,
    mixed: Mixed | None,
) -> Found:
    """The search in one go, or in blocks of rows to be converted or reported."""
    if len(queries) == 0:
        return np.empty((0, n_neighbors)), np.empty((0, n_neighbors), np.int64)
    blocks = rows.blocks(queries.dtype, None if report is None else SEARCH_VALUES, n_threads=n_threads)
    state: State | None = None
    for start, block in blocks:
        with rows.located(block, start):
            if len(block) == len(rows):
                found = _core.kneighbors(queries, block, n_neighbors, n_threads, mixed)
            else:
                state = state or empty_state(queries, n_neighbors)
                filled = min(start, n_neighbors)
                state = State(**_core.update(queries, state, filled, block, start, n_threads, mixed))
                found = state.squared_distances, state.row_ids
        if report is not None:
            report(start + len(block))
    return found
