"""Many small detectors and the neighbour score, as one ranking of the rows that nobody has labelled."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from nngmix.detection.bags import FILLINGS, bag_sizes, new_rows, parts
from nngmix.detection.combination import Combination
from nngmix.detection.members import Training, fit_members, member_scores
from nngmix.detection.roles import Roles, roles
from nngmix.detection.score import NeighborScore
from nngmix.methods.resample import fit_rows
from nngmix.neighbors.search import kneighbors
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_count, check_finite_number
from nngmix.parameters.seed import RandomState, child, seed_sequence
from nngmix.rows.rows import Rows, as_rows

__all__ = ["NNGMixEnsemble"]

# Of the neighbour score in the whole.
_WEIGHT = 0.4


class NNGMixEnsemble(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """TODO"""

    def __init__(
        self,
        estimator: Any = None,
        n_bags: int = 10,
        bag_rows: int = 256,
        bag_anomalies: int = 64,
        neighbor_score: bool | float = True,
        filling: str = "both",
        contamination: str | float = "auto",
        *,
        n_neighbors: int = 10,
        scale: str | None = "minmax",
        random_state: RandomState = None,
        n_jobs: int | None = None,
        anomaly_label: Any = None,
        unlabeled_label: Any = None,
        normal_label: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_bags = n_bags
        self.bag_rows = bag_rows
        self.bag_anomalies = bag_anomalies
        self.neighbor_score = neighbor_score
        self.filling = filling
        self.contamination = contamination
        self.n_neighbors = n_neighbors
        self.scale = scale
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.anomaly_label = anomaly_label
        self.unlabeled_label = unlabeled_label
        self.normal_label = normal_label

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """TODO"""
        self._check_parameters()
        if y is None:
            raise ValueError("fit requires y to be passed, but the target y is None")
        rows, labels = self._rows(X, reset=True), column_or_1d(y, warn=True)
        if len(rows) != len(labels):
            raise ValueError(
                f"X and y must have the same number of rows, got {len(rows)} in X and {len(labels)} in y"
            )
        check_classification_targets(labels)
        who = roles(labels, self.anomaly_label, self.unlabeled_label, self.normal_label)
        seed = seed_sequence(self.random_state)
        sizes = bag_sizes(
            len(who.anomaly), len(who.unlabeled), len(who.normal), self.bag_rows, self.bag_anomalies
        )
        table = self._searched(rows, who)
        self.classes_ = _classes(labels, who)
        self._anomalies, self._kinds, self._scale = table.X_scaled, labels[who.anomaly], table.scale
        samples = list(parts(len(who.unlabeled), sizes[0], self.n_bags, child(seed, 0)))
        self.estimators_samples_ = [
            np.sort(np.concatenate([who.anomaly, who.normal, who.unlabeled[part]])) for part in samples
        ]
        bags = (
            self._bag(rows, who, table, who.unlabeled[part], sizes[1], child(seed, 1 + bag))
            for bag, part in enumerate(samples)
        )
        self.estimators_ = fit_members(self._chosen(), bags, self.n_jobs)
        self.neighbor_score_ = (
            self._score(rows, who, child(seed, 1 + self.n_bags)) if self._weight() else None
        )
        self._rank(rows, who, samples)
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """TODO"""
        return self._scores(self._rows(X)) - self.offset_

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """TODO"""
        rows = self._rows(X)
        found = self._scores(rows) > self.offset_
        predicted: NDArray[Any] = self.classes_[found.astype(np.intp)]
        if len(self.classes_) > 2 and found.any():
            chosen = rows.take(np.flatnonzero(found))
            scaled = chosen if self._scale is None else self._scale.transform(chosen)
            predicted[found] = self._kinds[kneighbors(scaled, self._anomalies, 1)[1][:, 0]]
        return predicted

    def _check_parameters(self) -> None:
        check_count("n_bags", self.n_bags, minimum=2)
        check_count("bag_rows", self.bag_rows, minimum=1)
        check_count("bag_anomalies", self.bag_anomalies, minimum=1)
        self._weight()
        if self.filling not in FILLINGS:
            raise ValueError(f"filling must be one of {', '.join(FILLINGS)}, got {self.filling!r}")
        share = self.contamination
        if share != "auto" and not 0 < check_finite_number("contamination", share) <= 0.5:
            raise ValueError(f"contamination must be 'auto' or above 0 and at most 0.5, got {share!r}")

    def _weight(self) -> float:
        if isinstance(self.neighbor_score, bool | np.bool_):
            return _WEIGHT if self.neighbor_score else 0.0
        weight = check_finite_number("neighbor_score", self.neighbor_score)
        if not 0 <= weight <= 1:
            raise ValueError(f"neighbor_score must be True, False or a weight from 0 to 1, got {weight}")
        return weight

    def _chosen(self) -> Any:
        if self.estimator is not None:
            return self.estimator
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier()

    def _searched(self, rows: Rows, who: Roles) -> NeighborTable:
        """The labelled anomalies with their nearest unlabelled rows, found once for all bags."""
        among_unlabeled = any(mixture.unlabeled_fraction > 0 for mixture in FILLINGS[self.filling])
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            who.rule,
            "y",
            self.scale,
            n_neighbors=min(self.n_neighbors, len(who.unlabeled)),
            unlabeled_fraction=0.5 if among_unlabeled else 0.0,
        )
        return fit_rows(rows, who.labels, spec).table

    def _bag(
        self,
        rows: Rows,
        who: Roles,
        table: NeighborTable,
        sample: NDArray[np.int64],
        n_new: int,
        seed: np.random.SeedSequence,
    ) -> Training:
        """What a member is trained on, in the units of the scale."""
        negatives = rows.take(np.concatenate([sample, who.normal]))
        if table.scale is not None:
            negatives = table.scale.transform(negatives)
        made = new_rows(self.filling, table, self._kinds.tolist(), n_new, seed)
        X = np.concatenate([negatives, table.X_scaled, made])
        return X, (np.arange(len(X)) >= len(negatives)).astype(np.int64), child(seed, len(FILLINGS))

    def _score(self, rows: Rows, who: Roles, seed: np.random.SeedSequence) -> NeighborScore:
        """The neighbour score, which is told who is who by numbers."""
        y = np.full(len(rows), 3)
        y[who.unlabeled], y[who.anomaly], y[who.normal] = 0, 1, 2
        score = NeighborScore(
            n_neighbors=self.n_neighbors,
            scale=self.scale,
            random_state=seed,
            anomaly_label=1,
            unlabeled_label=0,
            normal_label=2 if len(who.normal) else None,
        )
        return score.fit(rows, y)

    def _rank(self, rows: Rows, who: Roles, samples: list[NDArray[np.int64]]) -> None:
        """Score the unlabelled training rows out of bag, and see where `predict` draws the line."""
        scores = np.empty((len(rows), self.n_bags), np.float32)
        for start, block in member_scores(self.estimators_, rows, self._scale, self.n_jobs):
            scores[start : start + len(block)] = block
        unseen = np.ones((len(who.unlabeled), self.n_bags), bool)
        for bag, part in enumerate(samples):
            unseen[part, bag] = False
        neighbor, known = None, None
        if self.neighbor_score_ is not None:
            neighbor = self.neighbor_score_.training_scores_[who.unlabeled]
            known = self.neighbor_score_.decision_function(rows.take(who.anomaly))
        self._combination = Combination.of(scores[who.unlabeled], unseen, neighbor, self._weight())
        self.training_scores_ = np.full(len(rows), np.nan)
        self.training_scores_[who.unlabeled] = self._combination.values(
            scores[who.unlabeled], neighbor, unseen
        )
        of_labelled = self._combination.values(scores[who.anomaly], known)
        ranked = np.concatenate([self.training_scores_[who.unlabeled], of_labelled])
        share = len(who.anomaly) / len(ranked) if self.contamination == "auto" else self.contamination
        self.offset_ = float(np.quantile(ranked, 1 - float(share), method="lower"))
        self.training_scores_ -= self.offset_

    def _scores(self, rows: Rows) -> NDArray[np.float64]:
        """The combined score."""
        blocks = member_scores(self.estimators_, rows, self._scale, self.n_jobs)
        scores = np.concatenate([block for _, block in blocks])
        neighbor = None if self.neighbor_score_ is None else self.neighbor_score_.decision_function(rows)
        return self._combination.values(scores, neighbor)

    def _rows(self, X: Any, reset: bool = False) -> Rows:
        """Rows by the one door; scikit-learn looks at columns first, and at arrays as it always does."""
        if not reset:
            check_is_fitted(self)
        look = {"skip_check_array": True} if hasattr(X, "columns") else {"ensure_all_finite": False}
        rows = as_rows("X", validate_data(self, X, reset=reset, **look))
        return rows if reset else rows.cast(self._anomalies.dtype)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = False
        return tags


def _classes(labels: NDArray[Any], who: Roles) -> NDArray[Any]:
    """What `predict` gives: the most frequent unlabelled label, then those of anomalies in their order."""
    values, counts = np.unique(labels[who.unlabeled], return_counts=True)
    return np.concatenate([values[[counts.argmax()]], np.unique(labels[who.anomaly])])
