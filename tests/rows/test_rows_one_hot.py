"""One-hot labels: taken for what they are, and nothing else taken for them."""

from typing import Any

import numpy as np
import pytest

from nngmix.rows.one_hot import from_one_hot


@pytest.mark.parametrize("make", [list, tuple, np.array, lambda rows: np.array(rows, bool)])
def test_the_column_of_the_one_is_the_label(make: Any) -> None:
    assert from_one_hot(make([[0, 0, 1], [1, 0, 0], [0, 1, 0]])).tolist() == [2, 0, 1]
    assert from_one_hot(make([[0, 1], [1, 0]])).tolist() == [1, 0]


@pytest.mark.parametrize(
    "y",
    [
        [[0, 1], [1, 1]],
        [[0, 1], [0, 0]],
        [[0, 2], [1, 0]],
        np.array([["0", "1"], ["1", "0"]]),
        [[1], [1]],
        [0, 1],
        "01",
    ],
)
def test_anything_else_stays_as_it_is(y: Any) -> None:
    assert from_one_hot(y) is y
