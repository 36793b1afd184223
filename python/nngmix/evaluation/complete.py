"""Detectors that treat few labels in a way of their own, ours and the rivals that matter."""

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.classifiers import CLASSIFIERS
from nngmix.evaluation.code import code_version
from nngmix.evaluation.detector import Classifier, Detector, Form, imported
from nngmix.evaluation.mixed import asked
from nngmix.rows.kinds import Kinds

__all__ = ["COMPLETE"]

Rows = NDArray[np.float64]


def _few_rows() -> tuple[Rows, NDArray[np.int64]]:
    return np.random.default_rng(0).random((40, 2)), (np.arange(40) < 4).astype(np.int64)


class NeighborScore(Detector):
    """nngmix's ratio of two neighbour distances, without training."""

    name = "neighbor_score"
    complete = True

    def __init__(self, random_state: int, **settings: Any) -> None:
        from nngmix.detection.score import NeighborScore

        self.model: Any = NeighborScore(random_state=random_state, n_threads=1, **settings)

    @classmethod
    def version(cls) -> str:
        """Of the score's code."""
        return code_version("nngmix.detection.score")

    def check(self) -> None:
        """Try it on a few rows."""
        self.model.fit(*_few_rows())

    def form(self, kinds: Kinds | None) -> Form:
        """It takes ranks, and is told which columns hold them."""
        if kinds is not None:
            self.model.set_params(**asked(kinds))
        return lambda X: X

    def fit(self, X: Rows, y: NDArray[np.int64], sample_weight: Rows | None = None) -> Self:
        """Take the rows."""
        self.model.fit(X, y)
        return self

    def score(self, X: Rows) -> Rows:
        """The score, higher for anomalies."""
        return np.asarray(self.model.decision_function(X))


class Ensemble(NeighborScore):
    """nngmix's bags and neighbour score; `estimator` names a classifier of these, its settings follow
    ``estimator__``. With ``neighbor_score=False`` it is plain under-bagging, filled as `filling` says."""

    name = "ensemble"

    def __init__(self, random_state: int, estimator: str | None = None, **settings: Any) -> None:
        from nngmix.detection.ensemble import NNGMixEnsemble

        if estimator is not None and estimator not in CLASSIFIERS:
            raise ValueError(f"estimator must be one of {', '.join(CLASSIFIERS)}, got {estimator!r}")
        member = None if estimator is None else CLASSIFIERS[estimator](random_state).model
        self.model = NNGMixEnsemble(member, random_state=random_state, n_jobs=1).set_params(**settings)

    @classmethod
    def version(cls) -> str:
        """Of the ensemble's code, the score's included."""
        return code_version("nngmix.detection.ensemble")

    def check(self) -> None:
        """Try it on a few rows, with members that learn nothing."""
        from sklearn.base import clone
        from sklearn.dummy import DummyClassifier

        clone(self.model).set_params(estimator=DummyClassifier()).fit(*_few_rows())


class BalancedRandomForest(Classifier):
    """imbalanced-learn's random forest, each tree on as many rows of either class."""

    name = "balanced_random_forest"
    estimator = "imblearn.ensemble.BalancedRandomForestClassifier"
    complete = True


class EasyEnsemble(Classifier):
    """imbalanced-learn's bags of boosted trees, each on as many rows of either class."""

    name = "easy_ensemble"
    estimator = "imblearn.ensemble.EasyEnsembleClassifier"
    complete = True


class IsolationForest(Detector):
    """scikit-learn's isolation forest on the unlabelled rows; labels are not looked at."""

    name = "isolation_forest"
    complete = True

    def __init__(self, random_state: int, **settings: Any) -> None:
        forest = imported("sklearn.ensemble.IsolationForest", self.name, Classifier.install)
        self.model = forest(random_state=random_state, **settings)

    def fit(self, X: Rows, y: NDArray[np.int64], sample_weight: Rows | None = None) -> Self:
        """Fit on the rows without a label."""
        self.model.fit(X[y == 0])
        return self

    def score(self, X: Rows) -> Rows:
        """The depth at which rows are cut off, turned round."""
        return np.asarray(-self.model.score_samples(X))


class NeighborDistance(Detector):
    """The distance to the k-th nearest unlabelled row (Ramaswamy et al., SIGMOD 2000), exact; labels are
    not looked at."""

    name = "knn_distance"
    complete = True

    def __init__(self, random_state: int, n_neighbors: int = 10) -> None:
        self.n_neighbors = n_neighbors

    def fit(self, X: Rows, y: NDArray[np.int64], sample_weight: Rows | None = None) -> Self:
        """Take the rows without a label."""
        self.rows = X[y == 0]
        return self

    def score(self, X: Rows) -> Rows:
        """The distance."""
        from nngmix.neighbors.search import kneighbors

        k = min(self.n_neighbors, len(self.rows))
        return np.asarray(kneighbors(X, self.rows, k, n_threads=1)[0][:, -1])


class XGBOD(Classifier):
    """PyOD's XGBOD (Zhao and Hryniewicki, IJCNN 2018): boosted trees on outlier scores as new columns."""

    name = "xgbod"
    estimator = "pyod.models.xgbod.XGBOD"
    defaults: ClassVar[dict[str, Any]] = {"n_jobs": 1}
    install = "'nngmix[rivals]'"
    complete = True

    def score(self, X: Rows) -> Rows:
        """PyOD's score."""
        return np.asarray(self.model.decision_function(X), dtype=np.float64)


class Network(XGBOD):
    """A network of DeepOD that learns from few labels, on the CPU."""

    defaults: ClassVar[dict[str, Any]] = {"device": "cpu", "verbose": 0}
    # DeepOD asks for a torch that knows no numpy 2, and runs with newer ones.
    install = "'nngmix[rivals]' && pip install --no-deps deepod"


def _network(name: str, member: str, about: str) -> type[Network]:
    found = {"name": name, "estimator": f"deepod.models.tabular.{member}", "__doc__": f"DeepOD's {about}."}
    return type(member, (Network,), found)


COMPLETE: tuple[type[Detector], ...] = (
    NeighborScore,
    Ensemble,
    BalancedRandomForest,
    EasyEnsemble,
    IsolationForest,
    NeighborDistance,
    XGBOD,
    _network("devnet", "DevNet", "DevNet (Pang et al., KDD 2019)"),
    _network("prenet", "PReNet", "PReNet (Pang et al., KDD 2023)"),
    _network("rosas", "RoSAS", "RoSAS (Xu et al., IPM 2023)"),
    _network("feawad", "FeaWAD", "FeaWAD (Zhou et al., TNNLS 2021)"),
)
