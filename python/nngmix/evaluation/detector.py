"""What a detector is to an evaluation."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.mixed import one_hot
from nngmix.rows.kinds import Kinds

__all__ = ["Classifier", "Detector", "Form", "imported"]

Form = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class Detector(ABC):
    """Learns to tell labelled anomalies (1) from all other rows (0).

    A subclass names itself, and `DETECTORS` finds it by that name. It takes its settings as keywords, a
    seed as `random_state`, and uses one thread. One that is `complete` treats the few labels in a way of its
    own: it is measured on the data as they are, whatever methods are asked for.
    """

    name: ClassVar[str]
    complete: ClassVar[bool] = False

    @classmethod
    def version(cls) -> str:
        """What tells results of one state of the code from those of another.

        Returns
        -------
        str
            Empty unless a detector of nngmix's own is still being improved.

        Raises
        ------
        OSError
            If the code cannot be read.
        """
        return ""

    def check(self) -> None:  # noqa: B027 (most have nothing left to find)
        """Find settings out of range before any work; by default those that were found when it was made.

        Raises
        ------
        ValueError, TypeError
            For a setting out of range.
        """

    def form(self, kinds: Kinds | None) -> Form:
        """Make ready for a mixed table; by default each category gets a column of its own.

        Parameters
        ----------
        kinds : Kinds or None
            What the columns hold; None if all are numbers.

        Returns
        -------
        callable
            Makes of rows, in which categories are ranks, what `fit` and `score` take.

        Raises
        ------
        ValueError
            If the detector takes no such table.
        """
        return lambda X: one_hot(X, kinds)

    @abstractmethod
    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Learn to tell anomalies from all other rows.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)
        y : ndarray of int64, shape (n_rows,)
            1 for anomalies, labelled or made; 0 for all other rows.
        sample_weight : ndarray of shape (n_rows,), optional
            One weight a row; none for a detector that is `complete`.

        Returns
        -------
        Detector
            The detector itself.

        Raises
        ------
        ValueError
            For rows that the detector cannot learn from.
        """

    @abstractmethod
    def score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how anomalous rows are.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
            The higher, the more anomalous.

        Raises
        ------
        ValueError
            For other columns than those learned from.
        """


class Classifier(Detector):
    """A classifier with scikit-learn's interface and, unless said otherwise, its defaults.

    A subclass says where the estimator is, ``module.Class``; it is imported when it is needed.
    """

    estimator: ClassVar[str]
    defaults: ClassVar[dict[str, Any]] = {}
    install: ClassVar[str] = "'nngmix[evaluate]'"

    def __init__(self, random_state: int, **settings: Any) -> None:
        estimator = imported(self.estimator, self.name, self.install)
        self.model = estimator(random_state=random_state, **{**self.defaults, **settings})

    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Fit the estimator."""
        # Not passed if None: an estimator without weights works then too.
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.model.fit(X, y, **weights)
        return self

    def score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of an anomaly, or the distance to the boundary where there is none."""
        if hasattr(self.model, "predict_proba"):
            return np.asarray(self.model.predict_proba(X)[:, 1], dtype=np.float64)
        return np.asarray(self.model.decision_function(X), dtype=np.float64)


def imported(path: str, name: str, install: str) -> Any:
    """The class ``module.Class`` that the detector `name` needs.

    Raises
    ------
    ImportError
        If its package is missing: what to install is named.
    """
    module, _, member = path.rpartition(".")
    try:
        return getattr(import_module(module), member)
    except ImportError as error:
        raise ImportError(f"the detector {name} needs {error.name}: pip install {install}") from error
