"""Shapes and their data, made from seeds: uniform, clustered, one real set, and the hard cases."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
REAL_SET = "11_donors"


@dataclass(frozen=True)
class Shape:
    queries: int
    rows: int
    columns: int
    dtype: str
    data: str = "uniform"
    k: int = 10

    @property
    def self_search(self) -> bool:
        return self.data == "self"

    @property
    def name(self) -> str:
        bits = "f64" if self.dtype == "float64" else "f32"
        return f"{self.queries}x{self.rows}x{self.columns}-{bits}-{self.data}"

    def quick(self) -> "Shape":
        queries = min(self.queries, 50)
        rows = queries if self.self_search else min(self.rows, max(self.rows // 100, 500))
        return Shape(queries, rows, self.columns, self.dtype, self.data, self.k)


_BOTH = ("uniform", "clustered")
_TABLE = (
    (50, 285_000, 30, "float64"),
    (50, 285_000, 30, "float32"),
    (50, 1_000_000, 128, "float32"),
    (500, 567_000, 3, "float64"),
    (500, 1_000_000, 32, "float32"),
    (5_000, 1_000_000, 32, "float32"),
    (1_000, 100_000, 128, "float32"),
    (1_000, 100_000, 768, "float32"),
    (500, 10_000, 512, "float64"),
    (5_000, 600_000, 10, "float64"),
    (20, 10_000, 20, "float64"),
)
# Numbers of the real set are those of its file.
REAL = Shape(36_710, 582_616, 10, "float64", REAL_SET)
SHAPES = (
    *(Shape(*row, data=data) for row in _TABLE for data in _BOTH),
    Shape(50, 50, 30, "float64", "self"),
    Shape(500, 500, 512, "float64", "self"),
    REAL,
)


def uniform(rng: np.random.Generator, n: int, d: int, dtype: str) -> Rows:
    return rng.random((n, d), dtype=np.dtype(dtype).type)


def clustered(rng: np.random.Generator, n: int, d: int, dtype: str, centres: Rows) -> Rows:
    """A mixture of Gaussians of standard deviation 0.05."""
    made = rng.standard_normal((n, d), dtype=np.dtype(dtype).type)
    made *= np.dtype(dtype).type(0.05)
    made += centres[rng.integers(len(centres), size=n)]
    return made


def make(shape: Shape, seed: int, data_folder: Path | None) -> tuple[Rows, Rows]:
    """Queries and rows, both of the same distribution; of a real set its anomalies and its other rows."""
    rng = np.random.default_rng(seed)
    if shape.data == REAL_SET:
        path = next((data_folder or Path()).rglob(f"{REAL_SET}.npz"))
        with np.load(path) as file:
            X, y = np.asarray(file["X"], shape.dtype), file["y"].ravel() == 1
        return X[y][: shape.queries], X[~y][: shape.rows]
    if shape.data == "clustered":
        centres = uniform(rng, 20, shape.columns, shape.dtype)
        rows = clustered(rng, shape.rows, shape.columns, shape.dtype, centres)
        return clustered(rng, shape.queries, shape.columns, shape.dtype, centres), rows
    rows = uniform(rng, shape.rows, shape.columns, shape.dtype)
    return rows if shape.self_search else uniform(rng, shape.queries, shape.columns, shape.dtype), rows


def store(folder: Path, queries: Rows, rows: Rows, name: str = "") -> dict[str, str]:
    """Files for the workers; queries that are the rows share theirs."""
    paths = {"rows": str(folder / f"{name}rows.npy")}
    np.save(paths["rows"], rows)
    paths["queries"] = paths["rows"] if queries is rows else str(folder / f"{name}queries.npy")
    if queries is not rows:
        np.save(paths["queries"], queries)
    return paths


# ---- hard cases: each turns benign uniform queries and rows into something nasty --------------------------

Change = Callable[[Rows, Rows, np.random.Generator], tuple[Rows, Rows]]


def far_to_near(queries: Rows, rows: Rows, _: np.random.Generator) -> tuple[Rows, Rows]:
    # Queries close together, so that one order of the rows is bad for all of them.
    queries = 0.5 + 0.01 * (queries - 0.5)
    order = np.argsort(-((rows - 0.5) ** 2).sum(axis=1))
    return queries.astype(rows.dtype), rows[order]


def all_equal(queries: Rows, rows: Rows, _: np.random.Generator) -> tuple[Rows, Rows]:
    return queries, np.full_like(rows, 0.5)


def two_blobs(queries: Rows, rows: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
    def apart(array: Rows) -> Rows:
        side = rng.choice([-1e4, 1e4], size=(len(array), 1))
        return (array + side).astype(array.dtype)

    return apart(queries), apart(rows)


def wide_column(queries: Rows, rows: Rows, _: np.random.Generator) -> tuple[Rows, Rows]:
    factor = np.ones(rows.shape[1], rows.dtype)
    factor[0] = 1e6
    return queries * factor, rows * factor


def scaled(factor: float) -> Change:
    def change(queries: Rows, rows: Rows, _: np.random.Generator) -> tuple[Rows, Rows]:
        return queries * rows.dtype.type(factor), rows * rows.dtype.type(factor)

    return change


def denormal(queries: Rows, rows: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
    tiny = float(np.finfo(rows.dtype).tiny)
    return scaled(tiny)(queries, rows, rng)


def duplicates(queries: Rows, rows: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
    rows = rows.copy()
    copies = rng.permutation(len(rows))[: 3 * len(rows) // 10]
    rows[copies] = rows[rng.integers(len(rows), size=len(copies))]
    return queries, rows


HARD: dict[str, Change] = {
    "far to near": far_to_near,
    "all rows equal": all_equal,
    "two blobs at +-1e4": two_blobs,
    "one column 1e6 times wider": wide_column,
    "values at 1e25": scaled(1e25),
    "values at 1e-22": scaled(1e-22),
    "denormals": denormal,
    "30 % duplicates": duplicates,
}
# Compared by time per query, row and column, since they are shapes of their own.
ODD_SHAPES = {
    "d = 1": {"columns": 1},
    "d = 2": {"columns": 2},
    "d = 3": {"columns": 3},
    "k = 1": {"k": 1},
    "k = 100": {"k": 100},
    "n_q = 1": {"queries": 1},
    "one block and less": {"rows": 300},
}
