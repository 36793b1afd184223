"""Inputs known to break such searches: each turns benign uniform queries and rows into something nasty."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
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
        moved: Rows = (array + side).astype(array.dtype)
        return moved

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
ODD_SHAPES: dict[str, dict[str, Any]] = {
    "d = 1": {"columns": 1},
    "d = 2": {"columns": 2},
    "d = 3": {"columns": 3},
    "k = 1": {"k": 1},
    "k = 100": {"k": 100},
    "n_q = 1": {"queries": 1},
    "one block and less": {"rows": 300},
}
