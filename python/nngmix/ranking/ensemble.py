"""The ensemble as a ranker: the whole table in memory, many small detectors, and the neighbour score."""

from dataclasses import replace
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from nngmix.detection.ensemble import NNGMixEnsemble
from nngmix.detection.fitted_score import keep_model
from nngmix.detection.score import NeighborScore
from nngmix.detection.score_labels import warn_of_normal
from nngmix.detection.score_model import ScoreModel
from nngmix.files.replace import replacing
from nngmix.neighbors.passes import Counts
from nngmix.ranking.inputs import Batch, RankInputs
from nngmix.ranking.rankers import Ranker, Report
from nngmix.rows.labels import LabelRule, spelled_once
from nngmix.rows.rows import Rows

__all__ = ["EnsembleRanker"]

Float = NDArray[np.float64]
# What rows are called for the ensemble; classes of anomalies begin at the last.
_OTHER, _UNLABELED, _NORMAL, _ANOMALY = range(4)
_ESTIMATORS = {
    "rf": RandomForestClassifier,
    "et": ExtraTreesClassifier,
    "hgb": HistGradientBoostingClassifier,
    "lr": LogisticRegression,
    "mlp": MLPClassifier,
}


class EnsembleRanker(Ranker):
    """Bags of detectors and the neighbour score."""

    ending = ".joblib"

    def __init__(
        self,
        *,
        estimator: str | None = None,
        n_neighbors: int = 10,
        scale: str | None = "minmax",
        random_state: Any = None,
        missing: str = "error",
        n_threads: int | None = None,
        **_: Any,
    ) -> None:
        if missing != "error":
            raise ValueError("the ensemble takes finite rows alone: --missing skip is for --detector score")
        self.estimator = _estimator(estimator)
        self.parameters = {"n_neighbors": n_neighbors, "scale": scale, "random_state": random_state}
        self.n_threads = n_threads

    def fit(self, inputs: RankInputs, rule: LabelRule, report: Report) -> None:
        parts, roles, labels = [], [], []
        self.counts, written = Counts(), False
        for batch in inputs.batches():
            block = batch.rows.whole(inputs.like.dtype)
            batch.rows.check_finite(block)
            parts.append(block.copy())
            roles.append(np.full(len(block), _UNLABELED))
            self.counts.n_rows += len(block)
            if batch.labels is not None:
                who, role = rule.split(batch.labels), roles[-1]
                role[~who.unlabeled] = _OTHER
                role[who.normal] = _NORMAL
                role[who.anomaly] = _ANOMALY
                labels += [who.values[kind] for kind in who.kinds.tolist()]
                self.counts.labels.add(batch.labels.counts())
                written |= batch.labels.written
            report("reading", self.counts.n_rows)
        counts = self.counts
        LabelRule(rule.anomaly, rule.unlabeled).check_met(inputs.where, counts.labels, written)
        warn_of_normal(rule.normal, inputs.where, counts.labels, written)
        X, y = np.concatenate(parts), np.concatenate(roles)
        counts.n_anomalies, counts.n_unlabeled = len(labels), int((y == _UNLABELED).sum())
        if not labels:
            raise rule.missing_label(inputs.where, counts.labels)
        labels = spelled_once(labels) if written else labels
        kinds = list(dict.fromkeys(labels))
        codes = np.array([kinds.index(label) for label in labels], np.int64)
        y[y == _ANOMALY] = _ANOMALY + codes
        self.ensemble = NNGMixEnsemble(
            self.estimator,
            anomaly_label=[_ANOMALY + kind for kind in range(len(kinds))],
            unlabeled_label=_UNLABELED,
            normal_label=_NORMAL if (y == _NORMAL).any() else None,
            n_jobs=self.n_threads,
            **self.parameters,
        )
        self.ensemble.fit(X, y)
        report("training", counts.n_rows)
        model: ScoreModel = self.ensemble.neighbor_score_.model_  # type: ignore[union-attr]
        model = replace(model, classes=np.array([None, *kinds], object), kinds=1 + codes)
        self.score = NeighborScore(n_threads=self.n_threads)
        keep_model(self.score, replace(model, names=inputs.like.names))

    def training_scores(self, batch: Batch) -> Float:
        scores: Float = self.ensemble.training_scores_
        return scores[batch.first_row : batch.first_row + len(batch.rows)].copy()

    def scores(self, rows: Rows) -> Float:
        scores = [self.ensemble.decision_function(block) for _, block in rows.blocks(n_values=1 << 21)]
        return np.concatenate(scores)

    def save(self, path: str) -> None:
        with replacing(path) as file:
            joblib.dump(self, file)

    @classmethod
    def load(cls, path: str, n_threads: int | None) -> "EnsembleRanker":
        ranker = joblib.load(path)
        if not isinstance(ranker, cls):
            raise ValueError(f"{path} holds no ensemble, but {type(ranker).__name__}")
        ranker.score.n_threads = ranker.ensemble.n_jobs = n_threads
        return ranker


def _estimator(name: str | None) -> Any:
    """An estimator by its name; None for the ensemble's own."""
    if name is None:
        return None
    if name not in _ESTIMATORS:
        raise ValueError(f"the estimator must be one of {', '.join(_ESTIMATORS)}, got {name!r}")
    return _ESTIMATORS[name]()
