"""Whole numbers, as `DateColumn` counts, back as the dates or durations of a column's type."""

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.column_types import DateType

__all__ = [
    "arrow_date_type",
    "arrow_dates",
    "arrow_unit_type",
    "date_objects",
    "pandas_date_type",
    "pandas_dates",
    "polars_dates",
]

Counts = NDArray[Any]


def pandas_dates(counts: Counts, kind: Any) -> Any:
    """A column of a pandas type."""
    import pandas as pd

    if hasattr(kind, "pyarrow_dtype"):
        return kind.__from_arrow__(arrow_dates(counts, kind.pyarrow_dtype))
    zoned = not isinstance(kind, np.dtype)
    plain = np.dtype(f"datetime64[{kind.unit}]") if zoned else kind
    values = _whole(counts, np.datetime_data(plain)[0]).view(plain)
    values[np.isnan(counts)] = "NaT"
    dates = pd.array(values, dtype=plain)
    return dates.tz_localize("UTC").tz_convert(kind.tz) if zoned else dates


def pandas_date_type(kind: DateType) -> Any:
    """The type of pandas for a type of dates."""
    import pandas as pd

    if kind.family == "date":
        import pyarrow as pa

        return pd.ArrowDtype(pa.date32())
    if kind.zone is not None:
        return pd.DatetimeTZDtype(kind.given, kind.zone)
    return np.dtype(f"{kind.numpy}[{kind.given}]")


def arrow_date_type(kind: DateType) -> Any:
    """The type of Arrow for a type of dates."""
    import pyarrow as pa

    if kind.family == "timestamp":
        return pa.timestamp(kind.given, kind.zone)
    return pa.date32() if kind.family == "date" else pa.duration(kind.given)


def arrow_unit_type(unit: str) -> Any:
    """A type of Arrow for dates of a unit."""
    import pyarrow as pa

    if unit == "date[D]":
        return pa.date32()
    counted = unit.partition("[")[2].rstrip("]")
    if unit.startswith("duration"):
        return pa.duration(counted)
    return pa.timestamp(counted, "UTC" if unit.startswith("zoned") else None)


def date_objects(counts: Counts, kind: DateType) -> NDArray[np.object_]:
    """Python's own dates, points in time or durations, None where one is missing."""
    values = _whole(counts, kind.counted).view(f"{kind.numpy}[{kind.counted}]").astype(object)
    if kind.zone is not None:
        from zoneinfo import ZoneInfo

        try:
            zone: datetime.tzinfo = ZoneInfo(kind.zone)
        except (KeyError, ValueError):
            # Not a name: +01:00.
            zone = datetime.datetime.strptime(kind.zone, "%z").tzinfo or datetime.UTC
        values[:] = [value.replace(tzinfo=datetime.UTC).astimezone(zone) for value in values]
    values[np.isnan(counts)] = None
    found: NDArray[np.object_] = values
    return found


def polars_dates(name: str, counts: Counts, kind: Any) -> Any:
    """A column of a polars type."""
    import polars as pl

    values = pl.Series(name, _whole(counts, getattr(kind, "time_unit", "D")))
    return values.set(pl.Series(np.isnan(counts)), None).cast(kind)


def arrow_dates(counts: Counts, kind: Any) -> Any:
    """An array of an Arrow type."""
    import pyarrow as pa

    whole, missing = _whole(counts, getattr(kind, "unit", "D")), np.isnan(counts)
    if pa.types.is_date(kind):
        return pa.array(whole.astype(np.int32), mask=missing).cast(pa.date32()).cast(kind)
    return pa.array(whole, mask=missing).cast(kind)


def _whole(counts: Counts, unit: str) -> NDArray[np.int64]:
    """The numbers of a unit, 0 where there is none."""
    whole = np.where(np.isnan(counts), 0, counts).astype(np.int64)
    return whole * 1000 if unit == "ns" else whole
