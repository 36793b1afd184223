"""Categories and missing values of every library: the same ranks, and the same type out again."""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.containers import container_of
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Known, as_rows, paired

AUTO = ColumnsAsked(categorical_features="auto", missing="keep")

TEXTS = ["udp", None, "tcp", "udp"]
TRUTHS = [True, None, False, True]
NUMBERS = [0.5, None, -1.0, 2.0]
ORDERED = pd.CategoricalDtype(["unseen", "udp", "tcp"], ordered=True)
CODED = pa.dictionary(pa.int8(), pa.string(), ordered=True)

# What they hold, and the column of a library that holds it.
COLUMNS: dict[str, tuple[list[Any], Any]] = {
    "pandas str": (TEXTS, pd.Series(TEXTS)),
    "pandas object": (TEXTS, pd.Series(TEXTS, dtype=object)),
    "pandas string": (TEXTS, pd.Series(TEXTS, dtype="string")),
    "pandas category": (TEXTS, pd.Series(TEXTS, dtype="category")),
    "pandas ordered": (TEXTS, pd.Series(TEXTS, dtype=ORDERED)),
    "pandas categories of numbers": ([3, None, 1, 3], pd.Series([3, None, 1, 3], dtype="category")),
    "pandas intervals": (["(0, 2]", None, "(2, 4]", "(0, 2]"], pd.cut(pd.Series([1, None, 3, 2]), [0, 2, 4])),
    "pandas boolean": (TRUTHS, pd.Series(TRUTHS, dtype="boolean")),
    "pandas object of truths": (TRUTHS, pd.Series(TRUTHS, dtype=object)),
    "pandas bool": ([True, False, True], pd.Series([True, False, True])),
    "pandas Arrow text": (TEXTS, pd.Series(TEXTS, dtype=pd.ArrowDtype(pa.large_string()))),
    "pandas Arrow dictionary": (TEXTS, pd.Series(pd.array(TEXTS, pd.ArrowDtype(CODED)))),
    "pandas Arrow bool": (TRUTHS, pd.Series(TRUTHS, dtype=pd.ArrowDtype(pa.bool_()))),
    "polars String": (TEXTS, pl.Series(TEXTS)),
    "polars Categorical": (TEXTS, pl.Series(TEXTS, dtype=pl.Categorical)),
    "polars Enum": (TEXTS, pl.Series(TEXTS, dtype=pl.Enum(["unseen", "udp", "tcp"]))),
    "polars Boolean": (TRUTHS, pl.Series(TRUTHS)),
    "Arrow string": (TEXTS, pa.array(TEXTS)),
    "Arrow large_string": (TEXTS, pa.array(TEXTS, pa.large_string())),
    "Arrow string_view": (TEXTS, pa.array(TEXTS, pa.string_view())),
    "Arrow bool": (TRUTHS, pa.array(TRUTHS)),
    "Arrow dictionary": (
        TEXTS,
        pa.DictionaryArray.from_arrays(
            pa.array([1, None, 2, 1], pa.int8()), ["unseen", "udp", "tcp"], ordered=True
        ),
    ),
    "Arrow dictionaries": (
        TEXTS,
        pa.chunked_array([pa.array(TEXTS[:3]).dictionary_encode(), pa.array(TEXTS[3:]).dictionary_encode()]),
    ),
    "Arrow runs": (TEXTS, pc.run_end_encode(pa.array(TEXTS))),
}


def frame_of(column: Any, numbers: list[Any]) -> Any:
    """A frame of the column's library: it, and numbers."""
    module = type(column).__module__.partition(".")[0]
    if module == "pandas":
        return pd.DataFrame({"kind": column, "number": np.array(numbers, float)})
    if module == "polars":
        return pl.DataFrame({"kind": column, "number": pl.Series(numbers, dtype=pl.Float64)})
    return pa.table({"kind": column, "number": pa.array(numbers, pa.float64())})


