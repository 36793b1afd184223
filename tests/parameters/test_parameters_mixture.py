"""The mixture is checked when it is made, and never again."""

from dataclasses import FrozenInstanceError
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from nngmix.parameters.mixture import SMOTE, Mixture


def test_values_are_floats_whatever_they_were() -> None:
    mixture = Mixture(np.float32(0.5), Fraction(1, 4), 2, np.int8(1))
    assert list(vars(mixture).values()) == [0.5, 0.25, 2.0, 1.0]
    assert {type(value) for value in vars(mixture).values()} == {float}
    assert Mixture() == Mixture(0.01, 0.2, 0.2, 0.5)
    with pytest.raises(FrozenInstanceError):
        mixture.alpha = 1.0  # type: ignore[misc]


def test_noise_that_fits_needs_distances() -> None:
    assert Mixture("auto").noise_std == "auto"
    with pytest.raises(ValueError, match="noise_std must be a number where unlabeled_fraction is 0"):
        Mixture("auto", unlabeled_fraction=0)


def test_the_ends_of_the_ranges_are_allowed() -> None:
    assert Mixture(0, 1e6, 1e-300, 0) == Mixture(0.0, 1e6, 1e-300, 0.0)
    assert Mixture(unlabeled_fraction=1).unlabeled_fraction == 1
    assert Mixture(0, 1, 1, 0) == SMOTE


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("noise_std", -1, ValueError, "noise_std must be at least 0, got -1.0"),
        ("noise_std", "Auto", ValueError, "noise_std must be a number or 'auto', got 'Auto'"),
        ("alpha", 0, ValueError, "alpha must be above 0 and at most 1e6, got 0.0"),
        ("beta", 2e6, ValueError, "beta must be above 0 and at most 1e6, got 2000000.0"),
        ("unlabeled_fraction", -0.1, ValueError, "unlabeled_fraction must be between 0 and 1, got -0.1"),
        ("unlabeled_fraction", 1.1, ValueError, "unlabeled_fraction must be between 0 and 1, got 1.1"),
        ("unlabeled_fraction", None, TypeError, "unlabeled_fraction must be a number, got None"),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        Mixture(**{name: value})
