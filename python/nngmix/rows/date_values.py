"""Whole numbers, as `DateColumn` counts, back as the dates or durations of a column's type."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["arrow_dates", "pandas_dates", "polars_dates"]

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
