"""What each member of an ensemble is trained on: every label, a part of the unlabelled rows, new rows."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import child

__all__ = ["FILLINGS", "SMOTE", "bag_sizes", "new_rows", "parts"]

# Rows between two anomalies and nowhere else: SMOTE in the terms of NNG-Mix.
SMOTE = Mixture(noise_std=0, alpha=1, beta=1, unlabeled_fraction=0)
# The mixtures that share the new rows of a bag.
FILLINGS: dict[str, tuple[Mixture, ...]] = {
    "both": (Mixture(), SMOTE),
    "nng_mix": (Mixture(),),
    "smote": (SMOTE,),
    "duplicate": (),
    "none": (),
}


def bag_sizes(
    n_anomalies: int, n_unlabeled: int, n_normal: int, bag_rows: int, bag_anomalies: int
) -> tuple[int, int]:
    """Unlabelled rows of each bag, and new ones.

    Anomalies, labelled and new, are to negatives what `bag_anomalies` is to `bag_rows`. More labels make
    larger bags rather than new rows; no bag holds more than half of the unlabelled rows.
    """
    wanted = max(bag_rows, math.ceil(n_anomalies * bag_rows / bag_anomalies) - n_normal)
    n_rows = min(wanted, max(1, n_unlabeled // 2))
    return n_rows, max(0, round((n_rows + n_normal) * bag_anomalies / bag_rows) - n_anomalies)


def parts(n_rows: int, size: int, n_bags: int, seed: np.random.SeedSequence) -> Iterator[NDArray[np.int64]]:
    """For each bag its rows, ascending: consecutive slices of as many permutations as are needed."""
    per_turn = n_rows // size
    order = np.empty(0, np.int64)
    for bag in range(n_bags):
        turn, place = divmod(bag, per_turn)
        if place == 0:
            order = np.random.Generator(np.random.PCG64(child(seed, turn))).permutation(n_rows)
        yield np.sort(order[place * size : (place + 1) * size])


def new_rows(
    filling: str, table: NeighborTable, labels: list[Any], n_samples: int, seed: np.random.SeedSequence
) -> NDArray[Any]:
    """New anomalies in the units of the table's scale, each within the class of its anchor."""
    if filling == "duplicate":
        return table.X_scaled[np.arange(n_samples) % len(table.X_scaled)]
    made = []
    mixtures = FILLINGS[filling]
    for number, mixture in enumerate(mixtures):
        share = (n_samples + len(mixtures) - 1 - number) // len(mixtures)
        source = NewRows(table, mixture, n_samples=share, labels=labels, random_state=child(seed, number))
        rows = np.empty((share, table.n_features), table.dtype)
        source.fill(0, rows)
        made.append(rows if table.scale is None else table.scale.transform(rows))
    return np.concatenate([table.X_scaled[:0], *made])
