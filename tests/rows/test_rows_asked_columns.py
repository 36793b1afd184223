"""What a user says of columns: read once, refused by name."""

import pickle
from typing import Any

import numpy as np
import pytest

from nngmix.rows.asked_columns import ColumnsAsked, named_columns

NAMES = ("bytes", "count", "rate")


@pytest.mark.parametrize(
    ("asked", "names", "expected"),
    [
        (None, NAMES, [False] * 3),
        ("auto", NAMES, [False] * 3),
        ([], NAMES, [False] * 3),
        (["rate", "bytes"], NAMES, [True, False, True]),
        ([1, "rate"], NAMES, [False, True, True]),
        (np.array([0, -1]), None, [True, False, True]),
        ([True, False, True], None, [True, False, True]),
        (np.array([False, True, False]), NAMES, [False, True, False]),
        ([2, 7], (7, 5, 2), [True, False, True]),
    ],
)
def test_names_positions_and_masks_say_which_columns(asked: Any, names: Any, expected: list[bool]) -> None:
    columns = pickle.loads(pickle.dumps(ColumnsAsked(whole_features=asked)))
    assert columns == ColumnsAsked(whole_features=asked)
    assert named_columns("whole_features", columns.whole_features, "X", names, 3).tolist() == expected


@pytest.mark.parametrize(
    ("asked", "names", "said"),
    [
        (["byte"], NAMES, "no column 'byte'; the nearest is 'bytes'"),
        ([3], NAMES, "names column 3, but X has columns 0 to 2"),
        (["bytes"], None, "the columns of X have no names"),
        ([1], (7, 5, 2), "no column 1"),
        ([True, False], NAMES, "a bool for each of the 3 columns of X, got 2"),
    ],
)
def test_columns_that_there_are_not_are_named(asked: Any, names: Any, said: str) -> None:
    columns = ColumnsAsked(whole_features=asked)
    with pytest.raises(ValueError, match="whole_features") as raised:
        named_columns("whole_features", columns.whole_features, "X", names, 3)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"whole_features": "bytes"}, r"for one column write \['bytes'\]"),
        ({"whole_features": 3}, "whole_features must be a list of columns"),
        ({"categorical_features": [True, "bytes"]}, "categorical_features must be a list of columns"),
        ({"whole_features": [[1]]}, "whole_features must be"),
        ({"clip": "all"}, "clip must be 'unlabeled', 'anomaly' or None, got 'all'"),
        ({"missing": "drop"}, "missing must be 'error', 'skip' or 'keep', got 'drop'"),
        ({"categorical_weight": -1}, "categorical_weight must be at least 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ColumnsAsked(**given)
