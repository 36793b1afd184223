"""The types of columns by one name, whatever the library; and back from JSON."""

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows.column_types import (
    ColumnType,
    column_type,
    joined_types,
    read_types,
    units_of,
    written_types,
)

MOMENTS = np.array(["2026-01-01", "2026-01-02"], "datetime64[us]")


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ([pa.array([1], pa.int8()), pl.Series([1], dtype=pl.Int8), pd.Series([1], dtype="int8")], "int8"),
        ([pd.Series([1], dtype="UInt16"), pd.Series([1], dtype=pd.ArrowDtype(pa.uint16()))], "uint16"),
        (
            [pa.array([True]), pl.Series([True]), pd.Series([True]), pd.Series([True], dtype="boolean")],
            "bool",
        ),
        ([pa.array(["a"], pa.string_view()), pa.array(["a"])], "string"),
        (
            [pl.Series(["a"]), pd.Series(["a"], dtype="string"), pa.array(["a"], pa.large_string())],
            "large_string",
        ),
        ([pa.array(MOMENTS), pl.Series(MOMENTS), pd.Series(MOMENTS)], "timestamp[us]"),
        (
            [pd.Series(MOMENTS).dt.tz_localize("UTC"), pa.array(MOMENTS, pa.timestamp("us", "UTC"))],
            "timestamp[us, tz=UTC]",
        ),
        ([pd.Series(MOMENTS).dt.tz_localize("+01:00")], "timestamp[us, tz=+01:00]"),
        ([pa.array([1], pa.date32()), pl.Series([1]).cast(pl.Date)], "date32[day]"),
        ([pa.array([1], pa.duration("ms")), pl.Series([1]).cast(pl.Duration("ms"))], "duration[ms]"),
    ],
)
def test_one_name(columns: list[Any], name: str) -> None:
    assert [column_type(column) for column in columns] == [ColumnType(name)] * len(columns)


@pytest.mark.parametrize(
    "column", [pd.Series(["a", 1]), pl.Series([[1]]), pd.Series([1], dtype="Sparse[int64]")]
)
def test_no_name(column: Any) -> None:
    assert column_type(column) is None


def test_dictionaries_keep_unused_values_and_order() -> None:
    codes = pa.array([0, None], pa.int16())
    arrow = pa.DictionaryArray.from_arrays(codes, pa.array(["z", "never", "a"]), ordered=True)
    assert column_type(arrow) == ColumnType("string", "int16", ("z", "never", "a"), True)
    pandas = pd.Series(pd.Categorical([2, None], [3, 2, 1], ordered=True))
    assert column_type(pandas) == ColumnType("", "int8", (3, 2, 1), True)
    enum = pl.Series(["b"], dtype=pl.Enum(["b", "a"]))
    assert column_type(enum) == ColumnType("", "uint32", ("b", "a"))


INT8, INT64, UINT8, TEXT = map(ColumnType, ("int8", "int64", "uint8", "string"))
SECONDS, NANO, MICRO = (ColumnType(f"timestamp[{unit}]") for unit in ("s", "ns", "us"))
ABC = ColumnType("string", "int8", ("a", "b", "c"), True)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (INT8, INT64, INT64),
        (INT8, UINT8, None),
        (INT8, TEXT, None),
        (NANO, MICRO, NANO),
        (SECONDS, MICRO, None),
        (None, INT8, None),
        (ABC, ABC, ABC),
        (ABC, ColumnType("string", "int8", ("a", "b")), ColumnType("string", "int8", ("a", "b", "c"))),
        (
            ABC,
            ColumnType("string", "int8", ("d",), True),
            ColumnType("string", "int32", ("a", "b", "c", "d")),
        ),
        (ABC, TEXT, None),
    ],
)
def test_types_join_in_any_order(first: Any, second: Any, both: Any) -> None:
    assert joined_types((first,), (second,)) == joined_types((second,), (first,)) == (both,)
    assert joined_types(None, (first,)) is None


def test_json_and_back() -> None:
    types = (INT8, None, ABC, ColumnType("timestamp[us, tz=Europe/Berlin]"), ColumnType("", "int8", (1, 2.5)))
    assert read_types(json.loads(json.dumps(written_types(types))), 5) == types
    assert units_of(types) == (None, None, None, "zoned timestamp[us]", None)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ([None], "types of 2 columns"),
        ({}, "types of 2 columns"),
        ([None, ["int7", None, [], False]], "'int7' is no type of a column that this version knows"),
        ([None, ["", None, [], False]], "'' is no type"),
        ([None, ["string", "float", [], False]], "'float' is no type of codes"),
        ([None, ["string", "int8", [["str", 1]], False]], "no str"),
        ([None, ["string", "int8", []]], "not enough values"),
        ([None, 5], "no type is written so"),
    ],
)
def test_damage_is_named(held: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_types(held, 2)
