"""How a data set becomes training and test rows, and which training anomalies keep their label.

`paper` is the published experiment, to the random number. It leaks: sets under 1,000 rows are resampled
before they are split, so copies of a row end up on both sides. `clean` is the same without leakage.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.data import Dataset
from nngmix.evaluation.mixed import positions
from nngmix.rows.kinds import Kinds

__all__ = ["PROTOCOLS", "Labels", "Split", "clean", "paper", "split"]

# Of ADBench and of the published script.
PAPER_MIN_ROWS, PAPER_MAX_ROWS = 1_000, 10_000
LABELED_SHARE, TEST_SHARE = 0.1, 0.3
# One of this many folds of whole groups is the test.
GROUP_FOLDS = 3
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
    kinds : Kinds, optional
        What the columns of a mixed table hold; categories are not scaled.
    """

    X_unlabeled: NDArray[np.float64]
    X_anomaly: NDArray[np.float64]
    n_hidden: int
    X_test: NDArray[np.float64]
    y_test: NDArray[np.int64]
    kinds: Kinds | None = None


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
    train, test = _random_sides(y, rng)
    (X_train, X_test), y_train, y_test = _scaled(X, data.kinds, train, test), y[train], y[test]
    anomalies = np.flatnonzero(y_train)
    share, ratio = (LABELED_SHARE, labels.ratio) if labels.ratio is not None else (1.0, 1.0)
    n_labeled = labels.count or math.ceil(share * len(anomalies))
    _check_enough(n_labeled, len(anomalies))
    labeled = rng.choice(anomalies, n_labeled, replace=False)
    unlabeled = np.concatenate([np.flatnonzero(y_train == 0), np.setdiff1d(anomalies, labeled)])
    labeled, unlabeled = np.sort(labeled), np.sort(unlabeled)
    if ratio != 1.0:
        labeled = labeled[rng.choice(len(labeled), math.ceil(ratio * len(labeled)), replace=False)]
    n_hidden = int(y_train[unlabeled].sum())
    return Split(X_train[unlabeled], X_train[labeled], n_hidden, X_test, y_test, data.kinds)


def clean(
    data: Dataset, labels: Labels, seed: int, *, min_labels: int = 1, max_rows: int | None = None
) -> Split:
    """The protocol without leakage: every row occurs once, before anything is drawn.

    A row that occurs several times counts once, as an anomaly if any of its copies is one. Nothing is
    resampled, all unlabelled anomalies stay hidden among the training rows, and every seed splits anew. With
    groups a third of the rows is the test, whole groups of them. With times it is the last 30 %, the same for
    every seed. Anomalies of hidden kinds stay among the unlabelled rows, and are the only ones in the test.

    Parameters
    ----------
    min_labels : int, default=1
        At least this many labels, if the share gives fewer.
    max_rows : int, optional
        Subsample larger sets: anomalies by their share, but 30 of them if there are.
    """
    rng = np.random.RandomState(seed)
    data = distinct(data)
    if max_rows is not None and len(data.y) > max_rows:
        data = data.take(_subsample(data.y, max_rows, rng))
    train, test = _sides(data, rng)
    hidden = np.zeros(len(data.y), bool) if data.hidden is None else data.hidden
    if data.hidden is not None:
        test = test[hidden[test] | (data.y[test] == 0)]
    _check_judged(data.y[test])
    X_train, X_test = _scaled(data.X, data.kinds, train, test)
    anomalies = np.flatnonzero(data.y[train] & ~hidden[train])
    share = LABELED_SHARE * labels.ratio if labels.ratio is not None else 0.0
    n_labeled = labels.count or max(min_labels, math.ceil(round(share * len(anomalies), 9)))
    _check_enough(n_labeled, len(anomalies))
    is_labeled = np.zeros(len(train), dtype=bool)
    is_labeled[rng.choice(anomalies, n_labeled, replace=False)] = True
    n_hidden = int(data.y[train].sum()) - n_labeled
    return Split(X_train[~is_labeled], X_train[is_labeled], n_hidden, X_test, data.y[test], data.kinds)


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
    apart = (data.hidden, data.groups, data.times)
    if protocol == "paper" and any(part is not None for part in apart):
        raise ValueError("the published experiment splits at random: groups, times, hidden kinds need clean")
    return paper(data, labels, seed) if protocol == "paper" else clean(data, labels, seed, **settings)


@lru_cache(maxsize=1)
def distinct(data: Dataset) -> Dataset:
    """Every row once, in the order of first occurrence; with times, of the earliest."""
    if data.times is not None:
        data = data.take(np.argsort(data.times, kind="stable"))
    # Adding zero makes -0.0 and 0.0 the same bytes.
    # What is missing equals what is missing; infinity does not occur.
    there = np.where(np.isnan(data.X), np.inf, data.X + 0)
    _, first, group = np.unique(there, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)

    def any_of(flags: NDArray[Any]) -> NDArray[np.bool_]:
        return np.bincount(group.ravel(), weights=flags)[order] > 0

    hidden = None if data.hidden is None else any_of(data.hidden)
    return replace(data.take(first[order]), y=any_of(data.y).astype(np.int64), hidden=hidden)


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


def _sides(data: Dataset, rng: np.random.RandomState) -> list[NDArray[np.intp]]:
    """The rows of training and test."""
    if data.times is not None:
        last = np.sort(data.times)[math.ceil((1 - TEST_SHARE) * len(data.times)) - 1]
        return [np.flatnonzero(data.times <= last), np.flatnonzero(data.times > last)]
    if data.groups is None:
        return _random_sides(data.y, rng)
    from sklearn.model_selection import StratifiedGroupKFold

    n_groups, n_anomalies = len(np.unique(data.groups)), int(data.y.sum())
    if min(n_groups, n_anomalies) < GROUP_FOLDS:
        raise ValueError(
            f"a split by group needs at least {GROUP_FOLDS} groups and as many anomalies, got {n_groups} and "
            f"{n_anomalies}"
        )
    folds = StratifiedGroupKFold(GROUP_FOLDS, shuffle=True, random_state=rng)
    return list(next(folds.split(data.X, data.y, data.groups)))


def _random_sides(y: NDArray[np.int64], rng: np.random.RandomState) -> list[NDArray[np.intp]]:
    from sklearn.model_selection import train_test_split

    sides: list[NDArray[np.intp]] = train_test_split(
        np.arange(len(y)), test_size=TEST_SHARE, stratify=y, random_state=rng
    )
    return sides


def _scaled(
    X: NDArray[np.floating], kinds: Kinds | None, *sides: NDArray[np.intp]
) -> list[NDArray[np.float64]]:
    """The rows of training and test, by the scale of the former, which spares categories."""
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler().fit(X[sides[0]])
    scaled = [scaler.transform(X[side]).astype(np.float64) for side in sides]
    for rows, side in zip(scaled, sides, strict=True):
        at = positions(kinds)
        rows[:, at] = X[side][:, at]
    return scaled


def _check_judged(y: NDArray[np.int64]) -> None:
    if y.all() or not y.any():
        raise ValueError(
            f"the test needs anomalies and normal rows, got {int(y.sum())} and {int((y == 0).sum())}: split "
            "by another column, or hide other kinds"
        )


def _check_enough(n_labeled: int, n_anomalies: int) -> None:
    if n_labeled > n_anomalies:
        raise ValueError(
            f"{n_labeled} labels are asked for, but only {n_anomalies} training rows are anomalies"
        )
