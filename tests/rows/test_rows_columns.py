"""One column of a frame: where it lies, in which parts it is read."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows.columns import Column, NotNumbers, NumPyColumn, arrow_column, pandas_column, polars_column

F8 = np.dtype(np.float64)
VALUES = np.arange(6.0)


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (pandas_column, pd.Series(VALUES)),
        (pandas_column, pd.Series(VALUES, dtype="Float64")),
        (pandas_column, pd.Series(VALUES, dtype="float64[pyarrow]")),
        (polars_column, pl.Series(VALUES)),
        (arrow_column, pa.array(VALUES)),
        (arrow_column, pa.chunked_array([VALUES])),
    ],
)
def test_a_plain_column_is_taken_where_it_lies(make: Any, values: Any) -> None:
    column = make(values)
    assert isinstance(column, NumPyColumn)
    assert np.shares_memory(column.values, make(values).values)
    assert np.shares_memory(column.floats(slice(1, 3), F8), column.values)


def gaps() -> dict[str, Column]:
    values: list[Any] = [1, None, 3, None, 5, 6]
    halves = [None if value is None else value + 0.5 for value in values]
    truths = [None if value is None else value > 2 for value in values]
    decimals = [None if value is None else Decimal(value) / 10 for value in values]
    chunks = pa.chunked_array([values[:2], [], values[2:]], pa.int16())
    return {
        "nullable integers": pandas_column(pd.Series(values, dtype="Int16")),
        "nullable floats": pandas_column(pd.Series(halves, dtype="Float32")),
        "nullable truths": pandas_column(pd.Series(truths, dtype="boolean")),
        "objects": pandas_column(pd.Series(values, dtype=object)),
        "sparse": pandas_column(
            pd.Series(pd.arrays.SparseArray([np.nan if v is None else v for v in values]))
        ),
        "polars integers": polars_column(pl.Series(values)),
        "polars floats": polars_column(pl.Series(halves)),
        "polars truths": polars_column(pl.Series(truths)),
        "polars decimals": polars_column(pl.Series(decimals)),
        "polars wide": polars_column(pl.Series(values, dtype=pl.Int128)),
        "Arrow chunks": arrow_column(chunks),
        "Arrow floats": arrow_column(
            pa.array([None if half is None else np.float16(half) for half in halves])
        ),
        "Arrow truths": arrow_column(pa.array(truths)),
        "Arrow decimals": arrow_column(pa.array(decimals)),
        "Arrow runs": arrow_column(pa.compute.run_end_encode(pa.array(values))),
    }


KEPT = {
    "floats": [1.5, 3.5, 5.5, 6.5],
    "truths": [0, 1, 1, 1],
    "decimals": [0.1, 0.3, 0.5, 0.6],
}


@pytest.mark.parametrize("name", gaps())
@pytest.mark.parametrize(
    "part", [slice(0, 6), slice(1, 4), slice(3, 3), np.array([5, 1, 1]), np.array([], int)]
)
def test_parts_have_nan_where_a_value_is_missing(name: str, part: Any) -> None:
    column = gaps()[name]
    whole = column.floats(slice(0, 6), F8)
    assert np.flatnonzero(np.isnan(whole)).tolist() == [1, 3]
    assert whole[[0, 2, 4, 5]].tolist() == KEPT.get(name.split()[-1], [1, 3, 5, 6])
    assert np.array_equal(column.floats(part, F8), whole[part], equal_nan=True)
    assert len(column) == 6
    assert {repr(column.value(row)) for row in (1, 3)} <= {"None", "nan", "<NA>"}
    assert float(column.value(5)) == whole[5]


def test_narrow_and_limits_follow_the_type() -> None:
    for make, series in (
        (pandas_column, lambda values, dtype: pd.Series(values, dtype=dtype)),
        (arrow_column, pa.array),
        (polars_column, lambda values, dtype: pl.from_arrow(pa.array(values, dtype))),
    ):
        for dtype, narrow, limits in (
            ("float16", True, None),
            ("float32", True, None),
            ("int8", False, (-128, 127)),
            ("uint16", False, (0, 65535)),
            ("int64", False, (-(2**53), 2**53)),
        ):
            column = make(series(np.array([1, 2], dtype), dtype))
            assert (column.narrow, column.limits) == (narrow, limits)


def test_narrow_and_whole_follow_the_type_where_values_are_missing() -> None:
    columns = gaps()
    assert {name for name, column in columns.items() if column.narrow} == {"nullable floats", "Arrow floats"}
    assert {name for name, column in columns.items() if column.limits is not None} == {
        "nullable integers",
        "polars integers",
        "polars wide",
        "Arrow chunks",
        "Arrow runs",
    }


def test_what_holds_no_numbers_shows_a_value() -> None:
    with pytest.raises(NotNumbers) as refused:
        pandas_column(pd.Series([1, "x"], dtype=object))
    assert (refused.value.kind, refused.value.row, refused.value.example()) == ("object", 1, "'x'")
    with pytest.raises(NotNumbers) as refused:
        arrow_column(pa.array([], pa.string()))
    assert refused.value.example() is None
    with pytest.raises(NotNumbers) as refused:
        arrow_column(pa.array([1], pa.timestamp("ns", "Europe/Nowhere")))
    assert "Nowhere" in (refused.value.example() or "")
