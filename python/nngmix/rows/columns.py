"""One column of a frame, whatever the library: its values as NumPy has them, and which are missing.

A column that lies in memory as NumPy would have it is taken where it lies; any other is converted in parts,
when it is read, so that a frame is never copied whole.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.numbers import first_stranger, floats, integer_limits, is_narrow, is_number

__all__ = [
    "Column",
    "NotNumbers",
    "NumPyColumn",
    "arrow_column",
    "pandas_column",
    "polars_column",
    "python_value",
]

Part = slice | NDArray[np.int64]
Values = tuple[NDArray[Any], NDArray[np.bool_] | None]


class NotNumbers(Exception):
    """A column of other things than numbers: the name of its type, its values. Never reaches the user."""

    def __init__(self, kind: object, values: Any, row: int = 0) -> None:
        super().__init__(kind)
        self.kind, self.values, self.row = str(kind), values, row

    def example(self) -> str | None:
        """A value that is no number as messages show it, for a number may wear a disguise."""
        for value in self.values[self.row : self.row + 1]:
            return " ".join(repr(python_value(value)).split())
        return None

    def meaning(self) -> str:
        """The type and, of an object, its own type: what the way out depends on."""
        return f"{self.kind} {type(self.values[self.row]).__name__}" if self.kind == "object" else self.kind


class Column(ABC):
    """Numbers in the memory of a library.

    Attributes
    ----------
    narrow : bool
        Whether float32 holds every value.
    limits : tuple of two floats or None
        What the type of the column holds, if all its values are integers.
    """

    narrow = False
    limits: tuple[float, float] | None = None

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def part(self, rows: Part) -> Values:
        """Values of some rows, and which of them are missing; None for none."""

    @abstractmethod
    def value(self, row: int) -> Any:
        """One value as the user knows it."""

    def floats(self, rows: Part, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Values of some rows as floats, NaN where one is missing."""
        values, missing = self.part(rows)
        return floats(values, dtype, missing)


class NumPyColumn(Column):
    """A NumPy array of numbers, or of objects that are numbers or missing."""

    def __init__(self, values: NDArray[Any]) -> None:
        if values.dtype == object:
            stranger = first_stranger(values)
            if stranger is not None:
                raise NotNumbers(values.dtype, values, stranger)
        elif not is_number(values.dtype):
            raise NotNumbers(values.dtype, values)
        self.values = values
        self.narrow = values.dtype != object and is_narrow(values.dtype)
        # The name of a type takes NumPy long, and most columns are floats.
        self.limits = None if values.dtype.kind == "f" else integer_limits(values.dtype)

    def __len__(self) -> int:
        return len(self.values)

    def part(self, rows: Part) -> Values:
        return self.values[rows], None

    def value(self, row: int) -> Any:
        return python_value(self.values[row])


class PandasColumn(Column):
    """A pandas Series of a nullable type."""

    def __init__(self, series: Any, dtype: np.dtype[Any]) -> None:
        self.series, self.dtype = series, dtype
        self.narrow, self.limits = is_narrow(dtype), integer_limits(dtype)

    def __len__(self) -> int:
        return len(self.series)

    def part(self, rows: Part) -> Values:
        values = self.series.array[rows]
        if self.dtype.kind == "f":
            return values.to_numpy(dtype=self.dtype, na_value=np.nan), None
        missing = np.asarray(values.isna())
        return values.to_numpy(dtype=self.dtype, na_value=self.dtype.type(0)), missing

    def value(self, row: int) -> Any:
        return python_value(self.series.iloc[row])


class SparseColumn(PandasColumn):
    """A pandas Series that stores the values which differ from one, its fill value."""

    def part(self, rows: Part) -> Values:
        return np.asarray(self.series.array[rows]), None


class PolarsColumn(Column):
    """A polars Series."""

    def __init__(self, series: Any) -> None:
        self.series, self.dtype = series, series.dtype
        self.kind = str(series.dtype)
        self.narrow = self.kind in ("Float16", "Float32")
        self.limits = integer_limits(series.dtype)

    def __len__(self) -> int:
        return len(self.series)

    def part(self, rows: Part) -> Values:
        import polars as pl

        values = self.series[rows]
        if self.kind == "Null":
            return np.full(len(values), np.nan), None
        if self.kind in ("Int128", "UInt128"):
            return np.array(values.to_list(), object), None
        if self.dtype.is_decimal():
            # By way of the digits, which are rounded once and correctly.
            values = values.cast(pl.String).cast(pl.Float64)
        missing = None
        # polars and NumPy agree that a float which is missing is NaN.
        if values.null_count() and not values.dtype.is_float():
            missing = values.is_null().to_numpy()
            values = values.fill_null(False if self.kind == "Boolean" else 0)
        return values.to_numpy(), missing

    def value(self, row: int) -> Any:
        return self.series[row]


