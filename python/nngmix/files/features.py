"""Features are finite numbers that a float holds as they are; anything else is refused by column and row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.table import arrow, listed
from nngmix.rows.matrix import interleave

__all__ = ["check_numeric", "features_of_array", "features_of_columns", "fill_features", "refuse_not_finite"]

# Beyond this float64 no longer holds every integer.
_EXACT = 2**53


def features_of_columns(path: str, columns: Mapping[str, Any]) -> NDArray[Any]:
    """One matrix of the Arrow columns."""
    dtype = check_numeric(path, {name: column.type for name, column in columns.items()})
    X = np.empty((len(next(iter(columns.values()))), len(columns)), dtype)
    fill_features(path, columns, X)
    refuse_not_finite(path, X, tuple(columns))
    return X


def check_numeric(path: str, types: Mapping[str, Any]) -> np.dtype[Any]:
    """float32 if all Arrow types are, else float64; ValueError for one that is no number."""
    no_numbers = [f"{name!r} ({kind})" for name, kind in types.items() if not _is_number(kind)]
    if no_numbers:
        raise ValueError(
            f"{path}: not numeric: {listed(no_numbers)}; name columns that are no features with --ignore"
        )
    single = all(arrow().types.is_float32(kind) for kind in types.values())
    return np.dtype(np.float32 if single else np.float64)


def fill_features(path: str, columns: Mapping[str, Any], X: NDArray[Any], first_row: int = 0) -> None:
    """Put Arrow columns into the columns of `X`; `first_row` is their first row in the file."""
    values = [_values(path, name, column, first_row) for name, column in columns.items()]
    interleave(values, X)


def _values(path: str, name: str, column: Any, first_row: int) -> NDArray[Any]:
    pa = arrow()
    if column.null_count:
        row = pa.compute.index(pa.compute.is_null(column), True).as_py()
        raise ValueError(_gap(path, name, first_row + row, "has no value"))
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    values: NDArray[Any] = column.to_numpy() if hasattr(column, "chunks") else column.to_numpy(False)
    _check_exact(path, name, values, first_row)
    return values


def features_of_array(path: str, X: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    """The matrix of an NPZ as native floats."""
    if X.dtype.kind not in "biuf" or X.dtype.itemsize > 8:
        raise ValueError(f"{path}: X must hold real numbers of at most 64 bits, got {X.dtype}")
    for j, name in enumerate(names):
        _check_exact(path, name, X[:, j])
    X = X.astype(np.float32 if X.dtype.kind == "f" and X.dtype.itemsize == 4 else np.float64, copy=False)
    refuse_not_finite(path, X, names)
    return X


def _is_number(kind: Any) -> bool:
    # A column without any value has the null type: its first row is the gap to report.
    types = arrow().types
    tests = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal, types.is_null)
    return any(test(kind) for test in tests)


def _gap(path: str, name: str, row: int, what: str) -> str:
    return (
        f"{path}: column {name!r} {what} in row {row} (counted from 0); fill it, drop the row, or leave the "
        f"column out with --ignore"
    )


def _check_exact(path: str, name: str, values: NDArray[Any], first_row: int = 0) -> None:
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8:
        return
    # Two comparisons, for the absolute value of the smallest int64 is no int64.
    beyond = (values > _EXACT) | (values < -_EXACT)
    if beyond.any():
        row = int(np.argmax(beyond))
        raise ValueError(
            f"{path}: column {name!r} holds {values[row]} in row {first_row + row} (counted from 0), an "
            f"integer beyond 2^53 that float64 would change; if it is an id, leave it out with --ignore"
        )


def refuse_not_finite(path: str, X: NDArray[Any], names: Sequence[str], first_row: int = 0) -> None:
    """ValueError that names the column and row of a NaN or infinity."""
    # One sum a column finds a NaN or inf without an array as large as X; a sum that overflows is no proof.
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = np.flatnonzero(~np.isfinite(X.sum(axis=0)))
    for j in suspects.tolist():
        bad = ~np.isfinite(X[:, j])
        if bad.any():
            row = int(np.argmax(bad))
            raise ValueError(_gap(path, names[j], first_row + row, f"is {X[row, j]}"))
