"""Queries and rows of a shape, made from seeds: uniform, clustered, or one real set."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.shapes import REAL_SET, Shape

Rows = NDArray[Any]


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
    if shape.data.endswith(REAL_SET):
        path = next((data_folder or Path()).rglob(f"{REAL_SET}.npz"))
        with np.load(path) as file:
            X, y = np.asarray(file["X"], shape.dtype), file["y"].ravel() == 1
        if shape.self_search:
            return X[: shape.rows], X[: shape.rows]
        return X[y][: shape.queries], X[~y][: shape.rows]
    if shape.data.endswith("clustered"):
        centres = uniform(rng, 20, shape.columns, shape.dtype)
        rows = clustered(rng, shape.rows, shape.columns, shape.dtype, centres)
        return rows if shape.self_search else clustered(
            rng, shape.queries, shape.columns, shape.dtype, centres
        ), rows
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
