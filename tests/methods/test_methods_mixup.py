"""Mixup: rows between their parents, whichever pool the partner is from."""

import numpy as np
import pytest

import nngmix

rng = np.random.default_rng(4)
X, Y = rng.random((400, 3)) * [1, 10, 100], np.arange(400) < 12


@pytest.mark.parametrize("partners", ["anomaly", "all"])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_rows_are_weighted_means_of_their_parents(partners: str, scale: str | None) -> None:
    sampler = nngmix.Mixup(n_samples=300, partners=partners, scale=scale, random_state=0)
    made = sampler.fit_resample(X, Y)[0][400:]
    plan = sampler.plan_
    lam = plan.lam[:, None]
    np.testing.assert_allclose(made, lam * X[plan.anchor] + (1 - lam) * X[plan.partner], rtol=1e-9, atol=1e-9)
    assert plan.unlabeled.any() == (partners == "all")
    assert (Y[plan.partner] == ~plan.unlabeled).all()


def test_unlabelled_rows_are_not_read_if_partners_are_anomalies() -> None:
    bad = np.full((20, 3), np.nan)
    assert np.isfinite(nngmix.mixup(X[Y], bad, 9)).all()
    with pytest.raises(ValueError, match="X_unlabeled must be finite, got nan at row 0, column 0"):
        nngmix.mixup(X[Y], bad, 9, partners="all")
