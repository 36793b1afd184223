"""From blocks of columns (pandas frames, Arrow batches) and from arrays to matrices."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.matrix import as_matrix, as_rows, interleave, row_dtype

__all__ = ["anomaly_matrix", "common_dtype", "label_is", "matrix"]

# Integers up to here are exact in float64.
_EXACT_INTEGER = 1 << 53


def matrix(
    block: Any, features: Sequence[str] | None, dtype: np.dtype[Any], n_threads: int | None = 1
) -> NDArray[Any]:
    """C-contiguous rows of `dtype`; missing values are NaN.

    `block` is a pandas frame or an Arrow record batch, or an array, of which all columns are taken.
    """
    if features is None:
        return as_rows("X_unlabeled", as_matrix("X_unlabeled", block), dtype)
    columns = [_values(name, block[name]) for name in features]
    return interleave(columns, np.empty((len(block), len(features)), dtype), n_threads)


def anomaly_matrix(X_anomaly: Any, features: Sequence[str] | None) -> NDArray[Any]:
    """The anomalies as a matrix; those of a frame by the names of their columns."""
    if features is None:
        return as_matrix("X_anomaly", X_anomaly)
    if hasattr(X_anomaly, "columns"):
        missing = [name for name in features if name not in X_anomaly.columns]
        if missing:
            raise ValueError(f"X_anomaly has no column {missing[0]!r}, which is a feature of X_unlabeled")
        types = [X_anomaly[name].dtype for name in features]
        return matrix(X_anomaly, features, common_dtype(types))
    array = as_matrix("X_anomaly", X_anomaly)
    if array.shape[1] != len(features):
        raise ValueError(
            f"X_anomaly has {array.shape[1]} columns, but there are {len(features)} features: "
            f"{', '.join(map(repr, features[:8]))}{', ...' if len(features) > 8 else ''}; "
            "choose with features"
        )
    return array


def common_dtype(dtypes: Iterable[Any]) -> np.dtype[Any]:
    """float32 if all are float32 or float16, else float64; pandas' own types count as those they hold."""
    narrow = (np.float32 if dtype.kind == "f" and dtype.itemsize <= 4 else np.float64 for dtype in dtypes)
    return row_dtype(*(np.empty(0, dtype) for dtype in narrow))


def _values(name: str, column: Any) -> NDArray[Any]:
    """A column's values as a NumPy array of real numbers."""
    if hasattr(column, "null_count"):
        values = _arrow_values(name, column)
    elif isinstance(column.dtype, np.dtype):
        values = column.to_numpy()
    else:
        values = _extension_values(name, column)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"column {name!r} must hold numbers, got {values.dtype}")
    _check_exact(name, values)
    return values


def _arrow_values(name: str, column: Any) -> NDArray[Any]:
    from pyarrow import types

    kind = column.type
    if types.is_decimal(kind):
        column = column.cast("float64")
    elif not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
        raise TypeError(f"column {name!r} must hold numbers, got {kind}")
    if column.null_count:
        # With gaps NumPy has integers as float64 and booleans as objects.
        if types.is_boolean(kind):
            column = column.cast("int8")
        _check_exact(name, column.drop_null().to_numpy(zero_copy_only=False))
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _extension_values(name: str, column: Any) -> NDArray[Any]:
    if getattr(column.dtype, "kind", "O") not in "fiub":
        raise TypeError(f"column {name!r} must hold numbers, got {column.dtype}")
    if column.dtype.kind in "iu":
        _check_exact(name, column.dropna().to_numpy())
    values: NDArray[Any] = column.to_numpy(np.float64, na_value=np.nan)
    return values


def _check_exact(name: str, values: NDArray[Any]) -> None:
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8 and values.size:
        largest = max(abs(int(values.max())), abs(int(values.min())))
        if largest > _EXACT_INTEGER:
            raise ValueError(
                f"column {name!r} holds the integer {largest}, beyond 2**53, which float64 would change; "
                "leave it out of the features if it is an id"
            )


def label_is(column: Any, value: Any) -> NDArray[np.bool_]:
    """Where a label column holds `value`; a missing label is no such value."""
    if hasattr(column, "null_count"):
        import pyarrow as pa
        from pyarrow import compute

        same = compute.equal(column, pa.scalar(value, column.type))
        marks: NDArray[np.bool_] = compute.fill_null(same, False).to_numpy(zero_copy_only=False)
        return marks
    marks = (column == value).to_numpy(dtype=bool, na_value=False)
    return marks
