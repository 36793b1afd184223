"""The procedure of the published script (Dong et al., arXiv 2311.11961, ``NNG_Mix.py``), restated."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.reference.neighbors import kneighbors

__all__ = ["published_nng_mix"]

Float = NDArray[np.float64]
Rows = NDArray[Any]


def published_nng_mix(
    X_anomaly: Rows,
    X_unlabeled: Rows,
    n_samples: int,
    rng: np.random.Generator,
    *,
    n_neighbors: int = 10,
    n_neighbors_anomaly: int = 10,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
) -> Float:
    """What the published script does, in our words: noise twice a row, NumPy's generator, one row at a time.

    A fair coin chooses the pool. From the unlabelled pool the partner is one of the anchor's `n_neighbors`
    nearest rows; from the anomalies it is one of its `n_neighbors_anomaly` nearest, drawn again while it is
    the anchor itself. Anchor and partner each get noise of `noise_std`, and lam weighs the anchor.
    """
    made = np.empty((n_samples, X_anomaly.shape[1]))
    _, nearest = kneighbors(X_anomaly, X_unlabeled, n_neighbors)
    _, among = kneighbors(X_anomaly, X_anomaly, n_neighbors_anomaly)
    for i in range(n_samples):
        anchor = int(rng.integers(len(X_anomaly)))
        if rng.random() < 0.5:
            partner = X_unlabeled[rng.choice(nearest[anchor])]
        else:
            index = int(rng.choice(among[anchor]))
            while index == anchor and len(X_anomaly) > 1:
                index = int(rng.choice(among[anchor]))
            partner = X_anomaly[index]
        lam = rng.beta(alpha, beta)
        first = X_anomaly[anchor] + rng.normal(0, noise_std, X_anomaly.shape[1])
        second = partner + rng.normal(0, noise_std, X_anomaly.shape[1])
        made[i] = lam * first + (1 - lam) * second
    return made
