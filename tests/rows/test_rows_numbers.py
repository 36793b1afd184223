"""What counts as a number, and how it becomes a float."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nngmix.rows.numbers import (
    Unfit,
    first_stranger,
    float_dtype,
    floats,
    integer_limits,
    is_narrow,
    is_number,
)

F8 = np.dtype(np.float64)


def test_which_types_are_numbers() -> None:
    # NumPy 1 has no letters of its own for the integers as wide as a pointer.
    wide = set("nN") & set(np.typecodes["All"])
    numbers = {code for code in np.typecodes["All"] if is_number(np.dtype(code))}
    assert numbers == set("?bhilqpBHILQPefd") | wide
    assert {code for code in "?bhilqBHILQefd" if is_narrow(np.dtype(code))} == set("ef")


def test_everything_narrow_is_float32() -> None:
    assert float_dtype(True, True) == np.float32
    assert float_dtype(True, False) == np.float64


@pytest.mark.parametrize(
    "value", [1, True, np.True_, np.int8(1), np.float16(1), Decimal(1), Fraction(1, 3), None, pd.NA]
)
def test_objects_that_are_numbers_or_missing(value: Any) -> None:
    assert first_stranger([0.5, value]) is None


@pytest.mark.parametrize(
    "value", ["1", b"1", 1j, np.longdouble(1), pd.NaT, pd.Timestamp(0), [1], np.zeros(1)]
)
def test_objects_that_are_not(value: Any) -> None:
    assert first_stranger([0.5, value, value]) == 1


def test_objects_are_rounded_once() -> None:
    values = np.array([Decimal("0.1"), Fraction(1, 3), 7, True, pd.NA, None], object)
    assert np.array_equal(floats(values, F8), [0.1, 1 / 3, 7, 1, np.nan, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (2**53 + 1, "the integer 9007199254740993, beyond 2\\*\\*53,"),
        (-(2**70), "the integer -1180591620717411303424, beyond"),
        (10**400, "the integer of 1329 bits, beyond"),
        (Fraction(10**400), "Fraction"),
        (Decimal("sNaN"), "sNaN"),
    ],
)
@pytest.mark.parametrize("company", [0.5, pd.NA])
def test_an_object_that_no_float_holds(value: Any, what: str, company: Any) -> None:
    with pytest.raises(Unfit, match=what) as unfit:
        floats(np.array([[1, company], [value, 2]], object), F8)
    assert unfit.value.at == 2


@pytest.mark.parametrize("dtype", ["int64", "uint64", object])
def test_integers_are_numbers_up_to_2_to_the_53(dtype: Any) -> None:
    ends = [2**53, 0 if dtype == "uint64" else -(2**53)]
    assert floats(np.array(ends, dtype), F8).tolist() == ends
    for beyond in (2**53 + 1, *([] if dtype == "uint64" else [-(2**53) - 1])):
        with pytest.raises(Unfit, match=f"the integer {beyond}, beyond") as unfit:
            floats(np.array([*ends, beyond, beyond], dtype), F8)
        assert unfit.value.at == 2


def test_a_missing_integer_may_be_anything() -> None:
    values, missing = np.array([1, 2**60]), np.array([False, True])
    assert np.array_equal(floats(values, F8, missing), [1, np.nan], equal_nan=True)
    with pytest.raises(Unfit):
        floats(values, F8, ~missing)


def test_what_is_ready_is_not_copied() -> None:
    values = np.arange(4.0)
    assert floats(values, F8) is values
    assert floats(values.astype(">f8"), F8).dtype.isnative
    assert floats(np.asfortranarray(np.ones((2, 3))), F8).flags.c_contiguous
    assert np.isnan(floats(values, F8, np.array([False, False, True, False]))[2])
    assert not np.isnan(values).any()


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        (np.dtype(np.int8), (-128, 127)),
        (np.dtype(np.uint8), (0, 255)),
        (pd.Int16Dtype(), (-32768, 32767)),
        (pd.UInt32Dtype(), (0, 2**32 - 1)),
        ("int64", (-(2**53), 2**53)),
        ("uint64", (0, 2**53)),
        ("float32", None),
        ("interval", None),
    ],
)
def test_limits_of_integers(kind: Any, limits: Any) -> None:
    assert integer_limits(kind) == limits