class ArrowColumn(Column):
    """An Arrow array or chunked array; `shown` is what the user sees of it, if that is another thing."""

    def __init__(self, values: Any, shown: Any = None) -> None:
        from pyarrow import types

        kind = values.type
        self.values, self.shown = values, shown
        self.decimal, self.null = types.is_decimal(kind), types.is_null(kind)
        self.boolean = types.is_boolean(kind)
        self.narrow = types.is_float16(kind) or types.is_float32(kind)
        self.limits = integer_limits(kind)

    def __len__(self) -> int:
        return len(self.values)

    def part(self, rows: Part) -> Values:
        import pyarrow as pa

        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self.values))
            values = self.values.slice(start, stop - start)
        else:
            values = self.values.take(pa.array(rows))
        if self.null:
            return np.full(len(values), np.nan), None
        values = _one_array(values)
        if self.decimal:
            # Arrow rounds decimals twice on the straight way; by way of their digits they are rounded once.
            values = values.cast(pa.string()).cast(pa.float64())
        missing = None
        # Arrow and NumPy agree that a float which is missing is NaN.
        if values.null_count and not pa.types.is_floating(values.type):
            missing = values.is_null().to_numpy(zero_copy_only=False)
            values = values.fill_null(False if self.boolean else 0)
        return values.to_numpy(zero_copy_only=False), missing

    def value(self, row: int) -> Any:
        return self.values[row].as_py() if self.shown is None else self.shown.iloc[row]


def arrow_column(values: Any, shown: Any = None) -> Column:
    """A column of an Arrow table or batch."""
    from pyarrow import types

    if types.is_run_end_encoded(values.type):
        from pyarrow import compute

        values = compute.run_end_decode(values)
    kind = values.type
    plain = types.is_integer(kind) or types.is_floating(kind)
    if not (plain or types.is_boolean(kind) or types.is_decimal(kind) or types.is_null(kind)):
        raise NotNumbers(kind, values if shown is None else shown)
    if plain and not values.null_count and getattr(values, "num_chunks", 1) == 1:
        return NumPyColumn(_one_array(values).to_numpy())
    return ArrowColumn(values, shown)


def pandas_column(series: Any) -> Column:
    """A column of a pandas frame, of any of its families of types."""
    kind = series.dtype
    if isinstance(kind, np.dtype):
        return NumPyColumn(series.to_numpy())
    if hasattr(kind, "pyarrow_dtype"):
        return arrow_column(series.array.__arrow_array__(), series)
    sparse = hasattr(kind, "subtype") and hasattr(kind, "fill_value")
    dtype = kind.subtype if sparse else getattr(kind, "numpy_dtype", None)
    if not (isinstance(dtype, np.dtype) and is_number(dtype)):
        raise NotNumbers(kind, series)
    if sparse:
        return SparseColumn(series, dtype)
    if series.hasnans:
        return PandasColumn(series, dtype)
    return NumPyColumn(series.to_numpy(dtype=dtype))


def polars_column(series: Any) -> Column:
    """A column of a polars frame."""
    kind = series.dtype
    if str(kind) == "Object":
        return NumPyColumn(np.array([*series, None], object)[:-1])
    if not (kind.is_numeric() or str(kind) in ("Boolean", "Null")):
        raise NotNumbers(kind, series)
    plain = (kind.is_integer() and "128" not in str(kind)) or kind.is_float()
    if plain and not series.null_count() and series.n_chunks() == 1:
        return NumPyColumn(series.to_numpy())
    return PolarsColumn(series)


def _one_array(values: Any) -> Any:
    """An Arrow array; chunks are put together."""
    if not hasattr(values, "chunks"):
        return values
    whole = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    return _one_array(whole)


def python_value(value: Any) -> Any:
    """A value as Python shows it: without the name of NumPy's type or Arrow's."""
    if hasattr(value, "as_py"):
        try:
            return value.as_py()
        except (ValueError, OverflowError, KeyError, ImportError, NotImplementedError):
            # A nanosecond, or a time zone that this machine does not know.
            return str(value.type)
    if not isinstance(value, np.generic):
        return value
    item = value.item()
    # The item of a nanosecond is its count.
    return str(value) if value.dtype.kind in "mM" and isinstance(item, int) else item
