"""What a matrix shows without a word about labels: missing, constant and duplicated columns and rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "constant_columns",
    "duplicated_rows",
    "missing_values",
    "same_columns",
    "summary",
    "whole_columns",
]

_PRIME = np.uint64(0x9E3779B97F4A7C15)


def missing_values(X: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """For each column how many values are missing or infinite, and how many rows hold one."""
    bad = ~np.isfinite(X)
    return bad.sum(axis=0), int(bad.any(axis=1).sum())


def constant_columns(X: NDArray[Any]) -> NDArray[np.bool_]:
    """Columns whose values that are there are all the same."""
    finite = np.isfinite(X)
    low = np.where(finite, X, np.inf).min(axis=0)
    high = np.where(finite, X, -np.inf).max(axis=0)
    constant: NDArray[np.bool_] = low >= high
    return constant


def whole_columns(X: NDArray[Any]) -> NDArray[np.bool_]:
    """Columns whose values that are there are whole numbers alone."""
    whole: NDArray[np.bool_] = ((np.rint(X) == X) | ~np.isfinite(X)).all(axis=0)
    return whole


def same_columns(X: NDArray[Any]) -> dict[int, int]:
    """For each column that repeats another, the first of its kind."""
    first: dict[bytes, int] = {}
    found = {}
    for j, column in enumerate(_words(X).T):
        at = first.setdefault(column.tobytes(), j)
        if at != j:
            found[j] = at
    return found


def duplicated_rows(X: NDArray[Any]) -> int:
    """Rows that are the same as one before them."""
    words = np.ascontiguousarray(_words(X))
    codes = np.zeros(len(words), np.uint64)
    for column in words.T:
        codes = (codes ^ column) * _PRIME
        codes ^= codes >> np.uint64(32)
    order = np.argsort(codes, kind="stable")
    alike = np.flatnonzero(codes[order[1:]] == codes[order[:-1]])
    return int((words[order[alike]] == words[order[alike + 1]]).all(axis=1).sum())


def _words(X: NDArray[Any]) -> NDArray[np.uint64]:
    """The values as integers: one for -0 and 0, and one for all that are missing."""
    values = np.where(np.isnan(X), np.nan, X).astype(np.float64) + 0.0
    return values.view(np.uint64)


def summary(distances: NDArray[np.float64]) -> dict[str, Any]:
    """Least, middle and largest of some distances, and how many are 0."""
    if not len(distances):
        return {"least": None, "median": None, "largest": None, "zero": 0}
    low, middle, high = np.quantile(distances, (0, 0.5, 1)).tolist()
    return {"least": low, "median": middle, "largest": high, "zero": int((distances == 0).sum())}
