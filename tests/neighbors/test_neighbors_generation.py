"""Rows from a table: parameters checked once, and columns back in the input's units."""

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.neighbors import generation
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import key_from
from nngmix.rows.scaling import Scale

rng = np.random.default_rng(1)
ANOMALIES, UNLABELED = rng.random((6, 3)), rng.random((40, 3))
SCALE = Scale(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 4]))


@pytest.mark.parametrize("scale", [None, SCALE])
def test_checked_parameters_give_the_same_as_unchecked_ones(scale: Scale | None) -> None:
    table = NeighborTable(ANOMALIES, scale=scale).update(UNLABELED)
    mixture, key = Mixture(0.1, 0.5, 0.7, 0.3), key_from(4)
    options = {"alpha": 0.5, "beta": 0.7, "unlabeled_fraction": 0.3, "random_state": 4}
    out = np.empty((20, 3))
    table.fill(out, 5, mixture, key)
    assert out.tobytes() == table.rows(5, 25, noise_std=0.1, **options).tobytes()
    plan = table.draw(5, 20, mixture, key)
    assert plan.lam.tobytes() == table.plan(5, 25, **options).lam.tobytes()
    assert table.mix(plan, noise_std=0.1).tobytes() == out.tobytes()


def test_no_rows_need_no_unlabeled_rows() -> None:
    table = NeighborTable(ANOMALIES)
    assert len(table.plan(0, 0)) == 0
    with pytest.raises(ValueError, match="X_unlabeled has no rows to take partners from"):
        table.plan(0, 1)


def test_blocks_of_scaled_rows_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    table = NeighborTable(ANOMALIES, scale=SCALE).update(UNLABELED)
    expected = table.rows(0, 100, random_state=0)
    monkeypatch.setattr(generation, "BLOCK_VALUES", 7)
    assert table.rows(0, 100, random_state=0).tobytes() == expected.tobytes()
    assert table.mix(table.plan(0, 100, random_state=0)).tobytes() == expected.tobytes()
