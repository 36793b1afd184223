"""Gaussian noise: in units of the scaled columns, and none for a standard deviation of 0."""

import numpy as np

import nngmix

rng = np.random.default_rng(4)
X, Y = rng.random((400, 3)) * [1, 10, 100], np.arange(400) < 12


def test_without_noise_rows_are_anomalies() -> None:
    rows, plan = nngmix.gaussian_noise(X[Y], 50, noise_std=0, random_state=0, return_plan=True)
    assert rows.tobytes() == X[Y][plan.anchor].tobytes()


def test_noise_is_in_units_of_the_scaled_columns() -> None:
    sampler = nngmix.GaussianNoise(n_samples=20_000, noise_std=0.05, random_state=0)
    made = sampler.fit_resample(X, Y)[0][400:]
    spread = (made - X[sampler.plan_.anchor]).std(axis=0)
    np.testing.assert_allclose(spread, 0.05 * np.ptp(X, axis=0), rtol=0.03)
