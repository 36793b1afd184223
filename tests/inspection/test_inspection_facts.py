"""What a matrix shows by itself."""

import numpy as np
import pytest

from nngmix.inspection import facts

NAN, INF = np.nan, np.inf


def test_missing_values_are_counted_by_column_and_by_row() -> None:
    X = np.array([[NAN, INF, 1], [NAN, 1, 2], [1, 2, 3]])
    counts, n_rows = facts.missing_values(X)
    assert (counts.tolist(), n_rows) == ([2, 1, 0], 2)


def test_constant_columns() -> None:
    X = np.array([[1, 0.0, NAN, 1, NAN], [1, -0.0, 2, 2, NAN], [1, 0.0, 2, 1, NAN]])
    assert facts.constant_columns(X).tolist() == [True, True, True, False, True]


def test_columns_that_repeat_another() -> None:
    X = np.array([[0.0, 1, -0.0, NAN, NAN, 1], [2, 1, 2, 3, 3, 2]])
    assert facts.same_columns(X) == {2: 0, 4: 3}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_duplicated_rows(dtype: type) -> None:
    X = np.random.default_rng(0).integers(0, 3, (500, 4)).astype(dtype)
    X[::7, 0] = NAN
    X[::11, 1] = -0.0
    distinct = {tuple("nan" if np.isnan(value) else value for value in row) for row in (X + 0.0).tolist()}
    assert facts.duplicated_rows(X) == 500 - len(distinct) > 0
    assert facts.duplicated_rows(X[:1]) == 0


def test_distances_in_short() -> None:
    assert facts.summary(np.array([0.0, 0, 1, 2, 9])) == {
        "least": 0.0,
        "median": 1.0,
        "largest": 9.0,
        "zero": 2,
    }
    assert facts.summary(np.empty(0))["median"] is None
