"""The best way to make the rows that NumPy alone gives: vectorised, chunk by chunk."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
# Elements made at a time: a chunk that stays in the cache through all of its passes.
CHUNK = 1 << 16


def mix(out: Rows, anomalies: Rows, nearest: Rows, others: Rows, noise_std: float, alpha: float) -> Rows:
    """Fill `out` from the unlabelled neighbours (`nearest`) and the other anomalies of every anomaly.

    Anchor's and partner's noise are drawn as one normal an element, which has the same distribution.
    """
    rng = np.random.default_rng(0)
    d, dtype = anomalies.shape[1], anomalies.dtype
    k, k_others = nearest.shape[1], others.shape[1]
    partners = np.concatenate([nearest.reshape(-1, d), others.reshape(-1, d)])
    step = max(1, CHUNK // d)
    scratch = np.empty((step, d), dtype)
    for start in range(0, len(out), step):
        made = out[start : start + step]
        m = len(made)
        anchor = rng.integers(len(anomalies), size=m)
        from_unlabeled = anchor * k + rng.integers(k, size=m)
        from_anomalies = len(anomalies) * k + anchor * k_others + rng.integers(k_others, size=m)
        partner = np.where(rng.random(m) < 0.5, from_unlabeled, from_anomalies)
        lam = rng.beta(alpha, alpha, m)[:, None]
        rest = 1 - lam
        rng.standard_normal(out=made, dtype=dtype.type)
        made *= (noise_std * np.sqrt(lam * lam + rest * rest)).astype(dtype)
        for source, index, weight in ((anomalies, anchor, lam), (partners, partner, rest)):
            part = np.take(source, index, axis=0, out=scratch[:m], mode="clip")
            part *= weight.astype(dtype)
            made += part
    return out
