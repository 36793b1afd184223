"""The noise that fits a table."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.neighbors import kneighbors

__all__ = ["fitting_noise"]


def fitting_noise(
    X_anomaly: NDArray[Any],
    X_unlabeled: NDArray[Any],
    n_neighbors: int = 10,
    categorical: NDArray[np.bool_] | None = None,
    categorical_weight: float = 1.0,
) -> float:
    """What ``noise_std="auto"`` means for scaled rows.

    Noise of standard deviation s on d columns is about ``s * sqrt(d)`` long. It is made twice the median of
    the distances from every anomaly to every one of its neighbours, those left out that are 0, and copies of
    the anomaly. Without any of them it is 0.01, and categories are no columns that noise is added to.
    """
    squared, _ = kneighbors(
        X_anomaly, X_unlabeled, n_neighbors, categorical=categorical, categorical_weight=categorical_weight
    )
    distances = np.sqrt(squared[(squared > 0) & np.isfinite(squared)])
    n_numeric = X_anomaly.shape[1] if categorical is None else int((~categorical).sum())
    if len(distances) == 0 or n_numeric == 0:
        return 0.01
    return 2 * float(np.median(distances)) / float(np.sqrt(n_numeric))
