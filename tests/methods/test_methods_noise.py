"""How far noise moves rows is told in distances between rows, and where that is far off."""

import math

import numpy as np
import pytest

import nngmix
from nngmix.methods.noise import about_noise, noise_ratio

ANOMALIES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 9.0]])
# At distances of 1, 2 and 3.
UNLABELED = np.array([[1.0, 0.0], [4.0, 2.0], [3.0, 9.0], [50.0, 50.0]])


def test_the_ratio_is_of_the_median_distance() -> None:
    table = nngmix.NeighborTable(ANOMALIES, n_neighbors=2).update(UNLABELED)
    assert noise_ratio(table, 0.5) == 0.5 * math.sqrt(2) / 2
    assert noise_ratio(table, 0) == 0
    assert math.isnan(noise_ratio(nngmix.NeighborTable(ANOMALIES), 0.5))
    assert math.isnan(noise_ratio(nngmix.NeighborTable(ANOMALIES, 1).update(ANOMALIES), 0.5))


def test_the_sampler_tells_it() -> None:
    X, y = np.concatenate([ANOMALIES, UNLABELED]), np.arange(7) < 3
    sampler = nngmix.NNGMix(n_samples=3, n_neighbors=2, scale=None, noise_std=1, random_state=0)
    sampler.fit_resample(X, y)
    assert sampler.noise_ratio_ == math.sqrt(2) / 2
    sampler.set_params(unlabeled_fraction=0).fit_resample(X, y)
    assert math.isnan(sampler.noise_ratio_)


@pytest.mark.parametrize(
    ("ratio", "n_features", "advice"),
    [
        (0.1, 10, None),
        (3.0, 10, None),
        (3.0, 512, None),
        (0.0, 512, None),
        (0.1, 512, "where 0.6 has done better"),
        (40.0, 10, "0.0005 would be as far as that row"),
        (40.0, 512, "0.0005 would be as far as that row"),
    ],
)
def test_what_is_far_off_is_told(ratio: float, n_features: int, advice: str | None) -> None:
    said = about_noise(ratio, 0.02, n_features)
    assert said.startswith(f"0.02 moves rows by {ratio:.2g} times the median distance")
    assert said.endswith(advice or "nearest unlabelled row")
