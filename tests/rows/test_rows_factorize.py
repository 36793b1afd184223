"""Columns of anything as codes and distinct values."""

import datetime as dt
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nngmix.rows.factorize import as_shown, factorize

TEXTS = ["b", None, "a", "b"]
NUMBERS = [0.1, None, -1.0, 0.1]
DICTIONARIES = pa.chunked_array(
    [pa.array(TEXTS[:3]).dictionary_encode(), pa.array(TEXTS[3:]).dictionary_encode()]
)


@pytest.mark.parametrize(
    "y",
    [
        TEXTS,
        np.array(TEXTS, object),
        pd.Series(TEXTS),
        pd.Series(TEXTS, dtype=object),
        pd.Series(TEXTS, dtype="string"),
        pd.Series(TEXTS, dtype="category"),
        pd.Series(TEXTS, dtype=pd.ArrowDtype(pa.large_string())),
        pd.Series(DICTIONARIES.to_pandas()),
        pd.Categorical(TEXTS, categories=["unused", "b", "a"]),
        pd.Index(TEXTS),
        pl.Series(TEXTS),
        pl.Series(TEXTS, dtype=pl.Categorical),
        pl.Series(TEXTS, dtype=pl.Enum(["unused", "b", "a"])),
        pa.array(TEXTS),
        pa.array(TEXTS, pa.string_view()),
        pa.compute.run_end_encode(pa.array(TEXTS)),
        DICTIONARIES,
        pd.DataFrame({"y": TEXTS}),
        pl.DataFrame({"y": TEXTS}),
        pa.table({"y": DICTIONARIES}),
        pa.table({"y": TEXTS}).to_reader(),
        nw.from_native(pl.Series(TEXTS), series_only=True),
        [[text] for text in TEXTS],
    ],
)
def test_texts_of_any_container(y: Any) -> None:
    codes, values = factorize("y", y)
    assert codes.dtype == np.int64
    assert (codes.tolist(), values) == ([1, -1, 0, 1], ["a", "b"])


@pytest.mark.parametrize(
    "y",
    [
        NUMBERS,
        np.array(NUMBERS, "f4"),
        np.array(NUMBERS, "f8")[:, None],
        pd.Series(NUMBERS, dtype="float32"),
        pd.Series(NUMBERS, dtype="Float32"),
        pd.Series(NUMBERS, dtype="float[pyarrow]"),
        pd.Series(NUMBERS, dtype="category"),
        pd.Series(pd.arrays.SparseArray(np.array(NUMBERS, "f4"))),
        pl.Series(NUMBERS, dtype=pl.Float32),
        pl.Series(NUMBERS),
        pa.array(NUMBERS, pa.float32()),
        pa.array([*NUMBERS[:1], np.nan, *NUMBERS[2:]], pa.float64()),
        pa.chunked_array([np.array(part, np.float16) for part in (NUMBERS[:1], NUMBERS[1:])]),
    ],
)
def test_numbers_are_what_they_are_shown_as(y: Any) -> None:
    codes, values = factorize("y", y)
    assert (codes.tolist(), values) == ([1, -1, 0, 1], [-1.0, 0.1])
    assert all(type(value) is float for value in values)


@pytest.mark.parametrize("y", [[7], [7, 3, 3], [3, 3, 7], [7, 3, 3, 5, 9]])
def test_a_value_may_stand_in_one_row_alone(y: list[int]) -> None:
    codes, values = factorize("y", np.array(y))
    assert ([values[code] for code in codes], values) == (y, sorted(set(y)))


def test_nothing_has_no_value() -> None:
    gaps = [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("NaN")]
    for y in (gaps, pd.Series(gaps, dtype=object), pa.nulls(6), pl.Series([None] * 6)):
        codes, values = factorize("y", y)
        assert (codes.tolist(), values) == ([-1] * 6, [])


def test_values_are_in_their_order_whatever_the_rows() -> None:
    y = ["b", 2, "a", dt.date(2020, 1, 1), 1.5, True, None, 1]
    assert factorize("y", y)[1] == [True, 1.5, 2, "a", "b", dt.date(2020, 1, 1)]
    assert factorize("y", y[::-1])[1] == factorize("y", y)[1]
    assert factorize("y", y)[0].tolist() == [4, 2, 3, 5, 1, 0, -1, 0]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.float16(0.1), 0.1),
        (np.int8(3), 3),
        (np.datetime64("2020-01-01"), dt.date(2020, 1, 1)),
        (np.datetime64("2020-01-01T01", "ns"), dt.datetime(2020, 1, 1, 1)),
        (np.datetime64(1, "ns"), "1970-01-01T00:00:00.000000001"),
        (pd.Timestamp("2020-01-01"), dt.datetime(2020, 1, 1)),
        (np.timedelta64(1, "s"), dt.timedelta(seconds=1)),
        (np.str_("a"), "a"),
    ],
)
def test_one_value_as_python_has_it(value: Any, shown: Any) -> None:
    assert as_shown(value) == shown
    assert type(as_shown(value)) is type(shown)


def test_moments_of_a_far_time_zone_are_told_apart() -> None:
    codes, values = factorize("y", pa.array([1, 2, 1], pa.timestamp("ns", "Europe/Nowhere")))
    assert codes.tolist() == [0, 1, 0]
    assert values[0].endswith("000000001")


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.zeros((3, 2)), r"y must be 1-D, one label a row, got shape \(3, 2\).*y.ravel\(\)"),
        (3, r"got shape \(\)"),
        (
            pd.DataFrame({"a": [1], "b": [2]}),
            r"y must be one column of labels, got 2; choose it, .* y\['a'\]",
        ),
        (pl.DataFrame({"a": [1], "b": [2]}), "got 2"),
        (pa.table({"a": [1], "b": [2]}), "got 2"),
        (pl.DataFrame(), "got none$"),
    ],
)
def test_what_is_no_column(y: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        factorize("y", y)


def test_a_query_is_refused() -> None:
    with pytest.raises(TypeError, match=r"y is a polars LazyFrame.*collect\(\)"):
        factorize("y", pl.LazyFrame({"a": [1]}))


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (None, r"got shape \(\): None; expected an array"),
        ("label", "'label'.*take the column"),
        ({0, 1}, "make a list of it"),
        (iter([0, 1]), "make a list of it"),
        (np.ma.array([0, 1], mask=[False, True]), "masked array"),
    ],
)
def test_what_is_no_column_of_labels_is_told_what_it_is(y: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^y .*{said}"):
        factorize("y", y)


@pytest.mark.parametrize("made", [pl.Series, pa.array, list, lambda y: pd.Series(y, dtype="Int64")])
def test_integers_beside_missing_values_stay_exact(made: Any) -> None:
    codes, values = factorize("y", made([2**60 + 1, None, 2**60]))
    assert (codes.tolist(), values) == ([1, -1, 0], [2**60, 2**60 + 1])
