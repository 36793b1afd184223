"""The types that numbers go out as: floats of the family that they came in; integers, dates as they came."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.date_values import pandas_dates

__all__ = ["arrow_float", "pandas_float", "pandas_numbers"]

Matrix = NDArray[Any]


def pandas_numbers(column: Matrix, kind: Any) -> Any:
    """Floats as a column of a type of floats, or of one of integers or dates, if they are whole."""
    import pandas as pd

    if kind.kind == "f":
        return pd.array(column, kind)
    if kind.kind not in "iu":
        return pandas_dates(column, kind)
    missing = np.isnan(column)
    if not missing.any():
        return pd.array(column.astype(np.int64), kind)
    if isinstance(kind, np.dtype):
        return pd.array(column, np.dtype(np.float64))
    # Not every type of integers takes floats.
    whole = pd.array(np.where(missing, 0, column).astype(np.int64), kind)
    whole[missing] = pd.NA
    return whole


def pandas_float(kind: Any) -> Any:
    """The type of floats, in the family of a column's type, that holds its values."""
    import pandas as pd

    if isinstance(kind, np.dtype):
        return np.dtype(np.float32 if kind.kind == "f" and kind.itemsize <= 4 else np.float64)
    if hasattr(kind, "pyarrow_dtype"):
        return pd.ArrowDtype(arrow_float(kind.pyarrow_dtype))
    if hasattr(kind, "fill_value"):
        return pd.SparseDtype(pandas_float(kind.subtype), float(kind.fill_value))
    return pd.Float32Dtype() if kind == pd.Float32Dtype() else pd.Float64Dtype()


def arrow_float(kind: Any) -> Any:
    """The type of floats that holds the values of an Arrow type."""
    import pyarrow as pa

    narrow = pa.types.is_float16(kind) or pa.types.is_float32(kind)
    return pa.float32() if narrow else pa.float64()
