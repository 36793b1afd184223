"""How far noise moves rows is told in distances between rows, and where that is far off."""

import math
from typing import Any

import numpy as np
import pytest

import nngmix
from nngmix.methods.new_rows import NewRows
from nngmix.methods.noise import about_noise, noise_ratio
from nngmix.parameters.mixture import Mixture
from nngmix.reference import fitting_noise

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
        (0.1, 10, ""),
        (3.0, 10, ""),
        (3.0, 512, ""),
        (0.0, 512, ""),
        (0.1, 512, ": little for a network on so wide a table; --noise-std auto is {auto:.2g}"),
        (40.0, 10, ": they are lost in it; --noise-std auto is {auto:.2g}"),
        (40.0, 512, ": they are lost in it; --noise-std auto is {auto:.2g}"),
    ],
)
def test_what_is_far_off_is_told(ratio: float, n_features: int, advice: str) -> None:
    X = np.zeros((2, n_features))
    X[1] = 1
    table = nngmix.NeighborTable(X[:1], 1).update(X[1:])
    # The one distance is the square root of the number of columns.
    said = about_noise(table, ratio)
    where = f"{ratio:g} moves rows by {ratio:.2g} times the median distance to the nearest unlabelled row"
    assert said == where + advice.format(auto=table.noise())


def test_noise_that_fits_is_told_with_its_value() -> None:
    table = nngmix.NeighborTable(ANOMALIES, n_neighbors=1).update(UNLABELED)
    said = about_noise(table, "auto")
    assert said is not None
    assert said.startswith("auto, which is 2.8, moves rows by 2 times")
    assert about_noise(nngmix.NeighborTable(ANOMALIES), "auto") is None


def test_every_way_makes_the_rows_of_the_noise_that_was_found() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((60, 3)), np.arange(60) // 5
    y[10:] = 9
    sampler = nngmix.NNGMix(n_samples=12, noise_std="auto", random_state=0)
    rows = sampler.fit_resample(X, y)[0][60:]
    # Of all classes together.
    scale = np.ptp(X, axis=0)
    found = fitting_noise((X - X.min(axis=0))[:10] / scale, (X - X.min(axis=0))[10:] / scale)
    assert sampler.noise_std_ == pytest.approx(found, rel=1e-12)
    assert sampler.noise_ratio_ == noise_ratio(sampler._prepared.fitted.table, sampler.noise_std_)
    number = nngmix.NNGMix(n_samples=12, noise_std=sampler.noise_std_, random_state=0)
    np.testing.assert_array_equal(number.fit_resample(X, y)[0][60:], rows)
    np.testing.assert_array_equal(sampler.generate(12), rows)

    table = nngmix.NeighborTable(X[:10]).update(X[10:40]).update(X[40:])
    same: dict[str, Any] = {"noise_std": table.noise(), "random_state": 3}
    auto = same | {"noise_std": "auto"}
    assert table.noise() == fitting_noise(X[:10], X[10:])
    expected = nngmix.nng_mix(X[:10], X[10:], 9, **same)
    np.testing.assert_array_equal(nngmix.nng_mix(X[:10], X[10:], 9, **auto), expected)
    np.testing.assert_array_equal(table.rows(0, 9, **auto), expected)
    np.testing.assert_array_equal(np.concatenate(list(table.batches(9, 4, **auto))), expected)
    np.testing.assert_array_equal(table.mix(table.plan(0, 9, random_state=3), noise_std="auto"), expected)
    one, other = (table.epochs(20, X[10:], n_samples=9, **given) for given in (auto, same))
    np.testing.assert_array_equal(next(iter(one))[0], next(iter(other))[0])
    mixed = NewRows(table, Mixture("auto"), n_samples=9, labels=list("aabbbaaaab"), random_state=3)
    assert mixed.mixture.noise_std == table.noise()
