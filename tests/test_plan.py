"""Plans: choices as data, cut, joined and renumbered."""

from dataclasses import replace

import numpy as np
import pytest

import nngmix
from nngmix.plan import PLAN_COLUMNS, added_columns, joined

rng = np.random.default_rng(0)
X, U = rng.random((6, 5)), rng.random((40, 5))
PLANS = {
    "nng_mix": nngmix.nng_mix(X, U, 30, random_state=0, start=4, return_plan=True)[1],
    "mixup": nngmix.mixup(X, U, 30, partners="all", random_state=0, start=4, return_plan=True)[1],
    "cutmix": nngmix.cutmix(X, U, 30, partners="all", random_state=0, start=4, return_plan=True)[1],
    "cutout": nngmix.cutout(X, 30, random_state=0, start=4, return_plan=True)[1],
    "gaussian_noise": nngmix.gaussian_noise(X, 30, random_state=0, start=4, return_plan=True)[1],
    "duplicate": nngmix.duplicate(X, 30, random_state=0, start=4, return_plan=True)[1],
}
DONORS = np.arange(30) % 3 == 0
PLANS |= {f"{name}, mixed": replace(PLANS[name], donor_is_anchor=DONORS) for name in ("nng_mix", "mixup")}
ALL = pytest.mark.parametrize("name", PLANS)


@ALL
def test_parts_join_to_the_whole(name: str) -> None:
    plan = PLANS[name]
    again = joined([plan[:7], plan[7:7], plan[7:]], plan.start)
    assert type(again) is type(plan)
    for field, value in vars(plan).items():
        assert np.array_equal(getattr(again, field), value)
    assert (plan[7:].start, len(plan[7:]), len(plan[29:99])) == (11, 23, 1)
    assert joined([plan], 9).start == 9
    for wrong in (slice(None, None, 2), 3):
        with pytest.raises(TypeError, match="a plan is cut by slices without a step"):
            plan[wrong]  # type: ignore[index]


@ALL
def test_rows_are_renumbered(name: str) -> None:
    plan = PLANS[name]
    anomalies, others = np.arange(6) + 100, np.arange(40) + 1000
    both = plan.renumbered(anomalies, others)
    assert (both.anchor == plan.anchor + 100).all()
    if hasattr(plan, "partner"):
        assert (both.partner - plan.partner == np.where(plan.unlabeled, 1000, 100)).all()
        alone = plan.renumbered(anomalies)
        assert (alone.partner - plan.partner == np.where(plan.unlabeled, 0, 100)).all()


@pytest.mark.parametrize("name", ["cutmix", "cutout"])
def test_windows_are_masks(name: str) -> None:
    plan = PLANS[name]
    inside = plan.replaced(5)
    assert (inside.sum(axis=1) == plan.width).all()
    assert (inside.argmax(axis=1) == plan.begin).all()


def test_columns_are_those_that_tables_show() -> None:
    plan = PLANS["nng_mix"]
    shown = plan.columns()
    assert tuple(shown) == PLAN_COLUMNS == ("anchor", "partner", "pool", "lam")
    assert (shown["pool"] == np.where(plan.unlabeled, "unlabeled", "anomaly")).all()
    assert shown["lam"] is plan.lam


@pytest.mark.parametrize("name", ["nng_mix, mixed", "mixup, mixed"])
def test_the_donor_is_one_of_the_parents(name: str) -> None:
    plan = PLANS[name]
    row, unlabeled = plan.donor
    for at in range(len(plan)):
        parent = (plan.anchor[at], False) if DONORS[at] else (plan.partner[at], plan.unlabeled[at])
        assert (row[at], unlabeled[at]) == parent
    assert (plan[5:9].donor[0] == row[5:9]).all()
    assert (plan.renumbered(np.arange(6) + 100).donor_is_anchor == DONORS).all()
    assert PLANS["nng_mix"].donor is PLANS["nng_mix"].donor_is_anchor is None


def test_donors_are_a_column_where_there_are_some() -> None:
    shown = PLANS["nng_mix, mixed"].columns()
    assert list(shown) == [*PLAN_COLUMNS, "donor"] == added_columns(True, None, None, donors=True)
    assert (shown["donor"] == np.where(DONORS, "anchor", "partner")).all()
    assert added_columns(False, None, "new", donors=True) == ["new"]
