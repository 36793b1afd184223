"""Which rows to look at first: how many of the first hundred are anomalies in truth."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nngmix.demo.shuttle import N_LABELED, Split
from nngmix.detection.score import NeighborScore

__all__ = ["N_FIRST", "first_lines", "first_rows"]

N_FIRST = 100


def first_rows(splits: Sequence[Split], seed: int) -> dict[str, list[int]]:
    """For each way of ranking the unlabelled rows, the anomalies among the first, run by run."""
    from sklearn.ensemble import IsolationForest

    found: dict[str, list[int]] = {"isolation forest": [], "neighbour score": []}
    for i, split in enumerate(splits):
        forest = IsolationForest(random_state=seed + i, n_jobs=-1).fit(split.X)
        found["isolation forest"].append(_real(split, -forest.score_samples(split.X)))
        score = NeighborScore().fit(split.X, split.labeled)
        found["neighbour score"].append(_real(split, score.training_scores_))
    return found


def _real(split: Split, scores: NDArray[np.float64]) -> int:
    ranked = np.argsort(np.where(split.labeled, np.inf, -scores), kind="stable")
    return int(split.hidden[ranked[:N_FIRST]].sum())


def first_lines(splits: Sequence[Split], found: dict[str, list[int]]) -> Iterator[str]:
    """What came out."""
    split = splits[0]
    n_unlabeled = int((~split.labeled).sum())
    by_chance = N_FIRST * split.hidden.sum() / n_unlabeled
    yield f"Which of {n_unlabeled:,} unlabelled rows to look at first? Anomalies among the first {N_FIRST}:"
    yield f"  {'by chance':<22}{by_chance:>6.0f}"
    for name, counts in found.items():
        labels = f", from {N_LABELED} labels" if name == "neighbour score" else ", without labels"
        yield f"  {name + labels:<34}{np.mean(counts):>6.0f}  ({min(counts)}-{max(counts)})"
