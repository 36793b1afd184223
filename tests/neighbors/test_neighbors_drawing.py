"""What the kernels are given to draw from and to mix."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.neighbors.drawing import PlanColumns, check_plan_memory

rng = np.random.default_rng(1)


def test_columns_of_a_plan_of_any_kind_of_array() -> None:
    plan = NeighborTable(rng.random((5, 2))).update(rng.random((30, 2))).plan(0, 20, random_state=0)
    columns = PlanColumns.of(plan[::1])
    assert columns.part(slice(3, 7)).anchor.tolist() == plan.anchor[3:7].tolist()
    assert columns.part(slice(3, 7)).donor_is_anchor is None
    columns = PlanColumns.of(replace(plan, donor_is_anchor=np.arange(40)[::2] % 3 == 0))
    assert columns.part(slice(3, 7)).donor_is_anchor.tolist() == [True, False, False, True]
    with pytest.raises(MemoryError, match=r"the choices of n_samples=1000000000000 rows need 31665\.0 GiB"):
        check_plan_memory(10**12)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("lam", np.full(20, -0.1), "lam of the plan must be between 0 and 1"),
        ("lam", np.full(20, 1.1), "lam of the plan must be between 0 and 1"),
        ("lam", np.full(20, np.nan), "lam of the plan must be between 0 and 1"),
        (
            "lam",
            np.zeros(19),
            r"lam of the plan must be float64 of shape \(20,\), one value a row, got float64",
        ),
        ("anchor", np.zeros(20), r"anchor of the plan must be int64 of shape \(20,\).*, got float64"),
        ("anchor", np.zeros(5, int), r"lam of the plan must be float64 of shape \(5,\)"),
        ("neighbor", np.zeros((20, 1), int), r"neighbor of the plan .*, got int64 of shape \(20, 1\)"),
        ("unlabeled", np.ones(20, int), "unlabeled of the plan must be bool"),
        ("donor_is_anchor", np.ones(3, bool), "donor_is_anchor of the plan must be bool"),
    ],
)
def test_columns_that_no_table_draws_are_refused(name: str, value: Any, said: str) -> None:
    plan = NeighborTable(rng.random((5, 2))).update(rng.random((30, 2))).plan(0, 20, random_state=0)
    with pytest.raises(ValueError, match=said):
        PlanColumns.of(replace(plan, **{name: value}))
    assert PlanColumns.of(replace(plan, lam=np.arange(20) % 2)).lam.max() == 1
