"""Cutout sets a window to what 0 is."""

from typing import Any

import numpy as np
import pytest

import nngmix

rng = np.random.default_rng(4)
X = rng.standard_normal((400, 5)) * 10.0 ** np.arange(5) + np.arange(5)
Y = np.zeros(400, int)
Y[rng.choice(400, 12, replace=False)] = 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cutout_sets_a_window_to_what_0_is_in_the_inputs_units(dtype: Any) -> None:
    given = X.astype(dtype)
    for scale, expected in (("minmax", given.min(axis=0)), ("standard", given.mean(axis=0)), (None, 0.0)):
        made = nngmix.Cutout(n_samples=300, min_width=0.2, max_width=0.6, scale=scale, random_state=0)
        rows = made.fit_resample(given, Y)[0][400:]
        replaced = made.plan_.replaced(5)
        zeros = np.broadcast_to(np.asarray(expected, dtype), rows.shape)
        if scale == "standard":
            np.testing.assert_allclose(rows[replaced], zeros[replaced], rtol=1e-4)
        else:
            assert (rows[replaced] == zeros[replaced]).all()


def test_windows_at_their_ends() -> None:
    anomalies = X[Y == 1]
    assert (nngmix.cutout(anomalies, 5, min_width=1, max_width=1) == 0).all()
    _, plan = nngmix.cutout(anomalies, 50, min_width=0, max_width=0, return_plan=True)
    assert (plan.width == 1).all()
