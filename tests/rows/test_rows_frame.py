"""Frames as names and columns."""

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from type_table import Lender

from nngmix import NNGMix
from nngmix.rows.frame import column_names, frame_columns, is_frame, known_frame, library, native

TABLE = pa.table({"a": [1, 2], "b": [0.5, 1.5]})
FRAMES = [
    TABLE.to_pandas(),
    pl.from_arrow(TABLE),
    TABLE,
    TABLE.to_batches()[0],
    TABLE.to_reader(),
    Lender(TABLE, "__arrow_c_stream__"),
    Lender(TABLE, "__dataframe__"),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: type(frame).__module__ + type(frame).__name__)
def test_frames_are_known(frame: Any) -> None:
    assert is_frame(frame)
    known = known_frame(frame)
    assert column_names("X", known) == ("a", "b")
    assert [len(column) for column in frame_columns(known)] == [2, 2]


@pytest.mark.parametrize(
    "other",
    [np.zeros((2, 2)), [[1]], pd.Series([1]), pl.Series([1]), pa.array([1]), pa.chunked_array([[1]]), None],
)
def test_what_is_no_frame(other: Any) -> None:
    assert not is_frame(other)


def test_a_query_is_refused() -> None:
    for lazy in (pl.LazyFrame({"a": [1]}), nw.from_native(pl.LazyFrame({"a": [1]}))):
        with pytest.raises(
            TypeError, match=r"X is a polars LazyFrame, which holds a query and no rows: collect\(\)"
        ):
            native("X", lazy)


def test_dask_and_spark_have_doors_of_their_own() -> None:
    dd = pytest.importorskip("dask.dataframe")
    with pytest.raises(TypeError, match=r"X is a Dask collection: use nngmix.dask, or compute\(\) it first"):
        native("X", dd.from_pandas(pd.DataFrame({"a": [1]}), npartitions=1))
    # Spark itself takes seconds to start.
    spark = type("DataFrame", (), {"__module__": "pyspark.sql.dataframe"})()
    with pytest.raises(TypeError, match=r"X is a Spark DataFrame: use nngmix.spark, or collect"):
        native("X", spark)


def test_narwhals_is_unwrapped() -> None:
    assert isinstance(native("X", nw.from_native(pd.DataFrame({"a": [1]}))), pd.DataFrame)


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (None, None),
        (["a", 2], ("a", 2)),
        ([1, 0], (1, 0)),
        (pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]), (("a", 1), ("a", 2))),
    ],
)
def test_names_of_pandas_columns(columns: Any, names: Any) -> None:
    frame = pd.DataFrame([[1, 2]], columns=columns, index=["same"])
    assert column_names("X", pd.concat([frame, frame])) == names


def test_a_name_that_occurs_twice_is_refused() -> None:
    for frame in (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]),
    ):
        with pytest.raises(ValueError, match="X: these column names occur more than once: 'a'"):
            column_names("X", frame)


class PandasFrame(pd.DataFrame):
    """As geopandas has one."""

    @property
    def _constructor(self) -> Any:
        return PandasFrame


class PolarsFrame(pl.DataFrame):
    pass


@pytest.mark.parametrize("kind", [PandasFrame, PolarsFrame])
def test_a_frame_that_extends_another_is_one(kind: Any) -> None:
    frame = kind({"a": [1, 2], "b": [0.5, 1.5]})
    assert known_frame(frame) is frame
    assert library(frame) == library(kind.__bases__[0]({}))
    assert column_names("X", frame) == ("a", "b")
    for columns in ({"a": range(12)}, {"a": [0.5] * 12, "b": range(12)}):
        made, labels = NNGMix(multiplier=2, random_state=0).fit_resample(kind(columns), [1, *[0] * 11])
        assert type(made) is kind.__bases__[0]
        assert (len(made), len(labels)) == (14, 14)
