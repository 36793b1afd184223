"""Scores are the same bytes whatever the processor and the library of mathematics, as rows are."""

from hashlib import sha256

import numpy as np

from nngmix import NeighborScore
from nngmix.detection.distribution import Distribution


def checksum(values: np.ndarray) -> str:
    return sha256(values.astype("<f8").tobytes()).hexdigest()[:16]


def test_neighbor_scores_keep_their_bytes() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((2009, 6)), np.arange(2009) < 9
    X[y] += 0.3
    score = NeighborScore().fit(X, y)
    assert checksum(score.decision_function(rng.random((2000, 6)))) == "70124be9286792d3"
    assert checksum(score.training_scores_[9:]) == "b3a3f7e6d15fb565"


def test_places_in_a_distribution_keep_their_bytes() -> None:
    rng = np.random.default_rng(0)
    distribution = Distribution(rng.integers(0, 700, 1000) / 7)
    assert checksum(distribution.surprise(rng.integers(-9, 709, 2000) / 7)) == "aa095b9528c0f754"
