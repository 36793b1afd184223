"""When two labels are one."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nngmix.rows.label_values import number_shown, same_label

TYPED = [
    ("1", 1, True),
    ("1", 1.0, True),
    ("1.0", np.int8(1), True),
    ("1e0", 1, True),
    (" 1", 1, True),
    ("1", True, True),
    ("True", True, True),
    ("TRUE", np.True_, True),
    ("false", False, True),
    (1, "1", True),
    (True, "true", True),
    (0.1, np.float32(0.1), True),
    ("0.10", Decimal("0.1"), True),
    (0.1, Decimal("0.1"), True),
    (2**53 + 1, float(2**53), False),
    ("9007199254740993", 2**53 + 1, True),
    ("inf", np.inf, True),
    ("1_0", 10, False),
    ("٣", 3, False),
    ("yes", True, False),
    ("", 0, False),
    ("a", "a", True),
    ("a", "A", False),
    ("Worms", " Worms", False),
    ("a", b"a", True),
    ("1", "1.0", False),
    ("true", "TRUE", False),
    ("2020-01-01", dt.date(2020, 1, 1), True),
    ("2020-01-01", pd.Timestamp("2020-01-01"), True),
    ("2020-01-01 12:00", dt.datetime(2020, 1, 1, 12), True),
    (dt.date(2020, 1, 1), dt.datetime(2020, 1, 1), True),
    ("2020-01-02", dt.date(2020, 1, 1), False),
    ("(0, 1]", pd.Interval(0, 1), True),
    ("2020", pd.Period("2020", "Y"), True),
]


@pytest.mark.parametrize(("asked", "there", "same"), TYPED)
def test_labels_are_compared_as_they_are_shown(asked: Any, there: Any, same: bool) -> None:
    assert same_label(asked, there) is same


@pytest.mark.parametrize(
    ("asked", "there", "same"),
    [
        ("1", "1.0", True),
        ("1", " 1", True),
        ("1", "TRUE", True),
        ("true", "TRUE", True),
        ("True", "False", False),
        ("1e+05", "100000", True),
        ("01", "1", True),
        ("a", "a", True),
        ("a", "A", False),
        ("nan", "nan", True),
        (1, "1.0", True),
    ],
)
def test_where_there_are_no_types_texts_may_show_one_number(asked: Any, there: Any, same: bool) -> None:
    assert same_label(asked, there, written=True) is same


def test_what_shows_a_number() -> None:
    assert number_shown("-.5e3") == -500
    assert number_shown(np.float16(0.1)) == Decimal("0.1")
    assert [number_shown(value) for value in ("", "nan", "0x1", "1 2", None, 1j, b"1")] == [None] * 7


def test_moments_differ_by_a_nanosecond():
    assert not same_label("1970-01-01 00:00:00.000000001", dt.datetime(1970, 1, 1))
    assert same_label("1970-01-01 00:00:00.000000", dt.datetime(1970, 1, 1))
