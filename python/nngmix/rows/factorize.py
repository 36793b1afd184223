"""A column of anything as codes and distinct values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.frame import refuse_lazy

__all__ = ["factorize"]

Codes = NDArray[np.int64]


def factorize(name: str, y: Any) -> tuple[Codes, list[Any]]:
    """For each row the number of its value, -1 for none, and the values as Python has them."""
    refuse_lazy(name, y)
    column = _one_column(name, y)
    module = type(column).__module__.partition(".")[0]
    if module == "pandas":
        return _pandas(column)
    if module == "pyarrow":
        return _arrow(column)
    if module == "polars":
        # Numbers as NumPy has them; texts, categories and the like one by one.
        numbers = column.dtype.is_numeric() and not column.null_count() and not column.dtype.is_decimal()
        return _numpy(column.to_numpy()) if numbers else _objects(column.to_list())
    array = _array(column)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be 1-D, one label a row, got shape {array.shape}; choose one column, or flatten it "
            f"with {name}.ravel()"
        )
    return _objects(array.tolist()) if array.dtype == object else _numpy(array)


def _one_column(name: str, y: Any) -> Any:
    """The one column of a frame or table; anything else as it is."""
    frame = hasattr(y, "columns") and hasattr(y, "shape")
    if not frame:
        return y
    names = list(y.schema.names) if type(y).__module__.startswith("pyarrow") else list(y.columns)
    if len(names) != 1:
        raise ValueError(
            f"{name} must be one column of labels, got {len(names)}; choose it, for instance {name}[{names[0]!r}]"
            if names
            else f"{name} must be one column of labels, got none"
        )
    if type(y).__module__.startswith("pandas"):
        return y.iloc[:, 0]
    return y[names[0]] if type(y).__module__.startswith("polars") else y.column(0)


def _array(y: Any) -> NDArray[Any]:
    array = np.asarray(y)
    # Numbers beside texts become texts in NumPy, which they were not.
    mixed = array.dtype.kind in "US" and isinstance(y, list | tuple)
    if mixed and not all(isinstance(value, str | bytes) for value in y):
        array = np.array(y, dtype=object)
    return array


def _numpy(array: NDArray[Any]) -> tuple[Codes, list[Any]]:
    values, codes = np.unique(array, return_inverse=True)
    codes = codes.astype(np.int64).ravel()
    if array.dtype.kind == "f":
        missing = np.isnan(values)
        codes[missing[codes]] = -1
        values = values[~missing]
        if array.dtype.itemsize < 8:
            # As it is shown: 0.1 of 32 bits is no 0.10000000149 to anybody.
            return codes, [float(str(value)) for value in values]
    return codes, values.tolist()


def _pandas(series: Any) -> tuple[Codes, list[Any]]:
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "biuf":
        return _numpy(series.to_numpy())
    import pandas as pd

    codes, values = pd.factorize(series)
    return np.asarray(codes, np.int64), [_plain(value) for value in values]


def _arrow(column: Any) -> tuple[Codes, list[Any]]:
    import pyarrow as pa

    if pa.types.is_null(column.type):
        return np.full(len(column), -1, np.int64), []
    if pa.types.is_dictionary(column.type):
        # One value may stand in a dictionary twice, or in none of the rows.
        column = column.cast(column.type.value_type)
    coded = column.dictionary_encode()
    if hasattr(coded, "chunks"):
        coded = coded.combine_chunks()
    if hasattr(coded, "chunks"):
        coded = coded.chunk(0)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = coded.dictionary
    if pa.types.is_floating(values.type) and values.type != pa.float64():
        shown = [float(str(value)) for value in values.to_numpy(zero_copy_only=False)]
    else:
        shown = values.to_pylist()
    return _without_nan(codes, shown)


def _without_nan(codes: Codes, values: list[Any]) -> tuple[Codes, list[Any]]:
    """NaN is no value but the lack of one."""
    missing = [at for at, value in enumerate(values) if value != value]
    for at in missing:
        codes = np.where(codes == at, -1, codes)
    return codes, values


def _objects(values: list[Any]) -> tuple[Codes, list[Any]]:
    numbers: dict[Any, int] = {}
    codes = np.empty(len(values), np.int64)
    for row, value in enumerate(values):
        nothing = value is None or type(value).__name__ in ("NAType", "NaTType") or value != value
        codes[row] = -1 if nothing else numbers.setdefault(value, len(numbers))
    return codes, list(numbers)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
