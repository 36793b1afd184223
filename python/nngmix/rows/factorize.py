"""A column of anything as codes and distinct values."""

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.columns import python_value
from nngmix.rows.frame import is_frame, known_frame, library, native, native_columns
from nngmix.rows.numbers import is_missing_type
from nngmix.rows.refusal import one_thing

__all__ = ["as_shown", "factorize", "is_missing_value", "value_order"]

Codes = NDArray[np.int64]

# More distinct values than these are found by sorting.
_FEW = 8

# Units whose values are moments and no days.
_BELOW_A_DAY = ("h", "m", "s", "ms", "us", "ns", "ps", "fs", "as")


def factorize(name: str, y: Any) -> tuple[Codes, list[Any]]:
    """For each row the number of its value, -1 for none, and the values in order, as Python has them.

    The order is that of numbers, then that of texts, then that of all else as it is written: it does not
    depend on the order of the rows.
    """
    column = _one_column(name, y)
    module = library(column)
    if module == "pandas":
        codes, values = _pandas(column)
    elif module == "pyarrow":
        _check_not_nested(name, column.type)
        codes, values = _arrow(column)
    elif module == "polars":
        _check_not_nested(name, column.dtype)
        codes, values = _polars(column)
    else:
        array = _one_dimension(name, column)
        codes, values = _objects(array) if array.dtype == object else _numpy(array)
    return _in_order(codes, [as_shown(value) for value in values])


def _check_not_nested(name: str, kind: Any) -> None:
    if library(kind) == "polars":
        nested = kind.is_nested()
    else:
        from pyarrow import types

        # Arrow counts runs among the nested types, though they hold single values.
        nested = types.is_nested(kind) and not types.is_run_end_encoded(kind)
    if nested:
        raise TypeError(
            f"{name} must hold one label a row, a text or a number, got {kind}; name another column"
        )


def as_shown(value: Any) -> Any:
    """One value as Python has it and as its library shows it."""
    if isinstance(value, np.floating) and not isinstance(value, float):
        # 0.1 of 32 bits is no 0.10000000149 to anybody.
        return float(str(value))
    if isinstance(value, np.datetime64 | np.timedelta64):
        item = value.astype(f"{type(value).__name__}[us]")
        exact = item == value and np.datetime_data(value)[0] in _BELOW_A_DAY
        return item.item() if exact else python_value(value)
    if getattr(value, "nanosecond", 1) == 0 and hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return python_value(value)


def _one_column(name: str, y: Any) -> Any:
    """The one column of a frame or table; anything else as it is."""
    y = native(name, y)
    if not is_frame(y):
        return y
    known = known_frame(y)
    columns = native_columns(known)
    if len(columns) != 1:
        first = next(iter(known.schema.names if library(known) == "pyarrow" else known.columns), None)
        hint = f"; choose it, for instance {name}[{first!r}]" if columns else ""
        raise ValueError(f"{name} must be one column of labels, got {len(columns) or 'none'}{hint}")
    return columns[0]


def _one_dimension(name: str, y: Any) -> NDArray[Any]:
    if isinstance(y, np.ma.MaskedArray) and np.ma.is_masked(y):
        raise TypeError(f"{name} is a masked array; fill it or drop the masked rows")
    # In a list values are of any type, which NumPy would make one.
    array = np.asarray(y, dtype=object if isinstance(y, list | tuple) else None)
    if array.ndim == 0:
        raise ValueError(
            f"{name} must be 1-D, one label a row, got shape (): "
            + one_thing(y, "an array, a list, a Series or a one-column frame")
        )
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be 1-D, one label a row, got shape {array.shape}; choose one column, or flatten it "
            f"with {name}.ravel()"
        )
    return array


def _numpy(array: NDArray[Any]) -> tuple[Codes, list[Any]]:
    few = _few(array)
    if few is not None:
        return _without_missing(*few)
    if array.dtype.kind in "US":
        # Hashed, which is several times faster than sorted.
        return _objects(array.tolist())
    values, codes = np.unique(array, return_inverse=True)
    return _without_missing(codes.astype(np.int64).ravel(), list(values))


def _few(array: NDArray[Any]) -> tuple[Codes, list[Any]] | None:
    """Codes and values where there are few of them, as labels have: several times faster than sorting."""
    codes: Codes = np.zeros(len(array), np.int64)
    values: list[Any] = []
    # The rows that are left; at first all, of which nearly all often hold one value.
    left, there = None, array
    while len(there) > 0:
        if len(values) == _FEW:
            return None
        value = there[0]
        # What is unlike itself is missing, and met once.
        other = there != value if value == value else there == there
        if left is not None:
            codes[left] = len(values)
        values.append(value)
        if not other.any():
            break
        rest = np.flatnonzero(other)
        left = rest if left is None else left[rest]
        there = array[left]
    return codes, values


