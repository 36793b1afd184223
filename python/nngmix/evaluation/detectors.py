"""The detectors, by name. A new one is one small class, listed in `DETECTORS`."""

from abc import ABC, abstractmethod
from importlib import import_module
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
        """Learn to tell anomalies from all other rows.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)
        y : ndarray of int64, shape (n_rows,)
            1 for anomalies, labelled or made; 0 for all other rows.
        sample_weight : ndarray of shape (n_rows,), optional
            One weight a row.

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

    def __init__(self, random_state: int, **settings: Any) -> None:
        module, _, name = self.estimator.rpartition(".")
        try:
            estimator = getattr(import_module(module), name)
        except ImportError as error:
            raise ImportError(
                f"the detector {self.name} needs {error.name}: pip install 'nngmix[evaluate]'"
            ) from error
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


class MLP(Classifier):
    """scikit-learn's multilayer perceptron."""

    name = "mlp"
    estimator = "sklearn.neural_network.MLPClassifier"


class RandomForest(Classifier):
    """scikit-learn's random forest."""

    name = "random_forest"
    estimator = "sklearn.ensemble.RandomForestClassifier"


class ExtraTrees(Classifier):
    """scikit-learn's extremely randomised trees."""

    name = "extra_trees"
    estimator = "sklearn.ensemble.ExtraTreesClassifier"


class HistGradientBoosting(Classifier):
    """scikit-learn's histogram gradient boosting."""

    name = "hist_gradient_boosting"
    estimator = "sklearn.ensemble.HistGradientBoostingClassifier"


class LogisticRegression(Classifier):
    """scikit-learn's logistic regression."""

    name = "logistic_regression"
    estimator = "sklearn.linear_model.LogisticRegression"


class SVM(Classifier):
    """scikit-learn's support vector machine with the RBF kernel."""

    name = "svm"
    estimator = "sklearn.svm.SVC"


class XGBoost(Classifier):
    """XGBoost's classifier, on one thread."""

    name = "xgboost"
    estimator = "xgboost.XGBClassifier"
    defaults: ClassVar[dict[str, Any]] = {"n_jobs": 1}


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
