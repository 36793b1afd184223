"""The ways of treating the few labelled anomalies, by name."""

import warnings
from abc import ABC, abstractmethod
from inspect import signature
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.code import code_version
from nngmix.evaluation.mixed import asked, positions
from nngmix.evaluation.specs import Spec
from nngmix.methods import registry
from nngmix.methods.auto import choose, family_of
from nngmix.parameters.errors import ParameterError
from nngmix.rows.kinds import Kinds

__all__ = ["METHODS", "Method", "check_method", "make_method"]

Rows = NDArray[np.float64]


class Method(ABC):
    """A way of treating the labelled anomalies; subclasses are found by `name`.

    Parameters
    ----------
    **settings
        Passed on to the function that makes the rows.
    """

    name: ClassVar[str]
    makes_rows: ClassVar[bool] = True
    balances: ClassVar[bool] = False

    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    @classmethod
    def version(cls) -> str:
        """What tells results of one state of the code from those of another; empty for settled methods.

        Returns
        -------
        str

        Raises
        ------
        OSError
            If the code cannot be read.
        """
        return ""

    def settled(self, detector: str, amount: str, X_anomaly: Rows, X_unlabeled: Rows) -> "tuple[Method, str]":
        """The method and the amount that are meant: themselves, unless the detector or the rows decide.

        Parameters
        ----------
        detector, amount : str
            Name of the detector, and the amount asked for.
        X_anomaly, X_unlabeled : ndarray of shape (n_rows, n_features)

        Returns
        -------
        method : Method
        amount : str

        Raises
        ------
        ValueError
            If nothing can be chosen.
        """
        return self, amount

    @abstractmethod
    def rows(
        self,
        X_anomaly: Rows,
        X_unlabeled: Rows,
        n_samples: int,
        random_state: int,
        kinds: Kinds | None = None,
    ) -> Rows:
        """Make new anomalies.

        Parameters
        ----------
        X_anomaly, X_unlabeled : ndarray of shape (n_rows, n_features)
            Scaled to 0..1.
        n_samples : int
            Rows to make.
        random_state : int
        kinds : Kinds, optional
            What the columns of a mixed table hold.

        Returns
        -------
        ndarray of shape (n_samples, n_features)

        Raises
        ------
        ValueError
            For settings out of range, or too few anomalies for the method.
        """


class Nothing(Method):
    """The data as they are."""

    name = "none"
    makes_rows = False

    def __init__(self) -> None:
        super().__init__()

    def rows(
        self,
        X_anomaly: Rows,
        X_unlabeled: Rows,
        n_samples: int,
        random_state: int,
        kinds: Kinds | None = None,
    ) -> Rows:
        """No rows."""
        return X_anomaly[:0]


class ClassWeight(Nothing):
    """No rows, but both classes weigh the same in the detector's loss."""

    name = "class_weight"
    balances = True


class Auto(Nothing):
    """What nngmix would choose for the detector, or nothing."""

    name = "auto"

    @classmethod
    def version(cls) -> str:
        """Of the rule's code."""
        return code_version("nngmix.methods.auto")

    def settled(self, detector: str, amount: str, X_anomaly: Rows, X_unlabeled: Rows) -> tuple[Method, str]:
        """The choice."""
        choice = choose(family_of(detector), len(X_anomaly), *X_unlabeled.shape)
        return METHODS[choice.method](**choice.settings), choice.amount


class Made(Method):
    """Rows of one of nngmix's methods, on one thread; see its function for the settings."""

    method: ClassVar[registry.Method]

    def rows(
        self,
        X_anomaly: Rows,
        X_unlabeled: Rows,
        n_samples: int,
        random_state: int,
        kinds: Kinds | None = None,
    ) -> Rows:
        """Rows of the method's function."""
        given = {"X_anomaly": X_anomaly, "X_unlabeled": X_unlabeled}
        arrays = (given[name] for name in self.method.parents)
        settings = asked(kinds) | self.settings
        if kinds is not None and "categorical_weight" in signature(self.method.function).parameters:
            settings = {"categorical_weight": 1.0} | settings
        new: Rows = self.method.function(
            *arrays, n_samples, random_state=random_state, n_threads=1, **settings
        )
        return new


class SMOTE(Method):
    """SMOTE of imbalanced-learn: between two labelled anomalies (Chawla et al., JAIR 2002)."""

    name = "smote"

    def rows(
        self,
        X_anomaly: Rows,
        X_unlabeled: Rows,
        n_samples: int,
        random_state: int,
        kinds: Kinds | None = None,
    ) -> Rows:
        """Rows between neighbouring labelled anomalies; fewer than `k_neighbors` + 1 of them clamp it."""
        n_anomalies = len(X_anomaly)
        if n_anomalies < 2:
            raise ValueError(f"SMOTE needs at least 2 labelled anomalies, got {n_anomalies}")
        settings = dict(self.settings)
        settings["k_neighbors"] = min(settings.get("k_neighbors", 5), n_anomalies - 1)
        sampler = self.sampler(
            kinds, sampling_strategy={1: n_anomalies + n_samples}, random_state=random_state, **settings
        )
        X = np.concatenate([X_unlabeled, X_anomaly])
        y = np.repeat([0, 1], [len(X_unlabeled), n_anomalies])
        made: Rows = sampler.fit_resample(X, y)[0][len(X) :]
        return made

    @staticmethod
    def sampler(kinds: Kinds | None, **settings: Any) -> Any:
        """What makes the rows.

        Parameters
        ----------
        kinds : Kinds, optional
        **settings
            Of the sampler.

        Returns
        -------
        SMOTE

        Raises
        ------
        ValueError
            For categories.
        """
        from imblearn.over_sampling import SMOTE

        if positions(kinds):
            raise ValueError("SMOTE knows no categories: take smotenc")
        return SMOTE(**settings)


class SMOTENC(SMOTE):
    """SMOTE-NC of imbalanced-learn (the same paper): each category is the most frequent of the neighbours.

    Without categories it is SMOTE.
    """

    name = "smotenc"

    @staticmethod
    def sampler(kinds: Kinds | None, **settings: Any) -> Any:
        """SMOTE-NC where there are categories."""
        from imblearn.over_sampling import SMOTENC

        at = positions(kinds)
        return SMOTENC(at, **settings) if at else SMOTE.sampler(None, **settings)


def _made(method: registry.Method) -> type[Method]:
    return type(method.sampler.__name__, (Made,), {"name": method.name, "method": method})


_ALL: tuple[type[Method], ...] = (
    Nothing,
    ClassWeight,
    Auto,
    SMOTE,
    SMOTENC,
    *map(_made, registry.METHODS.values()),
)
METHODS = {method.name: method for method in _ALL}


def make_method(spec: Spec) -> Method:
    """The method of that name with its settings."""
    if spec.name not in METHODS:
        raise ValueError(f"there is no method {spec.name!r}; there are {', '.join(METHODS)}")
    try:
        return METHODS[spec.name](**dict(spec.settings))
    except ParameterError:
        # It says itself which setting it is.
        raise
    except TypeError as error:
        raise ValueError(f"method {str(spec)!r} takes no such settings: {error}") from error


def check_method(spec: Spec) -> None:
    """Try the method on a few rows, so that wrong settings are found before any work."""
    rows = np.random.default_rng(0).random((100, 8))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            make_method(spec).rows(rows[:20], rows[20:], 2, random_state=0)
    except (TypeError, ValueError) as error:
        raise ValueError(f"method {str(spec)!r}: {error}") from error
