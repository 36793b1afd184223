"""Features are finite numbers that a float holds as they are; anything else is refused by column and row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.tables.table import arrow, listed

__all__ = ["features_of_array", "features_of_columns"]

# Beyond this float64 no longer holds every integer.
_EXACT = 2**53


def features_of_columns(path: str, columns: Mapping[str, Any]) -> NDArray[Any]:
    """One matrix of the Arrow columns."""
    pa = arrow()
    no_numbers = [
        f"{name!r} ({column.type})" for name, column in columns.items() if not _is_number(column.type)
    ]
    if no_numbers:
        raise ValueError(
            f"{path}: not numeric: {listed(no_numbers)}; name columns that are no features with --ignore"
        )
    single = all(pa.types.is_float32(column.type) for column in columns.values())
    n_rows = len(next(iter(columns.values())))
    X = np.empty((n_rows, len(columns)), dtype=np.float32 if single else np.float64)
    for j, (name, column) in enumerate(columns.items()):
        if column.null_count:
            row = pa.compute.index(pa.compute.is_null(column), True).as_py()
            raise ValueError(_gap(path, name, row, "has no value"))
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        values = column.to_numpy()
        _check_exact(path, name, values)
        X[:, j] = values
    _check_finite(path, X, tuple(columns))
    return X


def features_of_array(path: str, X: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    """The matrix of an NPZ as native floats."""
    if X.dtype.kind not in "biuf" or X.dtype.itemsize > 8:
        raise ValueError(f"{path}: X must hold real numbers of at most 64 bits, got {X.dtype}")
    for j, name in enumerate(names):
        _check_exact(path, name, X[:, j])
    X = X.astype(np.float32 if X.dtype.kind == "f" and X.dtype.itemsize == 4 else np.float64, copy=False)
    _check_finite(path, X, names)
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


def _check_exact(path: str, name: str, values: NDArray[Any]) -> None:
    if values.dtype.kind not in "iu" or values.dtype.itemsize < 8:
        return
    # Two comparisons, for the absolute value of the smallest int64 is no int64.
    beyond = (values > _EXACT) | (values < -_EXACT)
    if beyond.any():
        row = int(np.argmax(beyond))
        raise ValueError(
            f"{path}: column {name!r} holds {values[row]} in row {row} (counted from 0), an integer "
            f"beyond 2^53 that float64 would change; if it is an id, leave it out with --ignore"
        )


def _check_finite(path: str, X: NDArray[Any], names: Sequence[str]) -> None:
    # One sum a column finds a NaN or inf without an array as large as X; a sum that overflows is no proof.
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = np.flatnonzero(~np.isfinite(X.sum(axis=0)))
    for j in suspects.tolist():
        bad = ~np.isfinite(X[:, j])
        if bad.any():
            row = int(np.argmax(bad))
            raise ValueError(_gap(path, names[j], row, f"is {X[row, j]}"))