def values_of(X: Any) -> list[tuple[Any, Any]]:
    """The rows as Python has them, None where a value is missing; intervals as texts."""
    if isinstance(X, pd.DataFrame):
        columns = [[None if pd.isna(value) else value for value in X[name].tolist()] for name in X]
        if isinstance(getattr(X["kind"].dtype, "categories", None), pd.IntervalIndex):
            shown = [*map(str, X["kind"].cat.categories), None]
            columns[0] = [shown[code] for code in X["kind"].cat.codes]
    else:
        table = X if isinstance(X, pa.Table) else X.to_arrow()
        columns = [column.to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True))


def types_of(X: Any) -> Any:
    return X.schema if hasattr(X, "schema") else X.dtypes.tolist()


@pytest.mark.parametrize("kind", COLUMNS)
def test_each_type_in_and_out(kind: str) -> None:
    values, column = COLUMNS[kind]
    numbers = NUMBERS[: len(values)]
    X = frame_of(column, numbers)
    container = container_of("X", X)
    rows = as_rows("X", container.given, asked=AUTO)
    distinct = tuple(sorted({value for value in values if value is not None}))
    assert repr(rows.kinds) == repr(Kinds((distinct, None), missing=True))
    ranks = [np.nan if value is None else distinct.index(value) for value in values]
    expected = np.column_stack([ranks, np.array(numbers, float)])
    made = rows.whole()
    np.testing.assert_array_equal(made, expected)
    # One block, a part, single rows: the same.
    np.testing.assert_array_equal(rows.take(np.array([2, 0]))[:, 0], np.array(ranks)[[2, 0]])
    new = made[::-1].copy()
    there = list(zip(values, numbers, strict=True))
    for alone in (
        container.alone(new, rows.kinds),
        container.without_rows(rows.kinds).alone(new, rows.kinds),
    ):
        assert types_of(alone) == types_of(X)
        assert values_of(alone) == there[::-1]
    both = container.extended(rows, new, "x", 1, rows.kinds)
    assert types_of(both) == types_of(X)
    assert values_of(both) == there + there[::-1]


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if len(COLUMNS[kind][0]) > 3])
def test_a_missing_category_is_refused_or_kept(kind: str) -> None:
    X = frame_of(COLUMNS[kind][1], [1.0, 2.0, 3.0, 4.0])
    rows = as_rows("X", X, asked=ColumnsAsked(categorical_features=["kind"]))
    with pytest.raises(ValueError, match=r"X must be finite, got (None|nan|<NA>) at row 1, column 'kind'"):
        rows.check_finite(rows.whole())


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pd.Series([3, 1, 3], dtype=np.int8), [3, 1, 3]),
        (pd.Series([3, None, 1], dtype="Int64"), [3, None, 1]),
        (pd.Series([0.5, None, 0.1], dtype=np.float32), [0.5, None, 0.1]),
        (pd.Series([dt.date(2026, 1, 2), None]), [dt.date(2026, 1, 2), None]),
        (pd.Series(pd.to_datetime(["2026-01-02", None])), [dt.datetime(2026, 1, 2), None]),
        (pl.Series([3, None, 1], dtype=pl.UInt16), [3, None, 1]),
        (pl.Series([dt.date(2026, 1, 2), None]), [dt.date(2026, 1, 2), None]),
        (pa.array([3, None, 2**60], pa.int64()), [3, None, 2**60]),
        (pa.array([b"x", None]), [b"x", None]),
        (pa.array([dt.date(2026, 1, 2), None]), [dt.date(2026, 1, 2), None]),
        (pa.array([Decimal("1.50"), None]), [1.5, None]),
        (pa.array([Decimal("1.50"), None]).dictionary_encode(), [1.5, None]),
        (pl.Series([Decimal("1.50"), None]), [1.5, None]),
    ],
    ids=lambda value: str(getattr(value, "dtype", getattr(value, "type", ""))),
)
def test_columns_that_are_declared(column: Any, values: list[Any]) -> None:
    X = frame_of(column, [0.0] * len(values))
    container = container_of("X", X)
    rows = as_rows("X", X, asked=ColumnsAsked(categorical_features=["kind"], missing="keep"))
    assert rows.kinds is not None
    assert rows.kinds.values(0, rows.whole()[:, 0]).tolist() == values
    made = container.alone(rows.whole(), rows.kinds)
    assert types_of(made) == types_of(X)
    assert made.equals(X) if not isinstance(X, pa.Table) else made["kind"].to_pylist() == values


