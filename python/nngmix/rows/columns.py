"""One column of a frame, whatever the library: its values as NumPy has them, and which are missing.

Columns are read in parts, so that a frame is never copied whole.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.numbers import floats, is_narrow, is_number

__all__ = ["Column", "NotNumbers", "arrow_column", "column_of", "pandas_column", "polars_column"]

Part = slice | NDArray[np.int64]


class NotNumbers(Exception):
    """A column whose type holds no numbers: what its library calls the type. Never reaches the user."""

    def __init__(self, kind: object, values: Any = None) -> None:
        super().__init__(kind)
        self.kind, self.values = str(kind), values


class Column(ABC):
    """Numbers in the memory of a library.

    Attributes
    ----------
    narrow : bool
        Whether float32 holds every value.
    whole : bool
        Whether all values are integers by their type.
    """

    narrow = False
    whole = False

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def part(self, rows: Part) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Values of some rows, and which of them are missing; None for none."""

    @abstractmethod
    def value(self, row: int) -> Any:
        """One value as the user knows it."""

    def floats(self, rows: Part, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Values of some rows as floats, NaN where one is missing."""
        values, missing = self.part(rows)
        return floats(values, dtype, missing)


class NumPyColumn(Column):
    """A NumPy array of numbers, or of objects that are looked at one by one."""

    def __init__(self, values: NDArray[Any]) -> None:
        if values.dtype != object and not is_number(values.dtype):
            raise NotNumbers(values.dtype, values)
        self.values = values
        self.narrow = values.dtype != object and is_narrow(values.dtype)
        self.whole = values.dtype.kind in "iu"

    def __len__(self) -> int:
        return len(self.values)

    def part(self, rows: Part) -> tuple[NDArray[Any], None]:
        return self.values[rows], None

    def value(self, row: int) -> Any:
        value = self.values[row]
        return value.item() if isinstance(value, np.generic) else value


class PandasColumn(Column):
    """A pandas Series of a nullable or sparse type."""

    def __init__(self, series: Any) -> None:
        self.series = series
        sparse = hasattr(series.dtype, "subtype") and hasattr(series.dtype, "fill_value")
        kind = series.dtype.subtype if sparse else getattr(series.dtype, "numpy_dtype", None)
        if kind is None or not is_number(np.dtype(kind)):
            raise NotNumbers(series.dtype, series)
        self.dtype = np.dtype(kind)
        self.narrow, self.whole, self.sparse = is_narrow(self.dtype), self.dtype.kind in "iu", sparse

    def __len__(self) -> int:
        return len(self.series)

    def part(self, rows: Part) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        values = self.series.array[rows]
        if self.sparse:
            return np.asarray(values), None
        missing = np.asarray(values.isna())
        return values.to_numpy(dtype=self.dtype, na_value=self.dtype.type(0)), missing

    def value(self, row: int) -> Any:
        return self.series.iloc[row]


class PolarsColumn(Column):
    """A polars Series."""

    def __init__(self, series: Any) -> None:
        self.series = series
        dtype = series.dtype
        numeric = dtype.is_numeric() or str(dtype) in ("Boolean", "Null")
        if not numeric:
            raise NotNumbers(dtype, series)
        self.decimal = dtype.is_decimal()
        self.narrow = str(dtype) in ("Float16", "Float32")
        self.whole = dtype.is_integer()

    def __len__(self) -> int:
        return len(self.series)

    def part(self, rows: Part) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        import polars as pl

        values = self.series[rows]
        missing = values.is_null().to_numpy() if values.null_count() else None
        if self.decimal:
            # By way of the digits, which are rounded once and correctly.
            values = values.cast(pl.String).cast(pl.Float64)
        elif str(values.dtype) in ("Int128", "UInt128"):
            return np.array(values.to_list(), object), None
        elif str(values.dtype) == "Null":
            return np.full(len(values), np.nan), missing
        if missing is not None:
            values = values.fill_null(False if str(values.dtype) == "Boolean" else 0)
        return values.to_numpy(), missing

    def value(self, row: int) -> Any:
        return self.series[row]


class ArrowColumn(Column):
    """An Arrow array or chunked array."""

    def __init__(self, values: Any) -> None:
        from pyarrow import types

        kind = values.type
        self.decimal, self.null = types.is_decimal(kind), types.is_null(kind)
        self.boolean = types.is_boolean(kind)
        number = types.is_integer(kind) or types.is_floating(kind) or self.boolean
        if not (number or self.decimal or self.null):
            raise NotNumbers(kind, values)
        self.values = values
        self.narrow = types.is_float16(kind) or types.is_float32(kind)
        self.whole = types.is_integer(kind)

    def __len__(self) -> int:
        return len(self.values)

    def part(self, rows: Part) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        import pyarrow as pa

        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self.values))
            values = self.values.slice(start, stop - start)
        else:
            values = self.values.take(pa.array(rows))
        if hasattr(values, "chunks"):
            values = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
        if self.null:
            return np.full(len(values), np.nan), np.ones(len(values), bool)
        missing = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
        if self.decimal:
            # Arrow rounds decimals twice on the straight way; by way of their digits they are rounded once.
            values = values.cast(pa.string()).cast(pa.float64())
        if missing is not None:
            values = values.fill_null(False if self.boolean else 0)
        return values.to_numpy(zero_copy_only=False), missing

    def value(self, row: int) -> Any:
        return self.values[row].as_py()


def arrow_column(values: Any) -> Column:
    """A column of an Arrow table or batch."""
    return ArrowColumn(values)


def pandas_column(series: Any) -> Column:
    """A column of a pandas frame, of any of its families of types."""
    if isinstance(series.dtype, np.dtype):
        return NumPyColumn(series.to_numpy())
    if hasattr(series.dtype, "pyarrow_dtype"):
        import pyarrow as pa

        return ArrowColumn(pa.chunked_array(series.array.__arrow_array__()))
    return PandasColumn(series)


def polars_column(series: Any) -> Column:
    """A column of a polars frame."""
    return PolarsColumn(series)


def column_of(series: Any) -> Column:
    """A column of whatever library, as narwhals wraps it."""
    native, library = series.to_native(), series.implementation
    if library.is_pandas():
        return pandas_column(native)
    if library.is_polars():
        return polars_column(native)
    if library.is_pyarrow():
        return arrow_column(native)
    return arrow_column(series.to_arrow())
