"""What the kernels are given to draw from and to mix."""

from dataclasses import replace

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
