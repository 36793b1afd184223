"""New rows of several classes as one output that can be made in any parts, in any process."""

import pickle
from typing import Any

import numpy as np
import pytest

import nngmix
from nngmix import NeighborTable
from nngmix.methods.new_rows import NewRows
from nngmix.parameters.mixture import Mixture

rng = np.random.default_rng(0)
X, U = rng.random((6, 3)), rng.random((50, 3))
IDS = np.array([3, 10, 11, 20, 30, 31])
LABELS = ["b", "a", "b", "b", "a", "c"]
MIXTURE = Mixture(0.1, 0.5, 0.5, 0.5)


def new_rows(labels: Any = LABELS) -> NewRows:
    table = NeighborTable(X, 4, 3).update(U, row_ids=100)
    return NewRows(
        table, MIXTURE, n_samples=60, labels=labels, n_neighbors=4, n_neighbors_anomaly=3, anomaly_ids=IDS,
        random_state=5,
    )  # fmt: skip


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("cuts", [[], [10], [1, 9, 19, 20, 21, 59]])
def test_parts_are_those_of_the_whole(labels: Any, cuts: list[int]) -> None:
    new = new_rows(labels)
    whole = np.empty((60, 3))
    plan = new.fill_with_plan(0, whole)
    for start, stop in zip([0, *cuts], [*cuts, 60], strict=True):
        # As another process has it.
        worker = pickle.loads(pickle.dumps(new))
        part = np.empty((stop - start, 3))
        worker.fill(start, part)
        assert part.tobytes() == whole[start:stop].tobytes()
        own = worker.plan(start, stop)
        assert own.start == start
        for column in ("anchor", "partner", "unlabeled", "neighbor", "lam"):
            assert getattr(own, column).tolist() == getattr(plan, column)[start:stop].tolist()
        assert worker.kinds(start, stop).tolist() == new.kinds(0, 60)[start:stop].tolist()
    assert (new.n_features, new.dtype, new.n_samples) == (3, np.float64, 60)
    with_ids = np.isin(plan.anchor, IDS).all() and np.isin(plan.partner[~plan.unlabeled], IDS).all()
    assert with_ids
    assert (plan.partner[plan.unlabeled] >= 100).all()


def test_rows_carry_the_label_of_their_anchor() -> None:
    new = new_rows()
    assert new.labels == ["a", "b", "c"]
    plan = new.plan(0, 60)
    of_anchor = dict(zip(IDS.tolist(), LABELS, strict=True))
    made = [new.labels[kind] for kind in new.kinds(0, 60).tolist()]
    assert made == [of_anchor[anchor] for anchor in plan.anchor.tolist()]
    assert made == ["a"] * 20 + ["b"] * 30 + ["c"] * 10


def test_one_class_is_the_function() -> None:
    new = new_rows(None)
    rows = np.empty((60, 3))
    new.fill(0, rows)
    options = {"noise_std": 0.1, "alpha": 0.5, "beta": 0.5, "n_neighbors": 4, "n_neighbors_anomaly": 3}
    assert rows.tobytes() == nngmix.nng_mix(X, U, 60, random_state=5, **options).tobytes()
    assert new.labels == [None]


def test_no_rows_are_no_trouble() -> None:
    new = NewRows(NeighborTable(X), MIXTURE, n_samples=0, labels=LABELS)
    assert len(new.fill_with_plan(0, np.empty((0, 3)))) == 0
    assert new.kinds(0, 0).tolist() == []
