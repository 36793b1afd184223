"""Exact k-nearest-neighbour search: ours and everything a user could take instead.

Each function imports its library and returns ``search(queries, rows, k) -> (distances, indices)``, from raw
arrays: conversion and building an index are part of the time. `task` is what a worker builds.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Contestant, faiss_environment
from shapes import Shape
from worker import Extrapolated

Rows = NDArray[Any]
Answer = tuple[Rows, Rows]
Search = Callable[[Rows, Rows, int], Answer]
OURS = "nngmix"


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
    from nngmix import reference

    def search(queries: Rows, rows: Rows, k: int) -> Any:
        # It takes the queries one by one: the first tells the time and the memory of all.
        n = 1
        before = time.perf_counter()
        squared, indices = reference.kneighbors(queries[:n], rows, k)
        seconds = (time.perf_counter() - before) * len(queries) / n
        return Extrapolated((np.sqrt(squared), indices), seconds)

    return search


def scikit_learn(threads: int, algorithm: str) -> Search:
    from sklearn.neighbors import NearestNeighbors

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        index = NearestNeighbors(n_neighbors=k, algorithm=algorithm, n_jobs=threads).fit(rows)
        return index.kneighbors(queries)

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
        return cKDTree(rows, leafsize=32, **build).query(queries, k, workers=threads)

    return search


def pykdtree(threads: int, single: bool) -> Search:
    # It reads the number of threads from OMP_NUM_THREADS, which the harness sets.
    from pykdtree.kdtree import KDTree

    def search(queries: Rows, rows: Rows, k: int) -> Answer:
        dtype = np.float32 if single else rows.dtype
        return KDTree(np.ascontiguousarray(rows, dtype)).query(np.ascontiguousarray(queries, dtype), k)

    return search


def numpy_gemm(threads: int) -> Search:
    from numpy_search import search

    return lambda queries, rows, k: search(queries, rows, k, threads)


PEERS: dict[str, Callable[..., Search]] = {
    OURS: ours,
    "reference": reference,
    "scikit_learn": scikit_learn,
    "faiss": faiss,
    "scipy_tree": scipy_tree,
    "pykdtree": pykdtree,
    "numpy_gemm": numpy_gemm,
}
# Beyond so many columns trees visit every row: they run on request only.
TREE_COLUMNS = 64


def contestants(
    shape: Shape,
    arrays: dict[str, str],
    threads: int,
    *,
    every_peer: bool = False,
    with_reference: bool = False,
) -> list[Contestant]:
    """Ours first, then every peer with every setting that may be its best on this shape."""

    def entry(name: str, peer: str, environment: dict[str, str] | None = None, **options: Any) -> Contestant:
        options |= {"peer": peer, "k": shape.k, "self_search": shape.self_search, "threads": threads}
        note = f"1 query, extrapolated to {shape.queries}" if peer == "reference" else ""
        return Contestant(name, "peers:task", arrays, options, environment or {}, note)

    # The threads are over blocks of rows there, each with a BLAS of its own.
    entries = [
        entry(OURS, OURS),
        entry("NumPy GEMM", "numpy_gemm", {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}),
        entry("scikit-learn brute", "scikit_learn", algorithm="brute"),
    ]
    fix = faiss_environment()
    for blas in (False, True):
        suffix = ", forced BLAS" if blas else ""
        entries.append(entry("faiss knn" + suffix, "faiss", fix, index=False, blas=blas))
        entries.append(entry("faiss IndexFlatL2" + suffix, "faiss", fix, index=True, blas=blas))
    if shape.columns <= TREE_COLUMNS or every_peer:
        entries += [
            entry("scikit-learn kd_tree", "scikit_learn", algorithm="kd_tree"),
            entry("scipy cKDTree", "scipy_tree", fast_build=False),
            entry("scipy cKDTree, fast build", "scipy_tree", fast_build=True),
            entry("pykdtree", "pykdtree", single=False),
        ]
        if shape.dtype == "float64":
            entries.append(entry("pykdtree, float32", "pykdtree", single=True))
    if with_reference and not shape.self_search:
        entries.append(entry("nngmix.reference", "reference"))
    return entries


def is_ours(name: str) -> bool:
    return name.split(",")[0] == OURS


def tolerance(contestant: Contestant, shape: Shape, largest_norm: float) -> float:
    """Rounding that a squared distance from |x|^2 - 2 x.q + |q|^2 may carry in the precision of a peer."""
    single = contestant.options["peer"] == "faiss" or shape.dtype == "float32"
    single = single or bool(contestant.options.get("single"))
    epsilon = 2.0**-24 if single else 2.0**-53
    return (shape.columns + 8) * epsilon * 4 * largest_norm
