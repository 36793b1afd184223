"""The arrays of a search, and what the kernels are given."""

import pickle

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.neighbors.drawing import PlanColumns, check_plan_memory
from nngmix.neighbors.state import State, empty_state

rng = np.random.default_rng(1)


def test_an_empty_state_has_seen_nothing() -> None:
    state = empty_state(np.zeros((4, 3), np.float32), 2)
    assert np.isinf(state.squared_distances).all()
    assert (state.row_ids == -1).all()
    assert (state.neighbor_rows.shape, state.neighbor_rows.dtype) == ((4, 2, 3), np.float32)


def test_chosen_queries_are_contiguous_copies() -> None:
    state = State(rng.random((4, 3)), np.arange(12).reshape(4, 3), rng.random((4, 3, 2)))
    chosen = state.chosen(np.array([3, 0]), 2)
    assert chosen.row_ids.tolist() == [[9, 10], [0, 1]]
    assert all(array.flags.c_contiguous for array in vars(chosen).values())
    assert pickle.loads(pickle.dumps(state)).row_ids.tolist() == state.row_ids.tolist()


def test_columns_of_a_plan_of_any_kind_of_array() -> None:
    plan = NeighborTable(rng.random((5, 2))).update(rng.random((30, 2))).plan(0, 20, random_state=0)
    columns = PlanColumns.of(plan[::1])
    assert columns.part(slice(3, 7)).anchor.tolist() == plan.anchor[3:7].tolist()
    with pytest.raises(MemoryError, match=r"the choices of n_samples=1000000000000 rows need 30733\.6 GiB"):
        check_plan_memory(10**12)
