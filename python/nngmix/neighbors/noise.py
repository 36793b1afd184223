"""The noise that fits a table: a share of how far anomalies are from their unlabelled neighbours."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEFAULT_NOISE", "fitting_noise"]

# Of new rows whose table tells no distance, as it is without "auto".
DEFAULT_NOISE = 0.01
# Noise is this many times as long as the way to a neighbour.
_TIMES = 2.0


def fitting_noise(squared_distances: NDArray[np.float64], n_numeric: int) -> float:
    """The standard deviation whose noise is `_TIMES` the median distance to the neighbours that were found.

    Of neighbours that are not the anomaly itself: copies of it among the unlabelled rows say nothing of how
    far rows are from each other.
    """
    found = squared_distances[(squared_distances > 0) & (squared_distances < math.inf)]
    if not len(found) or not n_numeric:
        return DEFAULT_NOISE
    return _TIMES * float(np.median(np.sqrt(found))) / math.sqrt(n_numeric)
