"""Amounts: read from text, counted, and refused where they are absurd."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from nngmix.parameters.amount import Amount, check_share


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("10x", Amount(multiplier=10.0)),
        ("2.5x", Amount(multiplier=2.5)),
        (".5x", Amount(multiplier=0.5)),
        ("10%", Amount(share=0.1)),
        ("0.5%", Amount(share=0.005)),
        (" 300 ", Amount(n_samples=300)),
        ("0", Amount(n_samples=0)),
    ],
)
def test_amounts_are_read_from_text(text: str, amount: Amount) -> None:
    assert Amount.parse(text) == amount


@pytest.mark.parametrize("text", ["", "x", "ten", "-5", "1e3", "10 x", "10xx", "5.5", "nan%", "inf", "½x"])
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount must be 10x \(times the labelled anomalies\), 10% \(share"):
        Amount.parse(text)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Amount(n_samples=7), 7),
        (Amount(n_samples=10**30), 10**30),
        (Amount(multiplier=2.5), 30),
        (Amount(multiplier=0), 0),
        (Amount(multiplier=Fraction(1, 3)), 4),
        (Amount(share=0.1), 8),
        (Amount(share=1), 188),
    ],
)
def test_rows_are_counted(amount: Amount, expected: int) -> None:
    assert amount.count(12, 200) == amount.most(12, 200) == expected


def test_a_share_that_is_reached_makes_none_and_warns() -> None:
    with pytest.warns(
        UserWarning, match=r"12 labelled anomalies are already at least 5\.0% of the 200"
    ) as record:
        assert Amount(share=0.05).count(12, 200) == 0
    assert record[0].filename == __file__
    with pytest.warns(UserWarning, match=r"already at least 6\.0% of the 200"):
        assert Amount(share=0.06).count(12, 200) == 0
    assert Amount(share=0.05).most(12, 200) == 0


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({}, ValueError, "give exactly one amount, got none"),
        ({"share": 0.1, "n_samples": 3}, ValueError, "give exactly one amount, got share, n_samples"),
        ({"n_samples": -1}, ValueError, "n_samples must be at least 0, got -1"),
        ({"n_samples": 1.0}, TypeError, "n_samples must be an integer, got 1.0"),
        ({"multiplier": -1}, ValueError, "multiplier must be at least 0, got -1"),
        ({"multiplier": np.inf}, ValueError, "multiplier must be finite, got inf"),
        ({"multiplier": 10**400}, ValueError, "multiplier must be a number that a float holds, got 1000"),
        ({"multiplier": "2"}, TypeError, "multiplier must be a number, got '2'"),
        ({"share": 0}, ValueError, "the share of anomalies must be above 0, got 0"),
        (
            {"share": 1.01},
            ValueError,
            "the share of anomalies must be at most 1, as many anomalies as unlabelled",
        ),
    ],
)
def test_amounts_out_of_range_are_refused(fields: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        Amount(**fields)


@pytest.mark.parametrize("multiplier", [1e19, 1e308, 10**300])
def test_more_rows_than_can_be_numbered_are_refused_with_their_size(multiplier: float) -> None:
    with pytest.raises(
        ValueError, match=r"makes (\d+(\.\d+)?e\+\d+|inf) rows of 12 labelled anomalies: rows are"
    ):
        Amount(multiplier=multiplier).count(12, 200)


def test_a_share_is_named_as_it_was_given() -> None:
    assert check_share("sampling_strategy", np.float32(0.5)) == 0.5
    with pytest.raises(
        ValueError, match=r"sampling_strategy must be at most 1, .*, got 42; 42 would make 42"
    ):
        check_share("sampling_strategy", 42)


def test_narrow_numbers_of_numpy_do_not_overflow() -> None:
    assert type(Amount(n_samples=np.int8(100)).most(1, 1)) is int
    assert Amount(n_samples=np.int8(100)).most(1, 1) * 1000 == 100_000
    assert Amount(share=np.float16(0.5)).most(10, 1_000_000) == 499_990
    assert Amount(multiplier=np.float16(2)).most(100_000, 0) == 200_000
