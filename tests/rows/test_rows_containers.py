"""Rows go out as the type that came in: names, order and types of the columns, old rows as they were."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from containers import matrix
from nngmix import NeighborTable, NNGMix, nng_mix
from nngmix.rows.containers import container_of
from nngmix.rows.rows import as_rows

X = np.arange(12.0).reshape(4, 3)
NEW = X[:2] + 0.5
ARROW = pa.Table, pa.RecordBatch
FRAME = pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5], "c": [True, False, True]}, index=[7, 8, 9])


def extended(X: Any, new: Any) -> Any:
    container = container_of("X", X)
    return container.extended(as_rows("X", container.given), new, "start", 1)


def test_arrays_and_lists() -> None:
    assert extended(X, NEW).tolist() == [*X.tolist(), *NEW.tolist()]
    assert extended(X.tolist(), NEW) == [*X.tolist(), *NEW.tolist()]
    assert container_of("X", X.tolist()).alone(NEW) == NEW.tolist()
    assert container_of("X", X.tolist(), lists=False).alone(NEW) is NEW


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": "int64", "b": "float64", "c": "bool"}, ["float64", "float64", "float64"]),
        ({"a": "float16", "b": "float32", "c": "float32"}, ["float32", "float32", "float32"]),
        ({"a": "float32", "b": "float64", "c": "uint8"}, ["float32", "float64", "float64"]),
        ({"a": "Int8", "b": "Float32", "c": "boolean"}, ["Float64", "Float32", "Float64"]),
        (
            {"a": "int64[pyarrow]", "b": "float[pyarrow]", "c": "bool[pyarrow]"},
            ["double[pyarrow]", "float[pyarrow]", "double[pyarrow]"],
        ),
        (
            {"a": "object", "b": pd.SparseDtype(float, 0.0), "c": "Int64"},
            ["float64", pd.SparseDtype(float, 0.0), "Float64"],
        ),
    ],
)
def test_columns_of_pandas_keep_their_family(given: Any, expected: Any) -> None:
    frame = FRAME.astype(given)
    frame.columns.name = "what"
    for got, rows in ((extended(frame, NEW), 5), (container_of("X", frame).alone(NEW), 2)):
        assert got.dtypes.to_list() == [*map(pd.api.types.pandas_dtype, expected)]
        pd.testing.assert_index_equal(got.columns, frame.columns)
        assert got.index.equals(pd.RangeIndex(rows))
        assert matrix(got)[-2:].tolist() == NEW.tolist()
    assert matrix(extended(frame, NEW))[:3].tolist() == matrix(frame).tolist()


def test_columns_that_are_counted_are_counted_still() -> None:
    assert extended(pd.DataFrame(X), NEW).columns.equals(pd.RangeIndex(3))


def test_missing_values_of_old_rows_are_missing_still() -> None:
    frame = pd.DataFrame({"a": [1, None, 3], "b": [1.5, 2.5, None], "c": [1.0, 2.0, 3.0]})
    nullable = extended(frame.astype({"a": "Int64", "b": "Float64"}), NEW)
    assert nullable["a"].isna().tolist() == [False, True, False, False, False]
    assert nullable["b"].isna().tolist() == [False, False, True, False, False]
    in_polars = extended(pl.from_pandas(frame.astype({"a": "Int64"})), NEW)
    assert in_polars["a"].is_null().to_list() == [False, True, False, False, False]
    in_arrow = extended(pa.Table.from_pandas(frame.astype({"a": "Int64"})), NEW)
    assert in_arrow["a"].to_pylist() == [1.0, None, 3.0, 0.5, 3.5]


def test_polars() -> None:
    frame = pl.from_pandas(FRAME).with_columns(d=pl.Series([1, 2, 3], dtype=pl.Float32))
    new = np.c_[NEW, NEW[:, 0]]
    for got, rows in ((extended(frame, new), 5), (container_of("X", frame).alone(new), 2)):
        assert dict(got.schema) == {"a": pl.Float64, "b": pl.Float64, "c": pl.Float64, "d": pl.Float32}
        assert got.height == rows
        assert matrix(got)[-2:].tolist() == new.tolist()


@pytest.mark.parametrize(
    "given",
    [FRAME, pl.from_pandas(FRAME), *(kind.from_pandas(FRAME, preserve_index=False) for kind in ARROW)],
    ids=lambda given: f"{type(given).__module__.split('.')[0]} {type(given).__name__}",
)
def test_a_type_without_the_rows_that_came(given: Any) -> None:
    container = container_of("X", given)
    empty = container.without_rows()
    assert (type(empty.given), empty.given.shape[0]) == (type(given), 0)
    assert empty.alone(NEW).equals(container.alone(NEW))
    assert container.given.shape[0] == 3


@pytest.mark.parametrize("kind", [pa.Table, pa.RecordBatch, pa.RecordBatchReader])
def test_arrow(kind: Any) -> None:
    schema = pa.schema(
        [pa.field("a", pa.int32(), metadata={"unit": "s"}), ("b", pa.float32()), ("c", pa.decimal128(5, 2))],
        metadata={"made": "here"},
    )
    decimals = [Decimal(1), Decimal(2), Decimal(3)]
    table = pa.table({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5], "c": decimals}, schema)
    given = {pa.Table: table, pa.RecordBatch: table.to_batches()[0], pa.RecordBatchReader: table.to_reader()}
    got = extended(given[kind], NEW)
    assert isinstance(got, pa.Table if kind is pa.RecordBatchReader else kind)
    assert got.schema.types == [pa.float64(), pa.float32(), pa.float64()]
    assert got.schema.metadata == {b"made": b"here"}
    assert got.schema.field("a").metadata == {b"unit": b"s"}
    assert matrix(got)[-2:].tolist() == NEW.tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_frame_of_one_block_keeps_its_layout(dtype: Any) -> None:
    new = NEW.astype(dtype)
    for order in ("C", "F"):
        frame = pd.DataFrame(np.array(X, dtype, order=order), columns=list("abc"), copy=False)
        out = extended(frame, new)
        assert out.to_numpy().flags[f"{order}_CONTIGUOUS"]
        pd.testing.assert_frame_equal(
            out, pd.DataFrame(np.concatenate([X.astype(dtype), new]), columns=list("abc"))
        )


@pytest.mark.parametrize(
    "nothing",
    [
        pd.Series([None] * 20, dtype=object),
        pd.Series([pd.NA] * 20, dtype=object),
        pl.Series([None] * 20),
        pa.nulls(20),
    ],
)
def test_a_column_without_a_value_keeps_its_type(nothing: Any) -> None:
    """Unless it gets values from rows that have some."""
    numbers = np.arange(20.0)
    if isinstance(nothing, pd.Series):
        X: Any = pd.DataFrame({"a": numbers, "o": nothing})
    else:
        X = (pl.DataFrame if isinstance(nothing, pl.Series) else pa.table)({"a": numbers, "o": nothing})
    made, _ = NNGMix(n_samples=5, missing="keep", random_state=0).fit_resample(X, numbers < 4)
    if isinstance(made, pd.DataFrame):
        assert made["o"].dtype == object
        # pandas 2 joins NA with NA as NaN.
        joined = np.nan if nothing[0] is pd.NA and pd.__version__ < "3" else nothing[0]
        assert all(value is joined for value in made["o"])
    else:
        column = made["o"]
        assert (column.to_list() if isinstance(column, pl.Series) else column.to_pylist()) == [None] * 25
        assert str(getattr(column, "type", getattr(column, "dtype", None))).lower() == "null"
    full = pl.DataFrame({"a": numbers, "o": numbers})
    mixed = nng_mix(X, full, 30, missing="keep", categorical_weight=1, random_state=0)
    assert np.isfinite(np.asarray(mixed["o"], float)).any()


def test_columns_of_several_levels_come_back(tmp_path: Any) -> None:
    names = pd.MultiIndex.from_tuples(
        [("flow", "bytes"), ("flow", 1), ("kind", "proto")], names=["of", "what"]
    )
    frame = pd.DataFrame(dict(enumerate([range(0, 40), np.linspace(0, 1, 40), ["tcp", "udp"] * 20])))
    frame.columns = names
    sampler = NNGMix(categorical_features=[("kind", "proto")], multiplier=2, random_state=0)
    made, _ = sampler.fit_resample(frame, np.arange(40) < 5)
    for rows in (made, sampler.generate(3)):
        pd.testing.assert_index_equal(rows.columns, names)
        assert set(rows["kind", "proto"]) <= {"tcp", "udp"}
    turned = frame[frame.columns[::-1]]
    asked = {"categorical_features": [("kind", "proto")], "categorical_weight": 1.0}
    new = nng_mix(frame[:5], frame[5:], 9, random_state=0, **asked)
    pd.testing.assert_frame_equal(nng_mix(frame[:5], turned[5:], 9, random_state=0, **asked), new)
    NeighborTable(frame[:5], **asked).save(tmp_path / "t.npz")
    table = NeighborTable.load(tmp_path / "t.npz").update(turned[5:])
    assert table.decoded(table.rows(0, 9, random_state=0)).tolist() == new.to_numpy(object).tolist()
    with pytest.raises(ValueError, match=r"there is no column 'kind'; there are \('flow', 'bytes'\)"):
        NNGMix(categorical_features=["kind"]).fit_resample(frame, np.arange(40) < 5)
