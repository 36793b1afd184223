"""Checks of single parameters."""

import re
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

from nngmix.parameters.checks import (
    check_count,
    check_finite_number,
    check_flag,
    check_ids,
    check_neighbors,
    check_span,
    check_threads,
    check_widths,
    clamp_neighbors,
)
from nngmix.parameters.errors import ParameterError


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)])
def test_counts(value: Any) -> None:
    assert check_count("k", value) == 3
    assert type(check_count("k", value)) is int
    for wrong in (True, np.True_, 3.0, "3", None):
        with pytest.raises(TypeError, match="k must be an integer, got "):
            check_count("k", wrong)
    assert check_count("k", value, minimum=3) == 3
    with pytest.raises(ValueError, match="k must be at least 4, got 3"):
        check_count("k", value, minimum=4)
    assert check_count("k", 0) == 0


def test_counts_are_those_whose_multiples_are_floats() -> None:
    assert check_count("k", 10**300) == 10**300
    for huge in (10**300 + 1, 10**4000):
        with pytest.raises(ValueError, match=r"k must be below 1e300, got 1?0+\.\.\.0+1?$"):
            check_count("k", huge)
    assert check_threads(10**30) == 2**63 - 1
    # Python turns none of these into a text.
    for check, said in (
        (partial(check_count, "k"), "be below 1e300"),
        (partial(check_finite_number, "k"), "be a number that a float holds"),
        (partial(check_flag, "k"), "be True or False"),
    ):
        with pytest.raises(ValueError, match=rf"k must {said}, got an integer of thousands of digits"):
            check(10**5000)
    with pytest.raises(ValueError, match="k must be at least 0, got an integer of thousands of digits"):
        check_count("k", -(10**5000))
    with pytest.raises(ValueError, match=r"k=1e\+308 is too large a multiple of 6 anomalies"):
        check_neighbors("k", 1e308, 6)


@pytest.mark.parametrize("value", [0, 1, 3.5, "no", b"", None, np.array(True), [True]])
def test_flags(value: Any) -> None:
    assert check_flag("f", np.True_) is True
    assert check_flag("f", False) is False
    with pytest.raises(ParameterError, match=re.escape(f"f must be True or False, got {value!r}")):
        check_flag("f", value)


def test_numbers() -> None:
    assert check_finite_number("p", Fraction(1, 2)) == 0.5
    assert type(check_finite_number("p", np.float32(0.5))) is float
    for wrong in (True, "1", None, 1j):
        with pytest.raises(TypeError, match="p must be a number, got "):
            check_finite_number("p", wrong)
    with pytest.raises(ValueError, match="p must be finite, got -inf"):
        check_finite_number("p", -np.inf)
    with pytest.raises(ValueError, match="p must be a number that a float holds, got 1000"):
        check_finite_number("p", 10**400)


@pytest.mark.filterwarnings("error")
def test_numbers_of_neighbours() -> None:
    assert [check_neighbors("k", value, 6) for value in (3, 0.5, 0.01, 2.0)] == [3, 3, 1, 12]
    for none in (0.0, -0.5):
        with pytest.raises(ValueError, match=f"k must be above 0 as a multiple of the anomalies, got {none}"):
            check_neighbors("k", none, 6)
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        check_neighbors("k", 0, 6)
    assert clamp_neighbors("k", 3, 3) == 3
    with pytest.warns(UserWarning, match="k=4 is more than the 3 rows there are; taking all 3"):
        assert clamp_neighbors("k", 4, 3) == 3


def test_spans() -> None:
    assert check_span(2, 5, 10) == (2, 3)
    assert check_span(5, 5, 10) == (5, 0)
    assert check_span(0, 2**63 - 1, 1) == (0, 2**63 - 1)
    with pytest.raises(ValueError, match="stop must not be below start, got 5 and 4"):
        check_span(5, 4, 10)
    with pytest.raises(ValueError, match=r"rows are numbered up to 2\*\*63 / n_features"):
        check_span(0, 2**62, 3)


def test_ids() -> None:
    assert check_ids("ids", 5, 10) == 5
    numbers = check_ids("ids", np.array([3, 9, 1], np.uint64)[::2], 2)
    assert isinstance(numbers, np.ndarray)
    assert (numbers.tolist(), numbers.dtype, numbers.flags.c_contiguous) == ([3, 1], np.int64, True)
    assert check_ids("ids", np.empty(0, np.int64), 0).tolist() == []  # type: ignore[union-attr]
    assert check_ids("ids", 2**63 - 11, 10) == 2**63 - 11
    for wrong in (2**63 - 10, [0, -1]):
        with pytest.raises(ValueError, match=r"ids must be between 0 and 2\*\*63 - 1"):
            check_ids("ids", wrong, 10)
    with pytest.raises(TypeError, match="ids must be integers, got dtype float64"):
        check_ids("ids", [1.0], 1)
    with pytest.raises(ValueError, match=r"ids must be one for each of the 2 rows, got shape \(3,\)"):
        check_ids("ids", [1, 2, 3], 2)


def test_threads_and_widths() -> None:
    assert check_threads(None) is None
    assert check_threads(2) == 2
    with pytest.raises(ValueError, match="n_threads must be at least 1, got 0"):
        check_threads(0)
    assert check_widths(0, 1) == (0.0, 1.0)
    assert check_widths(0.3, 0.3) == (0.3, 0.3)
    for name, widths in (("min_width", (-0.1, 0.5)), ("min_width", (1.5, 1.6)), ("max_width", (0.5, 1.1))):
        with pytest.raises(ValueError, match=f"{name} must be a share of the columns"):
            check_widths(*widths)
    with pytest.raises(
        ValueError, match=r"0 <= min_width <= max_width <= 1, got min_width=0\.5 and max_width=0\.4"
    ):
        check_widths(0.5, 0.4)
