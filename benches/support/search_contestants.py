"""Who races in a search: ours first, then every peer with every setting that may be its best."""

from typing import Any

from support.machine import instruction_sets
from support.peers import OURS
from support.race import Contestant
from support.shapes import Shape

TASK = "support.peers:task"
# Beyond this many columns trees visit every row: they run on request only.
TREE_COLUMNS = 64
# And beyond this many they are never the fastest.
FAST_TREE_COLUMNS = 10
# Up to this many products the threads of OpenMP can cost more than they bring.
SMALL = 200_000_000
# What makes the peers' libraries take a processor with AVX-512 for one without.
PEERS_AT: dict[str, dict[str, str | None]] = {
    "avx2": {
        "OPENBLAS_CORETYPE": "Haswell",
        "FAISS_OPT_LEVEL": "avx2",
        "FAISS_SIMD_LEVEL": "AVX2",
    }
}


def contestants(
    shape: Shape,
    arrays: dict[str, str],
    threads: int,
    *,
    every_peer: bool = False,
    with_reference: bool = False,
    fastest_alone: bool = False,
    trees_alone: bool = False,
    isa: str = "",
) -> list[Contestant]:
    """Ours first, then every peer with every setting that may be its best on this shape.

    `fastest_alone` leaves out those that others usually beat, `trees_alone` all but trees; `isa` forces an
    instruction set of ours and, as far as they can be told, of the peers.
    """
    forced = PEERS_AT.get(isa, {}) | ({"NNGMIX_FORCE_ISA": isa} if isa else {})

    def entry(
        name: str, peer: str, environment: dict[str, str | None] | None = None, **options: Any
    ) -> Contestant:
        options = {"threads": threads} | options
        options |= {"peer": peer, "k": shape.k, "self_search": shape.self_search}
        note = f"1 query, extrapolated to {shape.queries}" if peer == "reference" else ""
        return Contestant(name, TASK, arrays, options, (environment or {}) | forced, note)

    # The threads are over blocks of rows there, each with a BLAS of its own.
    entries = [
        entry(OURS, OURS),
        entry("NumPy GEMM", "numpy_gemm", {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}),
        entry("scikit-learn brute", "scikit_learn", algorithm="brute"),
    ]
    trees = [
        entry("scikit-learn kd_tree", "scikit_learn", algorithm="kd_tree"),
        entry("scikit-learn-intelex kd_tree", "intelex"),
        entry("scipy cKDTree", "scipy_tree", fast_build=False),
        entry("scipy cKDTree, fast build", "scipy_tree", fast_build=True),
        entry("pykdtree", "pykdtree", single=False),
    ]
    if trees_alone:
        return [entries[0], *trees]
    fix = faiss_environment()
    for blas in (False, True):
        suffix = ", forced BLAS" if blas else ""
        entries.append(entry("faiss knn" + suffix, "faiss", fix, index=False, blas=blas))
        if shape.queries * shape.rows * shape.columns <= SMALL:
            alone: dict[str, str | None] = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            name = "faiss knn, 1 thread" + suffix
            entries.append(entry(name, "faiss", fix | alone, index=False, blas=blas, threads=1))
        if not fastest_alone:
            entries.append(entry("faiss IndexFlatL2" + suffix, "faiss", fix, index=True, blas=blas))
    if fastest_alone and shape.columns <= FAST_TREE_COLUMNS:
        entries += [
            entry("scikit-learn kd_tree", "scikit_learn", algorithm="kd_tree"),
            entry("pykdtree", "pykdtree", single=False),
        ]
    elif not fastest_alone and (shape.columns <= TREE_COLUMNS or every_peer):
        entries += trees
        if shape.dtype == "float64":
            entries.append(entry("pykdtree, float32", "pykdtree", single=True))
    if with_reference and not shape.self_search:
        entries.append(entry("nngmix.reference", "reference"))
    return entries


def ours_alone(name: str, shape: Shape, arrays: dict[str, str], threads: int, level: str = "") -> Contestant:
    """Our search under another name; `level` forces an instruction set."""
    options = {"peer": OURS, "k": shape.k, "self_search": shape.self_search, "threads": threads}
    return Contestant(name, TASK, arrays, options, {"NNGMIX_FORCE_ISA": level} if level else {})


def tolerance(contestant: Contestant, shape: Shape, largest_norm: float) -> float:
    """Rounding that a squared distance from |x|^2 - 2 x.q + |q|^2 may carry in the precision of a peer."""
    single = contestant.options["peer"] == "faiss" or shape.dtype == "float32"
    single = single or bool(contestant.options.get("single"))
    epsilon = 2.0**-24 if single else 2.0**-53
    return (shape.columns + 8) * epsilon * 4 * largest_norm


def faiss_environment() -> dict[str, str | None]:
    """faiss bundles an OpenBLAS that may not know a new processor and then falls back to slow kernels."""
    return {"OPENBLAS_CORETYPE": "SkylakeX"} if "avx512f" in instruction_sets() else {}
