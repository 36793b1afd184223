"""Rows from a table: parameters checked once, and columns back in the input's units."""

import copy
import pickle
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nngmix import NeighborTable, kneighbors
from nngmix.neighbors import generation
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import key_from
from nngmix.rows.finish import Finish, finish_of
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


def test_more_neighbors_than_rows_seen_are_all_of_them() -> None:
    expected = NeighborTable(ANOMALIES, 40).update(UNLABELED).rows(0, 20, random_state=0)
    table = NeighborTable(ANOMALIES, 41).update(UNLABELED)
    with pytest.warns(UserWarning, match="n_neighbors=41 is more than the 40 rows there are; taking all 40"):
        made = table.rows(0, 20, random_state=0)
    assert made.tobytes() == expected.tobytes()
    # Where no partner is unlabelled, it does not matter.
    assert len(table.rows(0, 20, unlabeled_fraction=0)) == 20


def test_blocks_of_scaled_rows_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    table = NeighborTable(ANOMALIES, scale=SCALE).update(UNLABELED)
    expected = table.rows(0, 100, random_state=0)
    monkeypatch.setattr(generation, "BLOCK_VALUES", 7)
    assert table.rows(0, 100, random_state=0).tobytes() == expected.tobytes()
    assert table.mix(table.plan(0, 100, random_state=0)).tobytes() == expected.tobytes()


def test_a_plan_is_mixed_by_the_table_that_drew_it_alone() -> None:
    table = NeighborTable(ANOMALIES, 3).update(UNLABELED)
    plan = table.plan(0, 20, random_state=0)
    made = table.mix(plan).tobytes()
    assert pickle.loads(pickle.dumps(table)).mix(plan[:]).tobytes() == made
    assert table.mix(replace(plan, table=None)).tobytes() == made
    every = np.arange(len(ANOMALIES)), np.arange(len(UNLABELED))
    for other, drawn in (
        (NeighborTable(ANOMALIES, 3), plan),
        (NeighborTable(ANOMALIES, 3).update(UNLABELED[::-1]), plan),
        (NeighborTable(ANOMALIES + 1, 3).update(UNLABELED), plan),
        (NeighborTable(ANOMALIES, 3, 4).update(UNLABELED), plan),
        (pickle.loads(pickle.dumps(table)).update(ANOMALIES), plan),
        (table, plan.renumbered(*every)),
    ):
        with pytest.raises(ValueError, match="the plan is not one of this table as it is now"):
            other.mix(drawn)
    with pytest.raises(TypeError, match="plan must be a MixPlan, got ndarray"):
        table.mix(plan.anchor)


def test_rows_that_would_be_infinite_are_refused() -> None:
    table = NeighborTable(np.float32(ANOMALIES), 3).update(np.float32(UNLABELED))
    plan = table.plan(0, 5)
    for make in (lambda: table.rows(0, 5, noise_std=1e39), lambda: table.mix(plan, noise_std=1e39)):
        with pytest.raises(ValueError, match=r"new rows.*: column \d would be infinite in float32"):
            make()
    wide = Scale(np.full(3, -8e307), np.full(3, 1.7e308))
    table = NeighborTable(ANOMALIES * 1e307, 3, scale=wide).update(UNLABELED * 1e307)
    assert np.isfinite(table.rows(0, 50, random_state=0)).all()
    with pytest.raises(ValueError, match=r"back in their units.*: column \d would be infinite in float64"):
        table.rows(0, 50, noise_std=5)


def arrays_of(thing: Any) -> list[np.ndarray[Any, Any]]:
    """All arrays that the attributes of an object lead to, but those made when asked for."""
    if isinstance(thing, np.ndarray):
        return [thing]
    names = [name for name in dir(thing) if not name.startswith("_")]
    values = [getattr(thing, name) for name in names if getattr(thing, name) is getattr(thing, name)]
    return [
        array for value in values if type(value) in (np.ndarray, Scale, Finish) for array in arrays_of(value)
    ]


@pytest.mark.parametrize(
    "way", ["made", "pickled", "copied", "subset", "saved", "recoded", "merged", "from_neighbors"]
)
def test_no_array_of_a_table_can_be_written_into(way: str, tmp_path: Path) -> None:
    finish = finish_of(np.dtype(float), np.array([False, False, True]))
    scale = Scale(np.zeros(3), np.full(3, 2.0), finish)
    make = partial(NeighborTable, ANOMALIES, 3, scale=scale, categorical_features=[2])
    table = make().update(UNLABELED, row_ids=range(len(UNLABELED)))
    if way == "pickled":
        table = pickle.loads(pickle.dumps(table))
    elif way == "copied":
        table = copy.deepcopy(table)
    elif way == "subset":
        table = table.subset(np.arange(2), 2, 2)
    elif way == "saved":
        table.save(tmp_path / "table.npz")
        table = NeighborTable.load(tmp_path / "table.npz")
    elif way == "recoded":
        table.update(UNLABELED + 1000)
    elif way == "merged":
        table.merge(make().update(UNLABELED + 1000, row_ids=np.arange(len(UNLABELED)) + 10**6))
    elif way == "from_neighbors":
        _, ids = kneighbors(ANOMALIES, UNLABELED, 3)
        table = NeighborTable.from_neighbors(ANOMALIES, UNLABELED[ids], ids, scale=scale)
    found = arrays_of(table)
    assert len(found) == 11
    assert not any(array.flags.writeable for array in found)


def test_out_is_no_memory_that_rows_are_made_from() -> None:
    table = NeighborTable(ANOMALIES[:, :1], 1).update(UNLABELED[:, :1])
    before = [array.tobytes() for array in arrays_of(table)]
    plan = table.plan(0, len(ANOMALIES))
    for out in (
        table.X_anomaly,
        table.squared_distances,
        table.neighbor_rows[:, 0],
        table.row_ids.view(float),
    ):
        for make in (partial(table.mix, plan), partial(table.rows, 0, len(ANOMALIES))):
            with pytest.raises(ValueError, match=r"out must be writeable, .* as those of a table are"):
                make(out=out)
    assert [array.tobytes() for array in arrays_of(table)] == before
    with pytest.raises(ValueError, match="shares memory with another one that is in use"):
        table.mix(plan, out=plan.lam[:, None])
