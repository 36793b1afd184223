"""Two detectors, trained after every way of adding anomalies and scored on unseen rows."""

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.demo.shuttle import Split
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.methods.resample import Resampled, resample
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.plan import MixPlan
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows

__all__ = ["AMOUNTS", "WAYS", "Score", "evaluate", "make_rows"]

AMOUNTS = ("10x", "10%")
WAYS = ("nothing added", "duplicates", "NNG-Mix")


@dataclass(frozen=True)
class Score:
    """How one detector did after one way of adding anomalies."""

    seed: int
    detector: str
    way: str
    amount: str
    n_added: int
    auroc: float
    average_precision: float
    augment_seconds: float
    fit_seconds: float


def evaluate(split: Split, seed: int) -> Iterator[Score]:
    """Train both detectors after every way of adding anomalies, and score them on the unseen rows."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import average_precision_score, roc_auc_score

    for way, amount, new, augment_seconds in _additions(split, seed):
        X = np.concatenate([split.X, new])
        y = np.concatenate([split.labeled, np.ones(len(new), dtype=bool)]).astype(np.int64)
        for name, detector in _detectors(seed).items():
            started = time.perf_counter()
            with warnings.catch_warnings():
                # The MLP stops after 30 passes by intention; more changed nothing but the time.
                warnings.simplefilter("ignore", ConvergenceWarning)
                detector.fit(X, y)
            fit_seconds = time.perf_counter() - started
            found = detector.predict_proba(split.X_test)[:, 1]
            auroc, precision = (
                roc_auc_score(split.y_test, found),
                average_precision_score(split.y_test, found),
            )
            yield Score(
                seed,
                name,
                way,
                amount,
                len(new),
                float(auroc),
                float(precision),
                augment_seconds,
                fit_seconds,
            )


def _additions(split: Split, seed: int) -> Iterator[tuple[str, str, NDArray[np.float64], float]]:
    yield WAYS[0], "-", split.X[:0], 0.0
    for amount in AMOUNTS:
        started = time.perf_counter()
        new = make_rows(split, amount, seed).rows
        seconds = time.perf_counter() - started
        started = time.perf_counter()
        copies = np.random.default_rng(seed).choice(split.X[split.labeled], len(new))
        yield WAYS[1], amount, copies, time.perf_counter() - started
        yield WAYS[2], amount, new, seconds


def make_rows(split: Split, amount: str, seed: int) -> Resampled[MixPlan]:
    """New rows, as ``nngmix augment`` makes them."""
    rows = as_rows("the rows", split.X)
    labels = read_labels("anomaly", split.labeled.astype(np.int64))
    spec = FitSpec(
        rows.n_features,
        rows.dtype,
        rule=LabelRule.of(1, None),
        scale="minmax",
        columns=ColumnsAsked(whole_features="auto"),
        amount=Amount.parse(amount),
    )
    return resample(rows, labels, spec, NNGMixRecipe(), random_state=seed)


def _detectors(seed: int) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    return {
        "HistGradientBoosting": HistGradientBoostingClassifier(random_state=seed),
        "MLP": make_pipeline(MinMaxScaler(), MLPClassifier(max_iter=30, random_state=seed)),
    }
