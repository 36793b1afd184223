"""The error of a parameter of a wrong type or value, in the words of a function or in scikit-learn's."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["ParameterError", "parameters_of", "shown"]


class ParameterError(ValueError, TypeError):
    """A parameter is not what it must be: both a ValueError and a TypeError, as in scikit-learn.

    Parameters
    ----------
    name : str
    expected : str
        What follows "must".
    got : str
        What came, as it is shown.
    advice : str, default=""
        The way out, if the rest does not say it.
    """

    def __init__(self, name: str, expected: str, got: str, advice: str = "") -> None:
        # All four are the arguments: an error that a worker raises is pickled by them.
        super().__init__(name, expected, got, advice)
        self.name, self.expected, self.got, self.advice = name, expected, got, advice

    def __str__(self) -> str:
        return f"{self.name} must {self.expected}, got {self.got}{self.advice and '; ' + self.advice}"

    def of(self, estimator: str) -> Exception:
        """The error as estimators raise it: scikit-learn's own, where that is loaded."""
        text = (
            f"The {self.name!r} parameter of {estimator} must {self.expected}. Got {self.got} instead"
            f"{self.advice and '; ' + self.advice}."
        )
        theirs = getattr(sys.modules.get("sklearn.utils._param_validation"), "InvalidParameterError", None)
        return _InvalidParameterError(text) if theirs is None else theirs(text)


def shown(value: object, how: Callable[[object], str] = repr) -> str:
    """`value` as an error shows it, whatever it is."""
    try:
        return how(value)
    except ValueError:
        # Python turns no integer of thousands of digits into a text.
        return "an integer of thousands of digits"


class _InvalidParameterError(ValueError, TypeError):
    """What stands for scikit-learn's error of this name."""


@contextmanager
def parameters_of(estimator: object) -> Iterator[None]:
    """Errors of parameters within say whose they are."""
    try:
        yield
    except ParameterError as error:
        raise error.of(type(estimator).__name__) from None
