"""Which types are of categories, and what such a column gives."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nngmix.rows.category_columns import CategoryColumn, is_category
from nngmix.rows.kinds import dictionary_of

MOMENT = dt.datetime(2026, 1, 2)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (np.array(["a"]), True),
        (np.array([b"a"]), True),
        (np.array([True]), True),
        (np.array([1.0]), False),
        (np.array([MOMENT], "M8[s]"), False),
        (np.array([1, None, Decimal("0.5")], object), False),
        (np.array([1, "a", None], object), True),
        (np.array([True, None], object), True),
        (np.array([True, float("nan")], object), True),
        (np.array([True, 0.5], object), False),
        (np.array([None, None], object), False),
        (np.array([MOMENT], object), False),
        (pd.Series(["a"]), True),
        (pd.Series(["a", 1], dtype=object), True),
        (pd.Series(["a"], dtype="string"), True),
        (pd.Series([1], dtype="category"), True),
        (pd.Series([True], dtype="boolean"), True),
        (pd.Series([1], dtype="Int64"), False),
        (pd.Series([MOMENT]), False),
        (pd.Series([1.0, 0.0], dtype=pd.SparseDtype(float, 0.0)), False),
        (pd.Series([True, False], dtype=pd.SparseDtype(bool, False)), True),
        (pd.Series(pd.array(["a"], pd.ArrowDtype(pa.large_string()))), True),
        (pd.Series(pd.array([1], pd.ArrowDtype(pa.int8()))), False),
        (pl.Series(["a"]), True),
        (pl.Series(["a"], dtype=pl.Categorical), True),
        (pl.Series(["a"], dtype=pl.Enum(["a"])), True),
        (pl.Series([True]), True),
        (pl.Series(["a", 1], dtype=pl.Object), True),
        (pl.Series([1.0]), False),
        (pl.Series([MOMENT]), False),
        (pa.array(["a"]), True),
        (pa.array(["a"], pa.string_view()), True),
        (pa.array([1]).dictionary_encode(), True),
        (pc.run_end_encode(pa.array(["a"])), True),
        (pc.run_end_encode(pa.array([1])), False),
        (pa.array([True]), True),
        (pa.array([MOMENT]), False),
        (pa.nulls(2), False),
    ],
    ids=lambda value: f"{type(value).__module__} {getattr(value, 'dtype', getattr(value, 'type', ''))}",
)
def test_which_types_hold_categories(column: Any, expected: bool) -> None:
    assert is_category(column) is expected


def test_ranks_by_any_dictionary() -> None:
    column = CategoryColumn("X, column 'a',", pd.Series(["b", None, "a", "b"]))
    assert (len(column), column.dictionary, column.narrow) == (4, ("a", "b"), True)
    for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
        ranks = column.floats(slice(None), dtype)
        assert ranks.dtype == dtype
        np.testing.assert_array_equal(ranks, [1, np.nan, 0, 1])
    wider = column.coded(dictionary_of(["A", "a", "aa", "b"]))
    np.testing.assert_array_equal(wider.floats(np.array([3, 1, 2]), np.dtype(np.float64)), [3, np.nan, 1])
    # The first one stays as it was.
    np.testing.assert_array_equal(column.part(slice(2, 4))[0], [0, 1])
    assert column.coded(("a", "b")) is column
    assert [column.value(row) for row in (0, 2)] == ["b", "a"]
    with pytest.raises(KeyError, match="b"):
        column.coded(("a", "c"))
    assert column.first("a") == 2


def test_a_column_without_a_value() -> None:
    column = CategoryColumn("X", pa.nulls(3))
    assert column.dictionary == ()
    np.testing.assert_array_equal(column.floats(slice(None), np.dtype(np.float32)), [np.nan] * 3)
