"""How far noise moves a new row, against how far the rows are from each other."""

import math

import numpy as np

from nngmix.methods.auto import WIDE
from nngmix.neighbors.table import NeighborTable

__all__ = ["about_noise", "noise_ratio"]

# On embeddings, where noise helps networks, the published 0.3 is 2 to 8 times the distance, mostly about 3.
# On narrow tables as much helps some and harms others, at the same distances: what tells is the width.
_NETWORKS = 3.0
# Rows are lost in noise of this many distances, and look like nothing that there is.
_LOST = 10.0


def noise_ratio(table: NeighborTable, noise_std: float) -> float:
    """The length of noise over the median distance from an anomaly to its nearest unlabelled row.

    NaN if no rows were searched, or half of the anomalies lie on one.
    """
    distances = np.sqrt(table.squared_distances[:, :1])
    median = float(np.median(distances)) if distances.size else 0.0
    if not 0 < median < math.inf:
        return math.nan
    n_numeric = sum(values is None for values in table.categories)
    return noise_std * math.sqrt(n_numeric) / median


def about_noise(ratio: float, noise_std: float, n_features: int) -> str:
    """The ratio in words, with another standard deviation if this one is far off."""
    said = f"{noise_std:g} moves rows by {ratio:.2g} times the median distance to the nearest unlabelled row"
    if ratio > _LOST:
        return f"{said}: they are lost in it; {noise_std / ratio:.2g} would be as far as that row"
    if n_features >= WIDE and 0 < ratio < 1:
        advised = _NETWORKS * noise_std / ratio
        return f"{said}: little for a network on so wide a table, where {advised:.2g} has done better"
    return said
