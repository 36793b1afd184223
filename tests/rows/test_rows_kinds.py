"""Dictionaries of categories: one truth, whatever the order in which values come."""

import datetime as dt
import json
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nngmix.rows.kinds import Kinds, dictionary_of, joined_kinds, same_kinds

# No column holds both 1 and True, which are one value.
VALUES = st.one_of(
    st.text(max_size=3),
    st.integers(2, 2**60),
    st.floats(allow_nan=False),
    st.booleans(),
    st.binary(max_size=2),
    st.dates(),
    st.datetimes().map(lambda moment: moment.replace(fold=0)),
    st.times().map(lambda time: time.replace(fold=0)),
    st.timedeltas(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
)


def kinds_of(*columns: list[Any] | None, missing: bool = False) -> Kinds:
    return Kinds(tuple(None if values is None else dictionary_of(values) for values in columns), missing)


@given(st.lists(VALUES, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_values_does_not_matter(values: list[Any], random: Any) -> None:
    whole = dictionary_of(values)
    random.shuffle(values)
    assert repr(dictionary_of(values)) == repr(whole)
    assert repr(dictionary_of(values * 2)) == repr(whole)
    cut = len(values) // 3
    parts = [kinds_of(values[:cut]), kinds_of(values[cut : 2 * cut]), kinds_of(values[2 * cut :])]
    one, two, three = parts
    assert repr(one.union(two).union(three).categories) == repr((whole,))
    assert repr(three.union(one.union(two)).categories) == repr((whole,))


@given(st.lists(VALUES, min_size=1, max_size=8), st.lists(VALUES, max_size=8), st.integers(0, 99))
def test_recoded_rows_hold_the_same_values_in_the_same_order(old: Any, new: Any, seed: int) -> None:
    small = kinds_of(None, old)
    large = small.union(kinds_of(None, new))
    rng = np.random.default_rng(seed)
    rows = rng.integers(-1, len(small.categories[1] or ()), (20, 2)).astype(np.float32)
    rows[rows < 0] = np.nan
    recoded = large.recode(rows, small)
    assert recoded.dtype == rows.dtype
    assert large.values(1, recoded[:, 1]).tolist() == small.values(1, rows[:, 1]).tolist()
    np.testing.assert_array_equal(recoded[:, 0], rows[:, 0])
    np.testing.assert_array_equal(
        np.argsort(recoded[:, 1], kind="stable"), np.argsort(rows[:, 1], kind="stable")
    )
    shape = (4, 5, 2)
    np.testing.assert_array_equal(large.recode(rows.reshape(shape), small), recoded.reshape(shape))


@given(st.lists(VALUES, max_size=8), st.booleans())
def test_what_is_written_comes_back(values: list[Any], missing: bool) -> None:
    kinds = kinds_of(None, values, missing=missing)
    read = Kinds.from_json(json.loads(json.dumps(kinds.to_json())))
    assert repr(read) == repr(kinds)
    assert pickle.loads(pickle.dumps(kinds)) == kinds


@pytest.mark.parametrize(
    "held",
    [
        [],
        [[None], "no"],
        [[[["str", 1]]], False],
        [[[["int", True]]], False],
        [[[["date", "tomorrow"]]], False],
        [[[["object", "x"]]], False],
        [[[["str", "b"], ["str", "a"]]], False],
    ],
)
def test_what_nobody_wrote_is_refused(held: Any) -> None:
    with pytest.raises(ValueError, match="no categories are written so"):
        Kinds.from_json(held)


def test_values_are_those_that_the_user_sees() -> None:
    values = ["b", "a", 2, 1.0, True, Decimal("0.5"), dt.date(2026, 1, 2), b"x", range(2), -0.0]
    assert dictionary_of(values) == (0.0, 0.5, True, 2, "a", "b", "range(0, 2)", b"x", dt.date(2026, 1, 2))
    # Of 1 and True the same one is taken wherever they stand.
    assert repr(dictionary_of([1, 1.0, True])) == repr(dictionary_of([True, 1, 1.0])) == "(True,)"
    aware = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    assert len(dictionary_of([aware, aware.replace(tzinfo=None)])) == 2


def test_columns_of_two_kinds_are_no_union() -> None:
    with pytest.raises(
        ValueError, match=r"column 'b' holds categories in one .*: name all .* in categorical_features"
    ):
        kinds_of(None, ["x"]).union(kinds_of(None, None), ("a", "b"))
    with pytest.raises(ValueError, match="2 columns and 1"):
        kinds_of(None, ["x"]).union(kinds_of(None))
    with pytest.raises(ValueError, match="column 1 holds categories"):
        joined_kinds(None, kinds_of(None, ["x"]))
    assert joined_kinds(None, None) is None
    numbers = kinds_of(None, missing=True)
    assert joined_kinds(None, numbers) == numbers


def test_kinds_are_compared_without_their_values() -> None:
    assert same_kinds(kinds_of(["a"]), kinds_of(["b", "c"]))
    assert not same_kinds(kinds_of(["a"]), kinds_of(["a"], missing=True))
    assert not same_kinds(kinds_of(["a"]), kinds_of(None))
    assert not same_kinds(kinds_of(["a"]), None)
    assert same_kinds(None, None)


def test_kernels_are_told_which_columns() -> None:
    mixed = kinds_of(None, ["a"], []).mixed(2.0)
    assert mixed.categorical.tolist() == [False, True, True]
    assert mixed.categorical_weight == 2.0
