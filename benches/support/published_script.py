"""The published procedure, restated: two k-d trees, then for every row a query, two noises and a `vstack`."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from support.measurement import Timed

Rows = NDArray[Any]
# Rows that are timed where all would take minutes.
TIMED_ROWS = 300


def run(anomalies: Rows, unlabeled: Rows, n: int, *, k: int, noise_std: float, alpha: float) -> Any:
    """Make `n` rows; beyond 1,000 some are timed and the rest is extrapolated.

    `vstack` copies all rows made so far, so the timed ones are made when half of all are there, which is the
    mean.
    """
    before = time.perf_counter()
    trees = KDTree(unlabeled), KDTree(anomalies)
    built = time.perf_counter() - before
    rng = np.random.RandomState(0)
    d = anomalies.shape[1]
    timed, held = (n, 0) if n <= 1000 else (TIMED_ROWS, n // 2)
    made = np.zeros((held, d))
    before = time.perf_counter()
    for _ in range(timed):
        from_unlabeled = rng.uniform(0, 1) > 0.5
        anchor = rng.choice(len(anomalies), 1)
        pool = unlabeled if from_unlabeled else anomalies
        _, found = trees[0 if from_unlabeled else 1].query(anomalies[anchor], k=min(k, len(pool)))
        partner = rng.choice(found[0])
        while not from_unlabeled and partner == anchor and len(anomalies) > 1:
            partner = rng.choice(found[0])
        lam = rng.beta(alpha, alpha)
        noise = rng.normal(0, noise_std, d), rng.normal(0, noise_std, d)
        row = lam * (anomalies[anchor] + noise[0]) + (1 - lam) * (pool[partner] + noise[1])
        made = np.vstack([made, row])
    seconds = built + (time.perf_counter() - before) * n / timed
    return Timed(made[held:], seconds) if held else made
