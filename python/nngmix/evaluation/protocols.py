"""How a data set becomes training and test rows, and which training anomalies keep their label.

`paper` is the published experiment, to the random number. It leaks: sets under 1,000 rows are resampled
before they are split, so copies of a row end up on both sides. `clean` is the same without leakage.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.data import Dataset

__all__ = ["PROTOCOLS", "Labels", "Split", "clean", "paper", "split"]

# Of ADBench and of the published script.
PAPER_MIN_ROWS, PAPER_MAX_ROWS = 1_000, 10_000
LABELED_SHARE, TEST_SHARE = 0.1, 0.3
# `clean`: a test of fewer anomalies would measure chance.
CLEAN_KEPT_ANOMALIES = 30


@dataclass(frozen=True)
class Labels:
    """How many of the training anomalies keep their label; exactly one field is not None.

    Attributes
    ----------
    ratio : float or None
        That part of `LABELED_SHARE`: 1.0, 0.5 and 0.1 are 10, 5 and 1 % of the training anomalies.
    count : int or None
        That many.
    """

    ratio: float | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if (self.ratio is None) == (self.count is None):
            raise ValueError("give either a ratio or a count of labels")
        if self.ratio is not None and not 0 < self.ratio <= 1 / LABELED_SHARE:
            raise ValueError(f"ratios must be above 0 and at most {1 / LABELED_SHARE:g}, got {self.ratio}")
        if self.count is not None and self.count < 1:
            raise ValueError(f"the number of labels must be at least 1, got {self.count}")

    def __str__(self) -> str:
        return f"{self.count}" if self.ratio is None else f"{100 * LABELED_SHARE * self.ratio:g}%"


@dataclass(frozen=True, eq=False)
class Split:
    """One cut of a data set, its columns scaled to 0..1 on the training rows.

    Attributes
    ----------
    X_unlabeled : ndarray, shape (n_unlabeled, n_features)
        Training rows without a label: the normal ones and the hidden anomalies.
    X_anomaly : ndarray, shape (n_labeled, n_features)
        The labelled anomalies.
    n_hidden : int
        Anomalies among the unlabelled rows.
    X_test, y_test : ndarray
        Unseen rows and the truth about them.
    """

    X_unlabeled: NDArray[np.float64]
    X_anomaly: NDArray[np.float64]
    n_hidden: int
    X_test: NDArray[np.float64]
    y_test: NDArray[np.int64]


def paper(data: Dataset, labels: Labels, seed: int) -> Split:
    """The published protocol: its random numbers in its order.

    Sets under 1,000 rows are resampled to 1,000, sets over 10,000 subsampled; 70/30, stratified. A tenth of
    the training anomalies is labelled, the others stay hidden. With a ratio below 1 only that part of the
    labelled ones is used and the rest left out altogether, as the script does.
    """
    rng = np.random.RandomState(seed)
    X, y = data.X, data.y
    if len(y) < PAPER_MIN_ROWS:
        chosen = rng.choice(len(y), PAPER_MIN_ROWS, replace=True)
        X, y = X[chosen], y[chosen]
    elif len(y) > PAPER_MAX_ROWS:
        chosen = rng.choice(len(y), PAPER_MAX_ROWS, replace=False)
        X, y = X[chosen], y[chosen]
    X_train, X_test, y_train, y_test = _cut(X, y, rng)
    anomalies = np.flatnonzero(y_train)
    share, ratio = (LABELED_SHARE, labels.ratio) if labels.ratio is not None else (1.0, 1.0)
    n_labeled = labels.count or math.ceil(share * len(anomalies))
    _check_enough(n_labeled, len(anomalies))
    labeled = rng.choice(anomalies, n_labeled, replace=False)
    unlabeled = np.concatenate([np.flatnonzero(y_train == 0), np.setdiff1d(anomalies, labeled)])
    labeled, unlabeled = np.sort(labeled), np.sort(unlabeled)
    if ratio != 1.0:
        labeled = labeled[rng.choice(len(labeled), math.ceil(ratio * len(labeled)), replace=False)]
    return Split(X_train[unlabeled], X_train[labeled], int(y_train[unlabeled].sum()), X_test, y_test)


def clean(
    data: Dataset, labels: Labels, seed: int, *, min_labels: int = 1, max_rows: int | None = None
) -> Split:
    """The protocol without leakage: every row occurs once, before anything is drawn.

    A row that occurs several times counts once, as an anomaly if any of its copies is one. Nothing is
    resampled, all unlabelled anomalies stay hidden among the training rows, and every seed splits anew.

    Parameters
    ----------
    min_labels : int, default=1
        At least so many labels, if the share gives fewer.
    max_rows : int, optional
        Subsample larger sets: anomalies by their share, but 30 of them if there are.
    """
    rng = np.random.RandomState(seed)
    X, y = distinct(data)
    if max_rows is not None and len(y) > max_rows:
        chosen = _subsample(y, max_rows, rng)
        X, y = X[chosen], y[chosen]
    X_train, X_test, y_train, y_test = _cut(X, y, rng)
    anomalies = np.flatnonzero(y_train)
    share = LABELED_SHARE * labels.ratio if labels.ratio is not None else 0.0
    n_labeled = labels.count or max(min_labels, math.ceil(round(share * len(anomalies), 9)))
    _check_enough(n_labeled, len(anomalies))
    is_labeled = np.zeros(len(y_train), dtype=bool)
    is_labeled[rng.choice(anomalies, n_labeled, replace=False)] = True
    return Split(X_train[~is_labeled], X_train[is_labeled], len(anomalies) - n_labeled, X_test, y_test)


PROTOCOLS = ("clean", "paper")


def split(protocol: str, data: Dataset, labels: Labels, seed: int, **settings: Any) -> Split:
    """Cut a data set into training and test rows.

    Parameters
    ----------
    protocol : {'clean', 'paper'}
    data : Dataset
    labels : Labels
        How many anomalies are labelled.
    seed : int
    **settings
        `min_labels` and `max_rows` of the protocol `clean`.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        For another protocol, or data with too few rows or anomalies for it.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"the protocol must be one of {', '.join(PROTOCOLS)}, got {protocol!r}")
    return paper(data, labels, seed) if protocol == "paper" else clean(data, labels, seed, **settings)


