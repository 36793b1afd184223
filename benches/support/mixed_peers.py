"""Neighbours in tables of numbers and categories: ours and what a user could take instead.

Each function imports its library and returns ``search(queries, rows) -> (distances, indices)``, from one
float32 matrix: the first `numeric` columns are numbers, the others ranks of categories, NaN is missing. What
a peer has to make of that (one-hot columns, the sign by which faiss knows a category) is part of the time
unless it says so. Distances differ by metric.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.mixed_tables import CATEGORIES

Rows = NDArray[Any]
Search = Callable[[Rows, Rows], tuple[Rows, Rows]]
# Values that scikit-learn and gower hold at a time.
BLOCK_ROWS = 20_000


def task(
    queries: Rows, rows: Rows, *, peer: str, numeric: int, k: int, threads: int, **options: Any
) -> Callable[[], tuple[Rows, Rows]]:
    """The call to be timed."""
    search: Search = PEERS[peer](numeric=numeric, k=k, threads=threads, **options)
    if peer == "one_hot_before":
        queries, rows = one_hot(queries, rows, numeric)
    return lambda: search(queries, rows)


def ours(numeric: int, k: int, threads: int) -> Search:
    import nngmix

    def search(queries: Rows, rows: Rows) -> tuple[Rows, Rows]:
        kinds = SimpleNamespace(categorical=np.arange(rows.shape[1]) >= numeric, categorical_weight=1.0)
        squared, indices = nngmix._core.kneighbors(queries, rows, k, threads, kinds)
        return np.sqrt(squared), indices

    return search


def numbers(numeric: int, k: int, threads: int) -> Search:
    """Our search of numbers, for a table that holds nothing else."""
    import nngmix

    def search(queries: Rows, rows: Rows) -> tuple[Rows, Rows]:
        squared, indices = nngmix._core.kneighbors(queries, rows, k, threads)
        return np.sqrt(squared), indices

    return search


def one_hot(queries: Rows, rows: Rows, numeric: int) -> tuple[Rows, Rows]:
    """A column for each category, missing among them, by which rows are 1 apart; flags for holes."""
    flags = bool(np.isnan(queries[:, :numeric]).any() or np.isnan(rows[:, :numeric]).any())
    first, n_categorical = numeric * (1 + flags), rows.shape[1] - numeric
    width = CATEGORIES + 1

    def encoded(part: Rows) -> Rows:
        made = np.zeros((len(part), first + n_categorical * width), np.float32)
        missing = np.isnan(part[:, :numeric])
        made[:, :numeric] = np.where(missing, 0, part[:, :numeric])
        if flags:
            made[:, numeric:first] = missing
        ranks = np.nan_to_num(part[:, numeric:], nan=CATEGORIES).astype(np.int64)
        made[np.arange(len(part))[:, None], first + width * np.arange(n_categorical) + ranks] = np.sqrt(0.5)
        return made

    return encoded(queries), encoded(rows)


def one_hot_and_ours(numeric: int, k: int, threads: int) -> Search:
    import nngmix

    return lambda queries, rows: nngmix.kneighbors(*one_hot(queries, rows, numeric), k, n_threads=threads)


def one_hot_before(numeric: int, k: int, threads: int) -> Search:
    import nngmix

    return lambda queries, rows: nngmix.kneighbors(queries, rows, k, n_threads=threads)


def faiss(numeric: int, k: int, threads: int, metric: str) -> Search:
    """METRIC_GOWER takes numbers in [0, 1] and categories as negative numbers."""
    import faiss

    faiss.omp_set_num_threads(threads)

    def prepared(rows: Rows) -> Rows:
        if metric != "METRIC_GOWER":
            return rows
        made = rows.copy()
        made[:, numeric:] = -1 - made[:, numeric:]
        return made

    def search(queries: Rows, rows: Rows) -> tuple[Rows, Rows]:
        found: tuple[Rows, Rows] = faiss.knn(
            prepared(queries), prepared(rows), k, metric=getattr(faiss, metric)
        )
        return found

    return search


def scikit_learn(numeric: int, k: int, threads: int) -> Search:
    """What `KNNImputer` does: `nan_euclidean_distances` by blocks of rows, the nearest of each kept."""
    from sklearn.metrics.pairwise import nan_euclidean_distances

    return lambda queries, rows: by_blocks(queries, rows, k, nan_euclidean_distances)


def gower(numeric: int, k: int, threads: int) -> Search:
    import gower

    def search(queries: Rows, rows: Rows) -> tuple[Rows, Rows]:
        kinds = np.arange(rows.shape[1]) >= numeric
        return by_blocks(queries, rows, k, lambda q, x: gower.gower_matrix(q, x, cat_features=kinds))

    return search


def by_blocks(
    queries: Rows, rows: Rows, k: int, distances: Callable[[Rows, Rows], Rows]
) -> tuple[Rows, Rows]:
    kept, numbers = np.full((len(queries), 0), np.inf), np.zeros((len(queries), 0), np.int64)
    for start in range(0, len(rows), BLOCK_ROWS):
        new = distances(queries, rows[start : start + BLOCK_ROWS])
        kept = np.hstack([kept, new])
        numbers = np.hstack([numbers, np.broadcast_to(start + np.arange(new.shape[1]), new.shape)])
        nearest = np.argpartition(kept, min(k, kept.shape[1] - 1), axis=1)[:, :k]
        kept, numbers = np.take_along_axis(kept, nearest, 1), np.take_along_axis(numbers, nearest, 1)
    order = np.argsort(kept, axis=1)
    return np.take_along_axis(kept, order, 1), np.take_along_axis(numbers, order, 1)


PEERS: dict[str, Callable[..., Search]] = {
    "ours": ours,
    "numbers": numbers,
    "one_hot": one_hot_and_ours,
    "one_hot_before": one_hot_before,
    "faiss": faiss,
    "scikit_learn": scikit_learn,
    "gower": gower,
}
