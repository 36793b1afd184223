"""The registry: every method a recipe, a function and a sampler that belong together."""

import inspect
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

import nngmix
from nngmix import evaluation
from nngmix.methods.registry import METHODS

EVERY = pytest.mark.parametrize("name", METHODS)
rng = np.random.default_rng(0)
X, Y = rng.random((60, 4)), np.arange(60) < 6


@EVERY
def test_function_sampler_and_recipe_take_the_same_parameters(name: str) -> None:
    method = METHODS[name]
    assert method.name == name
    assert getattr(nngmix, name) is method.function
    assert getattr(nngmix, method.sampler.__name__) is method.sampler
    assert is_dataclass(method.recipe)
    recipe = {field.name: field.default for field in fields(method.recipe) if field.init}
    function = {
        parameter.name: parameter.default
        for parameter in inspect.signature(method.function).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    common = {"random_state", "start", "out", "return_plan", "n_threads"}
    common |= {"categorical_features", "whole_features", "clip", "missing"}
    # The functions that take long enough to tell how far they are: those that search.
    listeners = {"callback", "verbose"}
    assert function.keys() & listeners == (listeners if name == "nng_mix" else set())
    common |= listeners
    # Only where rows are searched two categories are so far apart.
    assert ("categorical_weight" in function) == (name == "nng_mix")
    common |= {"categorical_weight"}
    assert {option: function[option] for option in function.keys() - common} == recipe
    sampler = method.sampler().get_params()
    assert {option: sampler[option] for option in recipe} == recipe
    amounts = {"sampling_strategy", "multiplier", "n_samples"}
    labels = {"anomaly_label", "unlabeled_label", "normal_label", "missing"}
    rest = sampler.keys() - recipe.keys() - amounts - labels - common - {"append"}
    assert rest == (set() if name == "duplicate" else {"scale"})


@EVERY
def test_the_function_takes_the_rows_that_it_names(name: str) -> None:
    method = METHODS[name]
    given = {"X_anomaly": X[Y], "X_unlabeled": X[~Y]}
    rows = method.function(*(given[argument] for argument in method.parents), 7, random_state=0)
    assert rows.shape == (7, 4)


def test_the_evaluation_knows_every_method() -> None:
    assert METHODS.keys() < evaluation.METHODS.keys()
    for name, method in METHODS.items():
        made = evaluation.METHODS[name]().rows(X[Y], X[~Y], 9, random_state=3)
        given = {"X_anomaly": X[Y], "X_unlabeled": X[~Y]}
        expected = method.function(*(given[part] for part in method.parents), 9, random_state=3)
        assert made.tobytes() == expected.tobytes()
