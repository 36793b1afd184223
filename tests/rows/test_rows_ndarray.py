"""Arrays and lists as a matrix of numbers."""

from decimal import Decimal
from typing import Any

import numpy as np
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