@pytest.mark.parametrize(
    "values",
    [
        [Decimal("1.5"), Decimal("2.25"), None],
        [("tcp", 80), ("udp", 53), None, "None"],
        [["tcp"], ["udp"], ["tcp"]],
        [uuid.UUID(int=1), "None", None, np.nan],
        [1, True, "1", 2.0, (1,)],
    ],
    ids=repr,
)
def test_objects_are_what_they_were(values: list[Any]) -> None:
    column = np.empty(len(values), object)
    column[:] = values
    frame = pd.DataFrame({"kind": pd.Series(column, dtype=object), "number": 1.0})
    for X in (frame, frame.to_numpy(object)):
        container = container_of("X", X)
        rows = as_rows("X", X, asked=ColumnsAsked(categorical_features=[0], missing="keep"))
        made = container.without_rows(rows.kinds).alone(rows.whole(), rows.kinds)
        for old, new in zip(values, np.asarray(made, object)[:, 0], strict=True):
            assert (old == new and (type(old) is type(new) or old == 1)) or (pd.isna(old) and pd.isna(new))


def test_intervals_are_what_they_were() -> None:
    X = pd.DataFrame({"kind": pd.arrays.IntervalArray.from_breaks([0, 1, 2]), "number": 1.0})
    rows = as_rows("X", X, asked=ColumnsAsked(categorical_features=["kind"]))
    pd.testing.assert_frame_equal(container_of("X", X).alone(rows.whole(), rows.kinds), X)


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, {"a": 2}]], ids=repr)
@pytest.mark.parametrize("make", [pl.Series, pa.array])
def test_nested_values_are_no_categories(make: Any, values: list[Any]) -> None:
    with pytest.raises(TypeError, match=r"'kind', must hold one label a row.*name another column"):
        as_rows("X", frame_of(make(values), [0.0, 1.0]), asked=ColumnsAsked(categorical_features=["kind"]))


@pytest.mark.parametrize(
    ("X", "out"),
    [
        (np.array([["a", 1.5, True], ["b", None, None]], object), object),
        (np.array([["a", "b"], ["c", "dd"]]), "<U2"),
        (np.array([[True, False], [False, False]]), bool),
        ([["a", 1.5, True], ["b", 2, None]], None),
        ((("a", 1.5), ("b", 2.5)), None),
    ],
    ids=["objects", "texts", "truths", "lists", "tuples"],
)
def test_arrays_and_lists(X: Any, out: Any) -> None:
    container = container_of("X", X)
    rows = as_rows("X", X, asked=AUTO)
    made = container.alone(rows.whole(), rows.kinds)
    both = container.extended(rows, rows.whole(), "x", 1, rows.kinds)
    old = X.tolist() if isinstance(X, np.ndarray) else [list(row) for row in X]
    if out is not None:
        assert made.dtype == both.dtype == np.dtype(out)
        made, both = made.tolist(), both.tolist()
    new = [[np.nan if value is None and j == 1 else value for j, value in enumerate(row)] for row in old]
    assert repr(made) == repr(new).replace(" 2,", " 2.0,")
    assert repr(both) == repr([*old, *made])


def test_numbers_of_an_array_are_categories_by_position() -> None:
    X = np.array([[7.0, 0.5], [3.0, np.nan], [np.nan, 1.0]], np.float32)
    rows = as_rows("X", X, asked=ColumnsAsked(categorical_features=[0], missing="keep"))
    assert rows.dtype == np.float32
    assert repr(rows.kinds) == repr(Kinds(((3.0, 7.0), None), missing=True))
    np.testing.assert_array_equal(rows.whole()[:, 0], [1, 0, np.nan])
    container = container_of("X", X)
    for made in (
        container.alone(rows.whole(), rows.kinds),
        container.extended(rows, rows.whole(), "", 1, rows.kinds),
    ):
        assert made.dtype == np.float32
        np.testing.assert_array_equal(made[-3:], X)


