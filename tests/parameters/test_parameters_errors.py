"""One error of a parameter, in the words of functions and in those of estimators."""

import pickle
import sys

import pytest
from sklearn.utils._param_validation import InvalidParameterError

from nngmix.parameters.errors import ParameterError, parameters_of

ERROR = ParameterError("k", "be at least 1", "0", "take 1")
STYLED = "The 'k' parameter of Estimator must be at least 1. Got 0 instead; take 1."


class Estimator:
    pass


def raised() -> Exception:
    with pytest.raises(ValueError, match="parameter of Estimator") as caught, parameters_of(Estimator()):
        raise ERROR
    assert caught.value.__suppress_context__
    return caught.value


def test_words_of_functions() -> None:
    assert str(ERROR) == "k must be at least 1, got 0; take 1"
    assert str(ParameterError("k", "be odd", "2")) == "k must be odd, got 2"
    assert isinstance(ERROR, ValueError)
    assert isinstance(ERROR, TypeError)
    again = pickle.loads(pickle.dumps(ERROR))
    assert (type(again), str(again), again.advice) == (ParameterError, str(ERROR), "take 1")


def test_words_of_estimators_are_scikit_learns() -> None:
    assert type(raised()) is InvalidParameterError
    assert str(raised()) == STYLED


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sklearn.utils._param_validation")
    error = raised()
    assert isinstance(error, TypeError)
    assert not isinstance(error, InvalidParameterError)
    assert str(pickle.loads(pickle.dumps(error))) == STYLED


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), parameters_of(Estimator()):
        raise KeyError("x")
