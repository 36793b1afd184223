"""Every check that imbalanced-learn has for a sampler, and every one of scikit-learn's that applies."""

from typing import Any

import pytest
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils.estimator_checks import parametrize_with_checks as imblearn_checks
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
