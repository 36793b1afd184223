"""Exact k-nearest-neighbour search: ours and everything a user could take instead.

Each function imports its library and returns ``search(queries, rows, k) -> (distances, indices)``, from raw
arrays: conversion and building an index are part of the time. `task` is what a worker builds.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
Answer = tuple[Rows, Rows]
Search = Callable[[Rows, Rows, int], Answer]
OURS = "nngmix"


def is_ours(name: str) -> bool:
    """Whether a contestant, such as "nngmix, 1 thread", is ours."""
    return name.split(",")[0] == OURS


def task(
    queries: Rows, rows: Rows, *, peer: str, k: int, self_search: bool = False, **options: Any
) -> Callable[[], Any]:
    """The call to be timed; in a self search peers find one more and lose the first, the row itself."""
    search = PEERS[peer](**options)
    if not self_search:
        return lambda: search(queries, rows, k)
    if peer == OURS:
        return lambda: search(queries, rows, k, exclude_self=True)  # type: ignore[call-arg]

    def without_self() -> Answer:
        distances, indices = search(queries, rows, k + 1)
        return distances[:, 1:], indices[:, 1:]

    return without_self


def ours(threads: int) -> Search:
    import nngmix

    def search(queries: Rows, rows: Rows, k: int, exclude_self: bool = False) -> Answer:
        return nngmix.kneighbors(queries, rows, k, exclude_self=exclude_self, n_threads=threads)

    return search


def reference(threads: int) -> Search:
    from support import reference_times

    return reference_times.search  # type: ignore[return-value]


def scikit_learn(threads: int, algorithm: str) -> Search:
    from sklearn.neighbors import NearestNeighbors

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        index = NearestNeighbors(n_neighbors=k, algorithm=algorithm, n_jobs=threads).fit(rows)
        found: Answer = index.kneighbors(queries)
        return found

    return search


def intelex(threads: int) -> Search:
    from sklearnex.neighbors import NearestNeighbors

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        index = NearestNeighbors(n_neighbors=k, algorithm="kd_tree", n_jobs=threads).fit(rows)
        found: Answer = index.kneighbors(queries)
        return found

    return search


def faiss(threads: int, index: bool, blas: bool) -> Search:
    """float32 whatever comes in; `blas` forces its matrix multiplication for few queries too."""
    import faiss

    faiss.omp_set_num_threads(threads)
    if blas:
        faiss.cvar.distance_compute_blas_threshold = 1

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        q, r = np.ascontiguousarray(queries, np.float32), np.ascontiguousarray(rows, np.float32)
        if index:
            flat = faiss.IndexFlatL2(r.shape[1])
            flat.add(r)
            squared, indices = flat.search(q, k)
        else:
            squared, indices = faiss.knn(q, r, k)
        # Cancellation leaves small negative numbers.
        return np.sqrt(np.maximum(squared, 0)), indices

    return search


def scipy_tree(threads: int, fast_build: bool) -> Search:
    from scipy.spatial import cKDTree

    build = {"balanced_tree": False, "compact_nodes": False} if fast_build else {}

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        found: Answer = cKDTree(rows, leafsize=32, **build).query(queries, k, workers=threads)
        return found

    return search


def pykdtree(threads: int, single: bool) -> Search:
    # It reads the number of threads from OMP_NUM_THREADS, which the harness sets.
    from pykdtree.kdtree import KDTree

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        dtype = np.float32 if single else rows.dtype
        tree = KDTree(np.ascontiguousarray(rows, dtype))
        found: Answer = tree.query(np.ascontiguousarray(queries, dtype), k)
        return found

    return search


def numpy_gemm(threads: int) -> Search:
    from support.numpy_search import search

    return lambda queries, rows, k: search(queries, rows, k, threads)


PEERS: dict[str, Callable[..., Search]] = {
    OURS: ours,
    "reference": reference,
    "scikit_learn": scikit_learn,
    "intelex": intelex,
    "faiss": faiss,
    "scipy_tree": scipy_tree,
    "pykdtree": pykdtree,
    "numpy_gemm": numpy_gemm,
}
