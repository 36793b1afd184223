"""The door: blocks, layouts, names, and who is told what."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows import base, in_memory
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import Advice, as_rows, common_dtype, matched

rng = np.random.default_rng(0)
X = rng.random((1000, 3))


def test_what_is_ready_is_one_block_and_not_copied() -> None:
    there = as_rows("X", X)
    assert there.whole() is X
    [(start, block)] = there.blocks()
    assert start == 0
    assert block is X
    assert [len(part) for _, part in there.blocks(n_values=900)] == [300, 300, 300, 100]
    assert all(np.shares_memory(part, X) for _, part in there.blocks(n_values=900))


def test_a_frame_of_an_array_is_that_array() -> None:
    frame = pd.DataFrame(X, columns=list("abc"), copy=False)
    assert np.shares_memory(as_rows("X", frame).whole(), X)
    assert not as_rows("X", frame).whole().flags.writeable
    assert np.shares_memory(as_rows("X", pd.DataFrame({"a": X[:, 0].copy()})).whole(), np.zeros(1)) is False
    # A part of its columns lies in it still, but not as rows of their own.
    part = as_rows("X", frame[["a", "b"]])
    assert np.array_equal(part.whole(), X[:, :2])


@pytest.mark.parametrize(
    "make",
    [
        lambda values: pd.DataFrame(values, copy=False).iloc[::-2, ::-1],
        lambda values: pd.DataFrame(values[:, ::2], copy=False),
        lambda values: pd.DataFrame(np.asfortranarray(values))[[2, 0]],
        lambda values: pd.DataFrame(values)[[1, 1]].set_axis(["a", "b"], axis=1),
        lambda values: pd.DataFrame(np.broadcast_to(values[:1], values.shape), copy=False),
        lambda values: pd.DataFrame(values.astype(">f8"), copy=False),
        lambda values: pd.DataFrame(values[:1], copy=False),
        lambda values: pd.DataFrame(values[:0], copy=False),
        lambda values: pd.DataFrame(values, copy=False).T,
    ],
)
def test_columns_of_one_array_in_any_arrangement(make: Any) -> None:
    frame = make(X[:60])
    assert np.array_equal(as_rows("X", frame).whole(), frame.to_numpy())


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8", ">f8", "i4", "i8", "u8", "?"])
def test_blocks_of_every_layout(order: str, dtype: str) -> None:
    array = np.array(X * 100, dtype, order=order)
    there = as_rows("X", array)
    expected = array.astype("f4" if dtype in ("f2", "f4", ">f4") else "f8")
    for n_values in (None, 1, 1500):
        blocks = [(start, block.copy()) for start, block in there.blocks(n_values=n_values)]
        assert [start for start, _ in blocks] == np.cumsum([0, *(len(b) for _, b in blocks)])[:-1].tolist()
        assert np.array_equal(np.concatenate([block for _, block in blocks]), expected)
        assert all(block.flags.c_contiguous and block.dtype.isnative for _, block in blocks)
    out = np.empty((7, 3))
    there.read(500, 507, out)
    assert np.array_equal(out, expected[500:507].astype(float))


@pytest.mark.parametrize("order", ["C", "F"])
def test_more_columns_than_are_lent_to_the_kernel(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "_MOST_VIEWS", 2)
    frame = pd.DataFrame(np.array(X, order=order))
    mixed = frame.assign(d=1)
    assert np.array_equal(as_rows("X", frame).whole(np.dtype("f8")), X)
    assert np.array_equal(as_rows("X", mixed).whole(), np.column_stack([X, np.ones(len(X))]))


def test_wide_rows_are_read_in_turns_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    # However wide the rows: the turns through all columns do not grow with the columns.
    wide = pl.DataFrame({f"c{j}": np.arange(600.0) for j in range(500)})
    monkeypatch.setattr(base, "_BLOCK_VALUES", 500)
    assert [len(block) for _, block in as_rows("X", wide).blocks()] == [256, 256, 88]


def test_columns_are_given_where_they_lie() -> None:
    span, float64, float32 = slice(100, 300), np.dtype(float), np.dtype(np.float32)
    table = np.asfortranarray(X)
    frame = pd.DataFrame({"a": X[:, 0].copy(), "b": np.arange(1000), "c": X[:, 2].copy()})
    for given, copied in [(table, []), (frame, [1])]:
        columns = as_rows("X", given).by_column(span, float64)
        assert columns is not None
        for j, column in enumerate(columns):
            expected = np.asarray(given)[span, j]
            assert column.tobytes() == expected.astype(float).tobytes()
            whole = given[:, j] if given is table else given.iloc[:, j].to_numpy()
            assert np.shares_memory(column, whole) == (j not in copied)
    assert as_rows("X", X).by_column(span, float64) is None
    assert as_rows("X", table).by_column(span, float32) is None
    frame["b"] += 2**53
    with pytest.raises(ValueError, match=r"X holds the integer .* at row 101, column 'b'"):
        as_rows("X", frame).by_column(slice(101, 102), float64)


def test_columns_are_matched_by_name() -> None:
    frame = pd.DataFrame(X, columns=list("abc"))
    for other in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        got = matched(as_rows("X", other), as_rows("A", frame[["c", "a", "b"]]))
        assert got.names == ("c", "a", "b")
        assert np.array_equal(got.whole(), X[:, [2, 0, 1]])
    assert matched(as_rows("X", X), as_rows("A", frame)).whole() is X
    with pytest.raises(ValueError, match="X must have the columns of A, but it lacks 'c'"):
        matched(as_rows("X", frame[["a", "b"]]), as_rows("A", frame))
    with pytest.raises(ValueError, match="X must have the 3 columns of A, got 2"):
        matched(as_rows("X", X[:, :2]), as_rows("A", frame))


def test_rows_pass_once() -> None:
    there = as_rows("X", X)
    assert as_rows("other", there) is there
    assert there.cast(np.dtype("f4")).whole().dtype == np.float32
    assert common_dtype(there, as_rows("X", X.astype("f4"))) == np.float64


@pytest.mark.parametrize("where", [0, 999])
def test_a_bad_value_is_named_with_the_row_of_its_file(where: int) -> None:
    bad = X.copy()
    bad[where, 1] = np.inf
    frame = pd.DataFrame(bad, columns=list("abc"))
    advice = Advice("types", "use --missing skip")
    for rows_, column in (
        (as_rows("f.csv", bad, advice=advice, first_row=5), "1"),
        (as_rows("f.csv", frame, advice=advice, first_row=5), "'b'"),
    ):
        expected = f"f.csv must be finite, got inf at row {where + 5}, column {column}; use --missing skip$"
        for start, block in rows_.blocks(n_values=300):
            if start <= where < start + len(block):
                with pytest.raises(ValueError, match=expected):
                    rows_.check_finite(block, start)
                with pytest.raises(ValueError, match=expected), rows_.located(block, start):
                    raise ValueError("of a kernel")
            else:
                rows_.check_finite(block, start)
                assert rows_.finite(block) is None


def test_a_long_integer_is_named_in_any_block_and_choice() -> None:
    array = np.ones((1000, 2), np.int64)
    array[900, 1] = 2**60
    for frame, column in ((array, "1"), (pl.DataFrame(array, schema=["a", "b"]), "'b'")):
        there = as_rows("X", frame, first_row=10)
        said = f"X holds the integer {2**60}, beyond 2\\*\\*53, at row 910, column {column}"
        with pytest.raises(ValueError, match=said):
            list(there.blocks(n_values=1))
        with pytest.raises(ValueError, match=said):
            there.take(np.array([3, 900]))


def test_an_index_among_the_columns_is_warned_of() -> None:
    frame = pd.DataFrame({"Unnamed: 0": [0, 1], "": [3, 4], " ": [0.5, 1.5]})
    with pytest.warns(UserWarning, match="X: 'Unnamed: 0', '' looks like an index"):
        as_rows("X", frame)
    as_rows("f.csv", frame, advice=Advice("", ""))


def test_a_frame_without_columns_is_refused() -> None:
    for frame in (pd.DataFrame(index=[1]), pl.DataFrame(), pa.table({})):
        with pytest.raises(ValueError, match="X must have at least one column, got none"):
            as_rows("X", frame)


def test_no_rows_are_no_blocks() -> None:
    for frame in (
        pl.DataFrame({"a": []}, schema={"a": pl.Float64}),
        pa.table({"a": pa.chunked_array([], "f8")}),
    ):
        there = as_rows("X", frame)
        assert len(there) == 0
        assert there.whole().shape == (0, 1)


@pytest.mark.parametrize("made", [np.asarray, pd.DataFrame])
def test_missing_values_of_one_matrix_are_kept_where_asked_for(made: Any) -> None:
    X = made([[1.0, np.nan], [np.nan, 2.0]])
    kept, refused = as_rows("X", X, asked=ColumnsAsked(missing="keep")), as_rows("X", X)
    kept.check_finite(kept.whole())
    with pytest.raises(ValueError, match="X must be finite, got nan at row 0"):
        refused.check_finite(refused.whole())
