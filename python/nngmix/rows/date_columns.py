"""One column of dates, points in time or durations: whole numbers of its unit.

The unit depends on the type alone, so that all blocks of a column are counted alike: that of the type, but
microseconds for nanoseconds, of which float64 counts too few, and days for dates.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.columns import ArrowColumn, Column, NumPyColumn, Part, PolarsColumn, Values, python_value
from nngmix.rows.frame import library
from nngmix.rows.numbers import EXACT_INTEGER, Unfit, integer_limits

__all__ = ["DateColumn", "date_column"]

# What NumPy and pandas call no date.
_NO_DATE = np.iinfo(np.int64).min


class DateColumn(Column):
    """Dates or durations.

    Parameters
    ----------
    native : Any
        The column as its library has it.
    counts : Column
        Its whole numbers.
    family : str
        'date', 'timestamp' (which has no zone), 'zoned timestamp' or 'duration'.
    unit : str
        Of the whole numbers, as NumPy calls it.

    Attributes
    ----------
    unit : str
        What the floats count: only columns of one unit can be mixed.
    """

    def __init__(self, native: Any, counts: Column, family: str, unit: str) -> None:
        self._native, self._counts = native, counts
        self._family, self._given, self._counted = family, unit, "us" if unit == "ns" else unit
        self.unit = f"{family}[{self._counted}]"
        self.limits = integer_limits("int32" if family == "date" else "int64")

    def __len__(self) -> int:
        return len(self._counts)

    def part(self, rows: Part) -> Values:
        values, missing = self._counts.part(rows)
        values = values.astype(np.int64)
        none = values == _NO_DATE
        if missing is not None:
            none |= missing
        values[none] = 0
        if self._given == "ns":
            why = "float64 does not hold nanoseconds: round the column to microseconds"
            self._check(values % 1000 != 0, values, "ns", why)
            values //= 1000
        why = f"float64 counts {self.unit} to 2**53: give the column a coarser unit, seconds for instance"
        self._check(abs(values) > EXACT_INTEGER, values, self._counted, why)
        return values, none

    def value(self, row: int) -> Any:
        native = self._native.iloc if library(self._native) == "pandas" else self._native
        return python_value(native[row])

    def _check(self, unfit: NDArray[np.bool_], values: NDArray[np.int64], unit: str, why: str) -> None:
        if unfit.any():
            at = int(np.argmax(unfit))
            kind = "timedelta64" if self._family == "duration" else "datetime64"
            raise Unfit(at, str(values.view(f"{kind}[{unit}]")[at]), why)


def date_column(native: Any) -> DateColumn | None:
    """A column as its library has it, None if its type is not one of dates or durations."""
    reader = _COLUMN.get(library(native))
    return None if reader is None else reader(native)


def _pandas(series: Any) -> DateColumn | None:
    kind = series.dtype
    if hasattr(kind, "pyarrow_dtype"):
        return _arrow(series.array.__arrow_array__(), series)
    if isinstance(kind, np.dtype) and kind.kind in "mM":
        family, unit = "duration" if kind.kind == "m" else "timestamp", np.datetime_data(kind)[0]
        values = series.to_numpy()
    elif hasattr(kind, "tz") and hasattr(kind, "unit"):
        family, unit = "zoned timestamp", kind.unit
        values = series.to_numpy(dtype=f"datetime64[{unit}]")
    else:
        return None
    return DateColumn(series, NumPyColumn(values.view(np.int64)), family, unit)


def _polars(series: Any) -> DateColumn | None:
    import polars as pl

    kind = series.dtype
    if isinstance(kind, pl.Date):
        family, unit = "date", "D"
    elif isinstance(kind, pl.Datetime):
        family, unit = "timestamp" if kind.time_zone is None else "zoned timestamp", kind.time_unit
    elif isinstance(kind, pl.Duration):
        family, unit = "duration", kind.time_unit
    else:
        return None
    return DateColumn(series, PolarsColumn(series.to_physical()), family, str(unit))


def _arrow(values: Any, shown: Any = None) -> DateColumn | None:
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    if types.is_date(kind):
        family, unit, values = "date", "D", values.cast(pa.date32())
    elif types.is_timestamp(kind):
        family, unit = "timestamp" if kind.tz is None else "zoned timestamp", kind.unit
    elif types.is_duration(kind):
        family, unit = "duration", kind.unit
    else:
        return None
    counts = values.cast(pa.int32() if family == "date" else pa.int64())
    return DateColumn(values if shown is None else shown, ArrowColumn(counts), family, unit)


_COLUMN: dict[str, Callable[[Any], DateColumn | None]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _arrow,
}
