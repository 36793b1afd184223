"""One column of dates, points in time or durations: whole numbers of its unit.

The unit depends on the type alone, so that all blocks of a column are counted alike: that of the type, but
microseconds for nanoseconds, of which float64 counts too few, and days for dates.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.column_types import DateType, Units, column_type
from nngmix.rows.columns import ArrowColumn, Column, NumPyColumn, Part, PolarsColumn, Values, python_value
from nngmix.rows.finish import Range
from nngmix.rows.frame import library
from nngmix.rows.numbers import EXACT_INTEGER, Unfit, integer_limits

__all__ = ["DateColumn", "date_column", "date_limits", "range_of_dates"]

# What NumPy and pandas call no date.
_NO_DATE = np.iinfo(np.int64).min


def date_limits(unit: str | None) -> tuple[float, float] | None:
    """The numbers that dates of a unit have; None for what is no date."""
    return None if unit is None else integer_limits("int32" if unit == "date[D]" else "int64")


def range_of_dates(units: Units) -> Range | None:
    """The same as `date_limits` of all columns, infinite for what is no date; None if there are no dates."""
    if units is None:
        return None
    low, high = np.array([date_limits(unit) or (-np.inf, np.inf) for unit in units]).T
    return low, high


class DateColumn(Column):
    """Dates or durations.

    Parameters
    ----------
    native : Any
        The column as its library has it.
    counts : Column
        Its whole numbers.
    kind : DateType

    Attributes
    ----------
    unit : str
        What the floats count.
    """

    def __init__(self, native: Any, counts: Column, kind: DateType) -> None:
        self._native, self._counts, self._kind, self.unit = native, counts, kind, kind.unit
        self.limits = date_limits(self.unit)

    def __len__(self) -> int:
        return len(self._counts)

    def part(self, rows: Part) -> Values:
        values, missing = self._counts.part(rows)
        values = values.astype(np.int64)
        none = values == _NO_DATE
        if missing is not None:
            none |= missing
        values[none] = 0
        if self._kind.given == "ns":
            why = "float64 does not hold nanoseconds: round the column to microseconds"
            self._check(values % 1000 != 0, values, "ns", why)
            values //= 1000
        why = f"float64 counts {self.unit} to 2**53: give the column a coarser unit, seconds for instance"
        self._check(abs(values) > EXACT_INTEGER, values, self._kind.counted, why)
        return values, none

    def value(self, row: int) -> Any:
        native = self._native.iloc if library(self._native) == "pandas" else self._native
        return python_value(native[row])

    def _check(self, unfit: NDArray[np.bool_], values: NDArray[np.int64], unit: str, why: str) -> None:
        if unfit.any():
            at = int(np.argmax(unfit))
            raise Unfit(at, str(values.view(f"{self._kind.numpy}[{unit}]")[at]), why)


def date_column(native: Any) -> DateColumn | None:
    """A column of a frame as its library has it, None if its type is not one of dates or durations."""
    framed = library(native) in ("pandas", "polars", "pyarrow")
    kind = DateType.of(column_type(native)) if framed else None
    return None if kind is None else DateColumn(native, _counts(native, kind), kind)


def _counts(native: Any, kind: DateType) -> Column:
    """The whole numbers that a column is made of."""
    if library(native) == "polars":
        return PolarsColumn(native.to_physical())
    if library(native) == "pandas" and not hasattr(native.dtype, "pyarrow_dtype"):
        return NumPyColumn(native.to_numpy(dtype=f"{kind.numpy}[{kind.given}]").view(np.int64))
    import pyarrow as pa

    values = native.array.__arrow_array__() if library(native) == "pandas" else native
    if kind.family == "date":
        return ArrowColumn(values.cast(pa.date32()).cast(pa.int32()))
    return ArrowColumn(values.cast(pa.int64()))
