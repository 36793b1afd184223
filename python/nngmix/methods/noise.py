"""How far noise moves a new row, against how far the rows are from each other."""

import math

import numpy as np

from nngmix.methods.auto import WIDE
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.mixture import Noise

__all__ = ["about_noise", "noise_ratio"]

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


def about_noise(table: NeighborTable, asked: Noise) -> str | None:
    """The ratio in words, with what fits if this noise is far off; None where there is no ratio."""
    noise_std, auto = table.noise(asked), table.noise()
    ratio = noise_ratio(table, noise_std)
    if math.isnan(ratio):
        return None
    name = f"auto, which is {auto:.2g}," if asked == "auto" else f"{noise_std:g}"
    said = f"{name} moves rows by {ratio:.2g} times the median distance to the nearest unlabelled row"
    if asked == "auto":
        return said
    if ratio > _LOST:
        return f"{said}: they are lost in it; --noise-std auto is {auto:.2g}"
    # On narrow tables as much as "auto" helps some and harms others: what tells is the width.
    if table.n_features >= WIDE and 0 < ratio < 1:
        return f"{said}: little for a network on so wide a table; --noise-std auto is {auto:.2g}"
    return said