@lru_cache(maxsize=1)
def distinct(data: Dataset) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Every row once, in the order of first occurrence."""
    # Adding zero makes -0.0 and 0.0 the same bytes.
    _, first, group = np.unique(data.X + 0, axis=0, return_index=True, return_inverse=True)
    anomalies = np.bincount(group.ravel(), weights=data.y)
    order = np.argsort(first)
    return data.X[first[order]], (anomalies[order] > 0).astype(np.int64)


def _subsample(y: NDArray[np.int64], n_rows: int, rng: np.random.RandomState) -> NDArray[np.intp]:
    anomalies, normal = np.flatnonzero(y), np.flatnonzero(y == 0)
    n_anomalies = max(
        round(n_rows * len(anomalies) / len(y)), min(CLEAN_KEPT_ANOMALIES, len(anomalies), n_rows // 2)
    )
    chosen = [
        rng.choice(normal, n_rows - n_anomalies, replace=False),
        rng.choice(anomalies, n_anomalies, replace=False),
    ]
    return np.sort(np.concatenate(chosen))


def _cut(X: NDArray[np.floating], y: NDArray[np.int64], rng: np.random.RandomState) -> list[NDArray[Any]]:
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import MinMaxScaler

    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=TEST_SHARE, stratify=y, random_state=rng
    )
    scaler = MinMaxScaler().fit(X_train)
    scaled = (scaler.transform(part).astype(np.float64) for part in (X_train, X_test))
    return [*scaled, y_train, y_test]


def _check_enough(n_labeled: int, n_anomalies: int) -> None:
    if n_labeled > n_anomalies:
        raise ValueError(
            f"{n_labeled} labels are asked for, but only {n_anomalies} training rows are anomalies"
        )
