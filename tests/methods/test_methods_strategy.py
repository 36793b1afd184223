"""Amounts in imbalanced-learn's terms."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

import nngmix
from nngmix.methods.registry import METHODS

X = np.random.default_rng(3).random((60, 3))
KINDS = np.array(["normal"] * 30 + ["dos"] * 10 + ["probe"] * 20)

EVERY = pytest.mark.parametrize("sampler", [method.sampler for method in METHODS.values()])


def made(sampler: Any, strategy: Any, y: Any = KINDS, **parameters: Any) -> dict[Any, int]:
    fitted = sampler(sampling_strategy=strategy, random_state=0, **parameters)
    X_new, y_new = fitted.fit_resample(X[: len(y)], y)
    assert len(X_new) == len(y_new)
    new = Counter(y_new[len(y) :].tolist())
    assert {label: n for label, n in fitted.sampling_strategy_.items() if n} == new
    # Every row is made within its own class.
    assert (y[fitted.plan_.anchor] == y_new[len(y) :]).all()
    return dict(new)


@EVERY
@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("auto", {"dos": 20, "probe": 10}),
        ("not majority", {"dos": 20, "probe": 10}),
        ("minority", {"dos": 20}),
        ("not minority", {"probe": 10}),
        ({"dos": 12}, {"dos": 2}),
        ({"dos": 10, "probe": 45, "normal": 30}, {"probe": 25}),
        (lambda y: {"dos": 2 * int((y == "dos").sum())}, {"dos": 10}),
        (0.5, {}),
        (1.0, {}),
    ],
)
@pytest.mark.filterwarnings("ignore:30 labelled anomalies are already")
def test_rows_of_each_class(sampler: Any, strategy: Any, expected: dict[str, int]) -> None:
    assert made(sampler, strategy) == expected


def test_zero_and_one_go_by_frequency_where_the_strategy_does() -> None:
    y = np.array([1] * 40 + [0] * 20)
    assert made(nngmix.NNGMix, "auto", y) == {0: 20}
    assert made(nngmix.NNGMix, {0: 30}, y) == {0: 10}
    with pytest.raises(ValueError, match="if the anomalies are the many, declare yours"):
        made(nngmix.NNGMix, 0.9, y)


def test_balanced_classes_get_no_rows_and_a_tie_that_matters_is_an_error() -> None:
    assert made(nngmix.NNGMix, "auto", np.repeat(["a", "b", "c"], 20)) == {}
    with pytest.raises(ValueError, match="'a' and 'b' equally often, 25 times: which of them is unlabelled"):
        made(nngmix.NNGMix, "auto", np.repeat(["a", "b", "c"], [25, 25, 10]))


@pytest.mark.parametrize(
    ("strategy", "error", "message"),
    [
        ("all", ValueError, "='all' is refused: the unlabelled rows are no class that rows can be made of"),
        ("majority", ValueError, "='majority' is refused: rows are added"),
        ("most", ValueError, "must be one of 'auto', .* Got 'most' instead"),
        (
            {"worm": 3},
            ValueError,
            "names the class 'worm', which no row has; there are 'dos', 'normal'",
        ),
        ({"dos": 3}, ValueError, "asks for 3 rows of the class 'dos', which has 10: rows are added"),
        ({"normal": 31}, ValueError, "the class 'normal', which holds no anomalies"),
        ({"dos": 12.5}, TypeError, r"\['dos'\]\" parameter of NNGMix must be an integer"),
        (lambda y: 3, TypeError, "must give a dict of labels and rows. Got 3"),
        (b"auto", TypeError, "The 'sampling_strategy' parameter of NNGMix must be a number"),
    ],
)
def test_what_is_refused(strategy: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        made(nngmix.NNGMix, strategy)


def test_a_class_without_a_finite_row_is_refused_if_rows_of_it_are_asked_for() -> None:
    gaps = X.copy()
    gaps[KINDS == "dos"] = np.nan
    sampler = nngmix.NNGMix(sampling_strategy="auto", missing="skip")
    with pytest.raises(ValueError, match="no row of the class 'dos' is finite in all columns"):
        sampler.fit_resample(gaps, KINDS)
