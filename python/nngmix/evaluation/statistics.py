"""Paired comparisons: are the gains of one way over another more than chance?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["DRAW", "Comparison", "compare", "holm"]

# Gains within half a point count as a draw.
DRAW = 0.005
_RESAMPLES = 9999


@dataclass(frozen=True)
class Comparison:
    """Gains of one way over another on the same sets.

    Attributes
    ----------
    n : int
        Sets compared.
    mean, median : float
    low, high : float
        95 % bootstrap interval of the mean, sets drawn with replacement (percentiles).
    wins, losses : int
        Sets gained or lost by more than half a point.
    p : float
        Two-sided Wilcoxon signed-rank test over the sets; NaN with fewer than two.
    """

    n: int
    mean: float
    median: float
    low: float
    high: float
    wins: int
    losses: int
    p: float


def compare(gains: ArrayLike, draw: float = DRAW) -> Comparison:
    """Summarise paired gains, one a set."""
    from scipy import stats

    gains = np.asarray(gains, dtype=np.float64)
    n = len(gains)
    if n == 0:
        raise ValueError("there are no gains to compare")
    low = high = p = float("nan")
    if n > 1:
        interval = stats.bootstrap(
            (gains,), np.mean, n_resamples=_RESAMPLES, method="percentile", random_state=0
        ).confidence_interval
        low, high = float(interval.low), float(interval.high)
        p = float(stats.wilcoxon(gains).pvalue) if gains.any() else 1.0
    wins, losses = int((gains > draw).sum()), int((gains < -draw).sum())
    return Comparison(n, float(gains.mean()), float(np.median(gains)), low, high, wins, losses, p)


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Holm's step-down correction over all values; NaN stays NaN and counts for none."""
    values = np.asarray(p, dtype=np.float64)
    out = np.full(len(values), np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return out
