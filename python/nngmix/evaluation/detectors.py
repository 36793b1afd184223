"""The detectors, by name. A new one is a small class at the end of its group; see `Detector`."""

import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.deepsad import DeepSAD
from nngmix.evaluation.specs import Spec

__all__ = ["DETECTORS", "Detector", "make_detector"]


class Detector(ABC):
    """Learns to tell labelled anomalies (1) from all other rows (0).

    A subclass names itself, and `DETECTORS` finds it by that name. It takes its settings as keywords, a
    seed as `random_state`, and uses one thread.
    """

    name: ClassVar[str]

    @abstractmethod
    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Learn; `sample_weight` is one weight a row, or None."""

    @abstractmethod
    def score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """One number a row: the higher, the more anomalous."""


class Classifier(Detector):
    """A classifier with scikit-learn's interface and, unless said otherwise, its defaults."""

    defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self, random_state: int, **settings: Any) -> None:
        self.model = self.estimator()(random_state=random_state, **{**self.defaults, **settings})

    @classmethod
    @abstractmethod
    def estimator(cls) -> type[Any]:
        """The estimator's class, imported when it is needed."""

    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Fit the estimator."""
        with warnings.catch_warnings():
            # Defaults are what is compared, and some stop before they have converged.
            warnings.simplefilter("ignore")
            if sample_weight is None:
                self.model.fit(X, y)
            else:
                self.model.fit(X, y, sample_weight=sample_weight)
        return self

    def score(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of an anomaly, or the distance to the boundary where there is none."""
        if hasattr(self.model, "predict_proba"):
            return np.asarray(self.model.predict_proba(X)[:, 1], dtype=np.float64)
        return np.asarray(self.model.decision_function(X), dtype=np.float64)


class MLP(Classifier):
    """scikit-learn's multilayer perceptron."""

    name = "mlp"

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier


class RandomForest(Classifier):
    """scikit-learn's random forest."""

    name = "random_forest"

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier


class ExtraTrees(Classifier):
    """scikit-learn's extremely randomised trees."""

    name = "extra_trees"

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier


class HistGradientBoosting(Classifier):
    """scikit-learn's histogram gradient boosting."""

    name = "hist_gradient_boosting"

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier


class LogisticRegression(Classifier):
    """scikit-learn's logistic regression."""

    name = "logistic_regression"

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        from sklearn.linear_model import LogisticRegression as Model

        return Model


class SVM(Classifier):
    """scikit-learn's support vector machine with the RBF kernel."""

    name = "svm"

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        from sklearn.svm import SVC

        return SVC


class XGBoost(Classifier):
    """XGBoost's classifier."""

    name = "xgboost"
    defaults: ClassVar[dict[str, Any]] = {"n_jobs": 1}

    @classmethod
    def estimator(cls) -> type[Any]:
        """The class."""
        try:
            from xgboost import XGBClassifier
        except ImportError as error:
            raise ImportError("the detector xgboost needs it: pip install 'nngmix[evaluate]'") from error
        return XGBClassifier


DETECTORS: dict[str, type[Any]] = {
    detector.name: detector
    for detector in (
        MLP,
        RandomForest,
        ExtraTrees,
        HistGradientBoosting,
        LogisticRegression,
        SVM,
        XGBoost,
        DeepSAD,
    )
}


def make_detector(spec: Spec, random_state: int) -> Detector:
    """The detector of that name with its settings."""
    if spec.name not in DETECTORS:
        raise ValueError(f"there is no detector {spec.name!r}; there are {', '.join(DETECTORS)}")
    try:
        detector: Detector = DETECTORS[spec.name](random_state=random_state, **dict(spec.settings))
    except (TypeError, ValueError) as error:
        raise ValueError(f"detector {str(spec)!r}: {error}") from error
    return detector
