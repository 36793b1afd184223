"""CutMix and cutout leave what is outside their window as it is."""

from typing import Any

import numpy as np
import pytest

import nngmix
from comparison import METHODS

rng = np.random.default_rng(4)
X = rng.standard_normal((400, 5)) * 10.0 ** np.arange(5) + np.arange(5)
Y = np.zeros(400, int)
Y[rng.choice(400, 12, replace=False)] = 1


def sampler(name: str, **parameters: Any) -> Any:
    return METHODS[name].sampler(**{**METHODS[name].parameters, "random_state": 0, **parameters})


@pytest.mark.parametrize("name", ["cutout", "cutmix", "cutmix, all rows"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_values_outside_the_window_are_the_anomalys_bit_for_bit(
    name: str, dtype: Any, scale: str | None
) -> None:
    # Thirds are not what scaling there and back gives.
    given = (X / 3).astype(dtype)
    made = sampler(name, n_samples=300, scale=scale)
    rows = made.fit_resample(given, Y)[0][400:]
    replaced, own = made.plan_.replaced(5), given[made.plan_.anchor].astype(rows.dtype)
    assert 0 < replaced.sum() < replaced.size
    assert (replaced.sum(axis=1) == made.plan_.width).all()
    assert rows[~replaced].tobytes() == own[~replaced].tobytes()
    assert (rows[replaced] != own[replaced]).any()


def test_a_window_as_wide_as_the_row_is_the_partner() -> None:
    anomalies = X[Y == 1]
    rows, plan = nngmix.cutmix(anomalies, None, 50, min_width=1, max_width=1, return_plan=True)
    assert rows.tobytes() == anomalies[plan.partner].tobytes()
    assert (plan.partner != plan.anchor).all()
