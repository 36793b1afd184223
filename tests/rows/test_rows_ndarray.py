"""Arrays and lists as a matrix of numbers."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nngmix.rows.ndarray import number_matrix
from nngmix.rows.refusal import IN_MEMORY


def matrix(X: Any) -> np.ndarray:
    return number_matrix("X", X, IN_MEMORY)


def test_an_array_is_taken_as_it_is() -> None:
    for array in (np.zeros((2, 3), "f2"), np.zeros((3, 2)).T, np.zeros((0, 3)), np.zeros((4, 2))[::-2]):
        assert matrix(array) is array


@pytest.mark.parametrize(
    ("X", "dtype"),
    [
        ([[1, 2], [3, 4]], np.int64),
        (((True, 1),), np.int64),
        ([[1.5, None]], object),
        ([[Decimal(1), 2]], object),
        ([[2**53 + 1, 0.5]], object),
        ([[2**63, -1]], object),
        ([np.zeros(2, "f4"), np.ones(2, "f4")], np.float32),
        ([[np.float32(1e20)]], np.float32),
    ],
)
def test_lists_keep_what_numpy_would_change(X: Any, dtype: Any) -> None:
    assert matrix(X).dtype == dtype


@pytest.mark.parametrize(
    ("X", "kind", "said"),
    [
        ([[1, 2], [3]], ValueError, "X must be a matrix with rows of equal length"),
        ([[1, "a"]], TypeError, "got dtype object, 'a' at row 0, column 1; convert it first"),
        ([["1"]], TypeError, "got dtype object, '1' at row 0, column 0"),
        ([{"a": 1}], TypeError, "got dtype object, {'a': 1} at row 0;"),
        (None, TypeError, "got dtype object, None;"),
        (np.ma.ones((1, 1)), TypeError, "X is a masked array"),
        (np.zeros((1, 1), ">c8"), TypeError, "got dtype >c8; .*; a complex number becomes two columns"),
        (np.zeros(3), ValueError, r"got shape \(3,\); for a single row use X.reshape\(1, -1\)"),
        (np.zeros((1, 1, 1)), ValueError, r"got shape \(1, 1, 1\)$"),
        ([], ValueError, r"got shape \(0,\)"),
        ([[]], ValueError, r"X must have at least one column, got shape \(1, 0\)"),
        (5.0, ValueError, r"got shape \(\)"),
    ],
)
def test_what_is_no_matrix_of_numbers(X: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        matrix(X)


@pytest.mark.parametrize(
    ("X", "said"),
    [
        ("t.csv", "'t.csv'.*read the file"),
        (Path("t.csv"), "read the file"),
        ({"a": [1.0]}, "make a frame of it"),
        ((row for row in [[1.0]]), "make a list of it"),
        (np.zeros(3, [("a", "f8"), ("b", "f8")]), "structured_to_unstructured"),
    ],
)
def test_what_is_no_table_is_told_what_it_is(X: Any, said: str) -> None:
    with pytest.raises(TypeError, match=f"^X .*{said}"):
        number_matrix("X", X, IN_MEMORY)


def test_one_dimension_is_told_the_way_that_its_type_has() -> None:
    for X in (pd.Series([1.0, 2.0], ["a", "b"]), pl.Series([1.0, 2.0]), np.ones(2), [1.0, 2.0]):
        with pytest.raises(ValueError, match="must be 2-D") as caught:
            number_matrix("X", X, IN_MEMORY)
        way = str(caught.value).rpartition("for a single row ")[2].removeprefix("use ").partition(" or ")[0]
        way = way.partition(", for")[0]
        made = eval(way, {"X": X, "numpy": np})
        assert np.asarray(made).shape == (1, 2), way
