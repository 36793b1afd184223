"""Every check that imbalanced-learn has for a sampler, and every one of scikit-learn's that applies."""

from numbers import Integral, Real
from typing import Any

import pytest
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    check_samplers_nan,
)
from imblearn.utils.estimator_checks import parametrize_with_checks as imblearn_checks
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.estimator_checks import parametrize_with_checks as sklearn_checks

from nngmix.methods.registry import METHODS
from nngmix.methods.sampler import Sampler

# Without it the checks of balance and of the dict look at nothing.
BaseOverSampler.register(Sampler)

SAMPLERS = [
    method.sampler(sampling_strategy="auto", random_state=0, n_threads=1) for method in METHODS.values()
]

# What we do in another way, and why.
OTHERWISE = {
    "check_complex_data": "complex numbers are of the wrong type: a TypeError that says how to split them, "
    "as everywhere in this package, where scikit-learn has a ValueError",
    "check_dtype_object": "objects of numbers are taken; the TypeError for another one names its row, column "
    "and value, where scikit-learn passes on the words of Python's float",
}


@imblearn_checks(SAMPLERS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_imbalanced_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@sklearn_checks(SAMPLERS, expected_failed_checks=lambda sampler: OTHERWISE)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


# ---- what no list of checks yields: imbalanced-learn's own tests call these by hand ------------------------

AT_LEAST_0, SHARE = Interval(Real, 0, None, closed="left"), Interval(Real, 0, 1, closed="both")
WEIGHT = Interval(Real, 1e-300, 1e6, closed="both")
NEIGHBORS = [Interval(Integral, 1, None, closed="left"), Interval(Real, 0, None, closed="neither")]
CONSTRAINTS: dict[str, Any] = {
    "sampling_strategy": [
        Interval(Real, 0, 1, closed="right"),
        StrOptions({"auto", "minority", "not minority", "not majority"}),
        dict,
        callable,
        None,
    ],
    "multiplier": [AT_LEAST_0, None],
    "n_samples": [Interval(Integral, 0, None, closed="left"), None],
    "n_neighbors": NEIGHBORS,
    "n_neighbors_anomaly": NEIGHBORS,
    "noise_std": [AT_LEAST_0],
    "alpha": [WEIGHT],
    "beta": [WEIGHT],
    "unlabeled_fraction": [SHARE],
    "min_width": [SHARE],
    "max_width": [SHARE],
    "partners": [StrOptions({"anomaly", "all"})],
    "scale": [StrOptions({"minmax", "standard"}), None],
    # Labels are of any type.
    "anomaly_label": "no_validation",
    "unlabeled_label": "no_validation",
    "normal_label": "no_validation",
    "missing": [StrOptions({"error", "skip", "keep"})],
    "categorical_features": ["array-like", StrOptions({"auto"}), None],
    "categorical_weight": [AT_LEAST_0, None],
    "whole_features": ["array-like", StrOptions({"auto"}), None],
    "clip": [StrOptions({"unlabeled", "anomaly"}), None],
    "append": ["boolean"],
    "callback": [callable, None],
    "verbose": ["verbose"],
    "random_state": ["random_state"],
    "n_threads": [Interval(Integral, 1, None, closed="left"), None],
}
BY_HAND = pytest.mark.parametrize("estimator", SAMPLERS, ids=lambda sampler: type(sampler).__name__)


@BY_HAND
def test_parameters_are_refused_in_scikit_learns_words(estimator: Any) -> None:
    # At most one amount may be given.
    estimator = type(estimator)(random_state=0, n_threads=1)
    estimator._parameter_constraints = {name: CONSTRAINTS[name] for name in estimator.get_params()}
    check_param_validation(type(estimator).__name__, estimator)


@BY_HAND
def test_names_of_columns(estimator: Any) -> None:
    check_dataframe_column_names_consistency(type(estimator).__name__, estimator)


@BY_HAND
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_rows_with_gaps_stay(estimator: Any) -> None:
    check_samplers_nan(type(estimator).__name__, clone(estimator).set_params(missing="skip"))