def _pandas(series: Any) -> tuple[Codes, list[Any]]:
    import pandas as pd

    kind = series.dtype
    if isinstance(kind, np.dtype):
        values = np.asarray(series)
        return _objects(values) if kind.hasobject else _numpy(values)
    if hasattr(kind, "pyarrow_dtype"):
        return _arrow(pd.Series(series).array.__arrow_array__())
    if hasattr(kind, "fill_value"):
        return _pandas(series.sparse.to_dense())
    codes, distinct = pd.factorize(series)
    return _without_missing(np.asarray(codes, np.int64), list(distinct))


def _polars(series: Any) -> tuple[Codes, list[Any]]:
    kind = series.dtype
    plain = kind.is_numeric() and not kind.is_decimal() and "128" not in str(kind)
    if plain and not series.null_count():
        return _numpy(series.to_numpy())
    if str(kind) == "Float32" or str(kind) == "Float16":
        return _numpy(series.to_numpy())
    if str(kind) == "Enum" or str(kind).startswith("Categorical"):
        import polars as pl

        series = series.cast(pl.String)
    if str(series.dtype) == "String":
        return _polars_texts(series)
    return _objects(series.to_list())


def _polars_texts(series: Any) -> tuple[Codes, list[Any]]:
    import polars as pl

    distinct = series.unique().drop_nulls()
    codes = series.cast(pl.Enum(distinct)).to_physical().cast(pl.Int64).fill_null(-1)
    return codes.to_numpy(), distinct.to_list()


def _arrow(column: Any) -> tuple[Codes, list[Any]]:
    import pyarrow as pa
    from pyarrow import compute, types

    if types.is_run_end_encoded(column.type):
        column = compute.run_end_decode(column)
    if types.is_dictionary(column.type):
        # One value may stand in a dictionary twice, or in none of the rows.
        column = column.cast(column.type.value_type)
    if types.is_float16(column.type):
        return _numpy(
            column.to_numpy(zero_copy_only=False) if hasattr(column, "buffers") else column.to_numpy()
        )
    if types.is_null(column.type):
        return np.full(len(column), -1, np.int64), []
    few = _few(np.asarray(column)) if types.is_integer(column.type) and not column.null_count else None
    if few is not None:
        return few
    try:
        coded = column.dictionary_encode()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return _objects(column)
    if hasattr(coded, "chunks"):
        coded = coded.combine_chunks()
    if hasattr(coded, "chunks"):
        coded = coded.chunk(0)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = coded.dictionary
    if types.is_float32(values.type):
        return _without_missing(codes, list(values.to_numpy(zero_copy_only=False)))
    try:
        return _without_missing(codes, values.to_pylist())
    except (ValueError, OverflowError, KeyError, ImportError, NotImplementedError):
        # Nanoseconds, or a time zone that this machine does not know.
        if types.is_timestamp(values.type):
            values = values.cast(pa.timestamp(values.type.unit))
        return codes, values.cast(pa.string()).to_pylist()


def _objects(values: Any) -> tuple[Codes, list[Any]]:
    """Objects whose equality is Python's."""
    values = values.tolist() if isinstance(values, np.ndarray) else list(values)
    try:
        distinct = list(dict.fromkeys(values))
    except TypeError:
        # A list, say, which is told from others as it is shown.
        values = list(map(_hashable, values))
        distinct = list(dict.fromkeys(values))
    numbers: dict[Any, int] = {}
    codes = {}
    for value in distinct:
        shown = as_shown(value)
        codes[value] = -1 if is_missing_value(shown) else numbers.setdefault(shown, len(numbers))
    return np.fromiter(map(codes.__getitem__, values), np.int64, len(values)), list(numbers)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def is_missing_value(value: Any) -> bool:
    """Whether a value is None, NA, NaT or NaN, which is unlike itself."""
    if is_missing_type(type(value)) or type(value).__name__ == "NaTType":
        return True
    return isinstance(value, float | Decimal | np.generic) and bool(value != value)


def _without_missing(codes: Codes, values: list[Any]) -> tuple[Codes, list[Any]]:
    """Values that are missing are none; some libraries count them nevertheless."""
    there = [not is_missing_value(value) for value in values]
    if all(there):
        return codes, values
    new = np.append(np.where(there, np.cumsum(there) - 1, -1), -1)
    return new[codes].astype(np.int64), [value for value, kept in zip(values, there, strict=True) if kept]


def _in_order(codes: Codes, values: list[Any]) -> tuple[Codes, list[Any]]:
    """The values sorted, each once."""
    ordered = sorted(dict.fromkeys(values), key=value_order)
    if ordered == values:
        return codes, values
    numbers = {value: number for number, value in enumerate(ordered)}
    new = np.array([*(numbers[value] for value in values), -1], np.int64)
    return new[codes], ordered


def value_order(value: Any) -> tuple[int, Any]:
    """What values of any types are sorted by: numbers, then texts, then all else by type and as shown."""
    if isinstance(value, float | int | Decimal):
        return 0, value
    return (1, value) if isinstance(value, str) else (2, f"{type(value).__name__} {value}")
