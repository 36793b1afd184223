"""The neighbour score: how much nearer a row is to labelled anomalies than to unlabelled rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.neighbors import kneighbors
from nngmix.reference.random import ln

__all__ = ["neighbor_score"]

Float = NDArray[np.float64]
Rows = NDArray[Any]


def neighbor_score(
    X: Rows,
    X_unlabeled: Rows,
    X_anomaly: Rows,
    X_normal: Rows | None = None,
    *,
    n_neighbors: int = 10,
    n_anomalies: int | None = None,
    eps: float = 1e-3,
    own: NDArray[np.int64] | None = None,
    categorical: NDArray[np.bool_] | None = None,
    categorical_weight: float = 1.0,
) -> Float:
    """The score of each row, from its distance to the k-th unlabelled row and to the nearest anomalies.

    `n_anomalies` of them count, or the rounded square root of their number. `own` says which of the
    unlabelled rows each is, -1 for none of them. Columns are scaled by the range of all training rows; in one
    without a range a value is 0 if it is that of the training rows, else 1. `categorical` columns are not
    scaled, and NaN is a missing value: see `kneighbors` for the distance.
    """
    parts = [X_unlabeled, X_anomaly] if X_normal is None else [X_unlabeled, X_anomaly, X_normal]
    together = np.concatenate(parts)
    is_category = np.zeros(X.shape[1], bool) if categorical is None else categorical
    low, high = np.fmin.reduce(together), np.fmax.reduce(together)

    def scaled(rows: Rows) -> Rows:
        width = np.where(high > low, high - low, 1)
        constant = np.where(np.isnan(rows), np.nan, rows != low).astype(rows.dtype)
        there: Rows = np.where(high > low, (rows - low) / width, constant)
        return np.where(is_category, rows, there)

    def nearest(row: Rows, rows: Rows, n_neighbors: int) -> Float:
        weight = categorical_weight
        found = kneighbors(row[None], rows, n_neighbors, categorical=is_category, categorical_weight=weight)
        squared: Float = found[0][0]
        return np.sqrt(squared)

    X, U, A = scaled(X), scaled(X_unlabeled), scaled(X_anomaly)
    k, q = min(n_neighbors, len(U) - 1), min(n_anomalies or round(np.sqrt(len(A))), len(A))
    scores = np.empty(len(X))
    for i, row in enumerate(X):
        others = U if own is None or own[i] < 0 else np.delete(U, own[i], axis=0)
        radius = nearest(row, others, k)[-1]
        if X_normal is not None:
            radius = min(radius, nearest(row, scaled(X_normal), 1)[0])
        near = nearest(row, A, q)
        # The mean is of a sum from the nearest on.
        scores[i] = ln(radius + eps) - np.cumsum(ln(near + eps))[-1] / q
    return scores