def test_two_frames_have_one_dictionary() -> None:
    X = pd.DataFrame({"kind": pd.Categorical(["b", "x"]), "number": [1.0, 2.0], "truth": [True, False]})
    U = pl.DataFrame({"truth": [True, True], "number": [3.0, None], "kind": ["c", "a"]})
    one = as_rows("X", X, asked=AUTO)
    two = as_rows("U", U, asked=AUTO, known=Known(one.names, one.kinds))
    two, one = paired(two, one)
    assert one.kinds == two.kinds == Kinds((("a", "b", "c", "x"), None, (False, True)), True)
    assert one.whole().tolist() == [[1, 1, 1], [3, 2, 0]]
    np.testing.assert_array_equal(two.whole(), [[2, 3, 1], [0, np.nan, 1]])
    # A value of the other frame goes out in the type of the first, which learns it.
    made = container_of("X", X).alone(two.whole(), two.kinds)
    assert made["kind"].tolist() == ["c", "a"]
    assert made["kind"].cat.categories.tolist() == ["b", "x", "a", "c"]


def test_what_is_known_to_hold_categories_does_so_elsewhere() -> None:
    # A block whose column misses every value has no type that would tell.
    X, block = pa.table({"kind": ["a"], "number": [1]}), pa.table({"number": [1], "kind": [None]})
    one = as_rows("X", X, asked=AUTO)
    rows, _ = paired(as_rows("U", block, known=Known(one.names, one.kinds)), one)
    np.testing.assert_array_equal(rows.whole(), [[np.nan, 1]])
    with pytest.raises(ValueError, match="column 'kind' holds categories in one part"):
        paired(as_rows("U", block), one)


def test_a_category_that_nobody_knows_is_named() -> None:
    X = pd.DataFrame({"kind": ["a", "b", "a", "c"]})
    rows = as_rows("X", X, asked=AUTO, first_row=10)
    with pytest.raises(
        ValueError, match=r"X holds 'c' at row 13, column 'kind', .* none of the 2 categories"
    ):
        rows.coded(Kinds((("a", "b"),), True))


def test_the_refusal_of_texts_names_the_way_out() -> None:
    way = 'texts and categories are features with categorical_features="auto"'
    for X in (
        pd.DataFrame({"a": ["x"]}),
        pd.DataFrame({"a": pd.Categorical(["x"])}),
        [["x"]],
        pl.DataFrame({"a": ["x"]}),
    ):
        with pytest.raises(TypeError, match=way):
            as_rows("X", X)
    X = pd.DataFrame({"a": ["x"], "b": ["y"]})
    with pytest.raises(TypeError, match=r"'b' \((str|object)\).*" + way):
        as_rows("X", X, asked=ColumnsAsked(categorical_features=["a"]))


def test_infinity_is_never_kept() -> None:
    for X in (pd.DataFrame({"a": [np.nan, np.inf], "b": ["x", "y"]}), np.array([[np.nan], [np.inf]])):
        rows = as_rows("X", X, asked=AUTO)
        with pytest.raises(ValueError, match=r"X must not be infinite, got inf at row 1, column '?[a0]'?"):
            rows.check_finite(rows.whole())


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table, lambda columns: np.array([*columns.values()], object).T]
)
def test_many_rows_and_many_values(make: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    texts = np.array([f"value {number}" for number in range(300)], object)[rng.integers(0, 300, 5000)]
    X = make({"text": texts.tolist(), "number": rng.random(5000)})
    rows = as_rows("X", X, asked=AUTO)
    assert rows.kinds is not None
    values, codes = np.unique(texts.astype(str), return_inverse=True)
    assert rows.kinds.categories[0] == tuple(values)
    np.testing.assert_array_equal(rows.whole()[:, 0], codes)
    blocks = [block[:, 0].copy() for _, block in rows.blocks(n_values=600)]
    assert len(blocks) > 5
    np.testing.assert_array_equal(np.concatenate(blocks), codes)
