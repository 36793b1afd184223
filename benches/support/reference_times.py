"""What `nngmix.reference` takes, which is slow: measured on a part of the work and extrapolated."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix import NeighborTable, reference
from support.measurement import Timed

Rows = NDArray[Any]


def search(queries: Rows, rows: Rows, k: int) -> Timed:
    """The reference takes the queries one by one: the first tells the time and the memory of all."""
    before = time.perf_counter()
    squared, indices = reference.kneighbors(queries[:1], rows, k)
    seconds = (time.perf_counter() - before) * len(queries)
    return Timed((np.sqrt(squared), indices), seconds)


def generation(table: NeighborTable, n: int, noise_std: float) -> Timed:
    """A sixteenth of the rows."""
    before = time.perf_counter()
    part = n // 16 or n
    key = np.random.SeedSequence(0).generate_state(8).astype(np.uint32)
    others = table.anomaly_neighbors
    anchor, unlabeled, neighbor, lam = reference.draw_plan(
        key, 0, part, len(table.X_anomaly), table.neighbor_rows.shape[1], others.shape[1]
    )
    partners = table.X_anomaly[anchor]
    partners[unlabeled] = table.neighbor_rows[anchor[unlabeled], neighbor[unlabeled]]
    among = ~unlabeled
    partners[among] = table.X_anomaly[others[anchor[among], neighbor[among]]]
    made = reference.mix(key, 0, table.X_anomaly[anchor], partners, lam, noise_std)
    return Timed(made, (time.perf_counter() - before) * n / part)
