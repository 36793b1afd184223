"""The ensemble as a ranker: the whole table in memory, many small detectors, and the neighbour score."""

from dataclasses import replace
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from nngmix.detection.ensemble import NNGMixEnsemble
from nngmix.detection.fitted_score import keep_model
from nngmix.detection.reservoir import united
from nngmix.detection.score import NeighborScore
from nngmix.detection.score_labels import warn_of_normal
from nngmix.detection.score_model import ScoreModel
from nngmix.files.replace import replacing
from nngmix.neighbors.passes import Counts
from nngmix.neighbors.spec import Missing
from nngmix.ranking.inputs import Batch, RankInputs
from nngmix.ranking.rankers import Ranker, Report
from nngmix.rows.kinds import Kinds
from nngmix.rows.labels import LabelRule, spelled_once
from nngmix.rows.rows import Rows, coded_rows

__all__ = ["EnsembleRanker"]

Float = NDArray[np.float64]
# What rows are called for the ensemble; classes of anomalies begin at the last.
_OTHER, _UNLABELED, _NORMAL, _ANOMALY = range(4)
# Values that the histograms of scikit-learn tell apart in a column of categories.
_MOST_BINS = 255
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
        missing: Missing = "error",
        categorical_weight: float | None = None,
        n_threads: int | None = None,
        **_: Any,
    ) -> None:
        if missing == "skip":
            raise ValueError("the ensemble skips no rows: --missing skip is for --detector score")
        self.estimator = estimator
        _estimator(estimator, None)
        self.parameters = {
            "n_neighbors": n_neighbors,
            "scale": scale,
            "random_state": random_state,
            "missing": missing,
            "categorical_weight": categorical_weight,
        }
        self.n_threads = n_threads

    def fit(self, inputs: RankInputs, rule: LabelRule, report: Report) -> None:
        parts, roles, labels = [], [], []
        self.counts, written = Counts(), False
        for batch in inputs.batches():
            block = batch.rows.whole(inputs.like.dtype)
            batch.rows.check_finite(block)
            parts.append((block.copy(), batch.rows.kinds))
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
        like, y = inputs.like, np.concatenate(roles)
        X, columns = united(parts, like.n_features, like.dtype, like.names)
        counts.n_anomalies, counts.n_unlabeled = len(labels), int((y == _UNLABELED).sum())
        if not labels:
            raise rule.missing_label(inputs.where, counts.labels)
        labels = spelled_once(labels) if written else labels
        kinds = list(dict.fromkeys(labels))
        codes = np.array([kinds.index(label) for label in labels], np.int64)
        y[y == _ANOMALY] = _ANOMALY + codes
        self.ensemble = NNGMixEnsemble(
            _estimator(self.estimator, columns),
            anomaly_label=[_ANOMALY + kind for kind in range(len(kinds))],
            unlabeled_label=_UNLABELED,
            normal_label=_NORMAL if (y == _NORMAL).any() else None,
            n_jobs=self.n_threads,
            **self.parameters,
        )
        self.ensemble.fit(coded_rows("X", X, like.names, columns), y)
        report("training", counts.n_rows)
        model: ScoreModel = self.ensemble.neighbor_score_.model_  # type: ignore[union-attr]
        model = replace(model, classes=np.array([None, *kinds], object), kinds=1 + codes)
        missing = self.parameters["missing"]
        self.score = NeighborScore(missing=missing, n_threads=self.n_threads)
        keep_model(self.score, replace(model, names=like.names))

    def training_scores(self, batch: Batch) -> Float:
        scores: Float = self.ensemble.training_scores_
        return scores[batch.first_row : batch.first_row + len(batch.rows)].copy()

    def scores(self, rows: Rows) -> Float:
        scores = np.full(len(rows), np.nan)
        for start, block in rows.blocks(n_values=1 << 21):
            finite = rows.finite(block) if self.score.missing == "skip" else None
            if finite is None:
                rows.check_finite(block, start)
            at = np.arange(len(block)) if finite is None else np.flatnonzero(finite)
            if len(at):
                taken = coded_rows(rows.name, block[at], rows.names, rows.kinds)
                scores[start + at] = self.ensemble.decision_function(taken)
        return scores

    def save(self, path: str) -> None:
        with replacing(path) as file:
            joblib.dump(self, file)

    @classmethod
    def load(cls, path: str, n_threads: int | None, missing: Missing | None) -> "EnsembleRanker":
        try:
            ranker = joblib.load(path)
        except FileNotFoundError:
            raise
        except Exception as error:
            # What a damaged pickle raises may be anything.
            raise ValueError(f"{path} is no saved ensemble, or one that is cut short: {error}") from error
        if not isinstance(ranker, cls):
            raise ValueError(f"{path} holds no ensemble, but {type(ranker).__name__}")
        ranker.score.n_threads = ranker.ensemble.n_jobs = n_threads
        ranker.score.missing = missing or ranker.score.missing
        return ranker


def _estimator(name: str | None, columns: Kinds | None) -> Any:
    """An estimator by its name, which is given ranks of categories; None for the ensemble's own."""
    if name is None:
        return None
    if name not in _ESTIMATORS:
        raise ValueError(f"the estimator must be one of {', '.join(_ESTIMATORS)}, got {name!r}")
    estimator = _ESTIMATORS[name]()
    categories = [] if columns is None else [None if c is None else len(c) for c in columns.categories]
    if name == "hgb":
        few = [j for j, n_values in enumerate(categories) if n_values and n_values <= _MOST_BINS]
        estimator.set_params(categorical_features=few or None)
    elif name in ("lr", "mlp") and any(categories):
        at = [j for j, n_values in enumerate(categories) if n_values is not None]
        encoder = (OneHotEncoder(handle_unknown="ignore"), at)
        estimator = make_pipeline(make_column_transformer(encoder, remainder="passthrough"), estimator)
    return estimator
