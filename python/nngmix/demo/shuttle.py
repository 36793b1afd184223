"""The Shuttle data, and cuts of it in which few anomalies are labelled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nngmix.files.reader import read_table

__all__ = ["N_LABELED", "Split", "load_shuttle", "split_rows"]

N_LABELED = 10


@dataclass(frozen=True)
class Split:
    """One cut of the data: few training anomalies are labelled, the others hide among the unlabelled."""

    X: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    labeled: NDArray[np.bool_]
    X_test: NDArray[np.float64]
    y_test: NDArray[np.int64]


def load_shuttle(n_rows: int | None = None) -> tuple[list[str], NDArray[np.float64], NDArray[np.int64]]:
    """Names, features and labels (1: anomaly) of the Shuttle data, read from the installed river package."""
    from river import datasets

    table = read_table(str(datasets.Shuttle().path), "anomaly")
    names, X = list(table.features), table.X
    y = table.labels.cast("int64").to_numpy()
    if n_rows is not None and n_rows < len(X):
        chosen = np.sort(np.random.default_rng(0).choice(len(X), n_rows, replace=False))
        X, y = X[chosen], y[chosen]
    return names, X, y


def split_rows(X: NDArray[np.float64], y: NDArray[np.int64], seed: int) -> Split:
    """70 % to train, 30 % to test; `N_LABELED` of the training anomalies keep their label."""
    from sklearn.model_selection import train_test_split

    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    labeled = np.zeros(len(y_train), dtype=bool)
    anomalies = np.flatnonzero(y_train)
    labeled[np.random.default_rng(seed).choice(anomalies, N_LABELED, replace=False)] = True
    return Split(X_train, (y_train == 1) & ~labeled, labeled, X_test, y_test)
