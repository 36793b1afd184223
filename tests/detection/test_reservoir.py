"""The sample of the unlabelled rows: of a size, by number and seed alone, and mergeable."""

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from nngmix.detection.reservoir import Reservoir
from nngmix.neighbors.spec import FitSpec
from nngmix.rows.rows import as_rows

N_ROWS = 1000
X = np.arange(2 * N_ROWS, dtype=float).reshape(-1, 2)


def sample(
    size: int, cuts: list[int], seed: int = 0, *, merged: bool = False
) -> tuple[NDArray[Any], NDArray[Any]]:
    spec = FitSpec(2, np.dtype(np.float64))
    reservoirs = [Reservoir(size, spec, np.random.SeedSequence(seed))]
    bounds = [0, *cuts, N_ROWS]
    for start, stop in itertools.pairwise(bounds):
        if merged:
            reservoirs.append(Reservoir(size, spec, np.random.SeedSequence(seed)))
        taken = np.arange(start, stop) % 3 > 0
        reservoirs[-1].update(as_rows("X", X[start:stop]), taken, start)
    for other in reservoirs[:0:-1]:
        reservoirs[0].merge(other)
    return reservoirs[0].rows()[:2]


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("cuts", [[1], [333, 334, 900], list(range(50, 1000, 50))])
@pytest.mark.parametrize("size", [7, 100, 5000])
def test_the_cut_of_the_rows_changes_nothing(size: int, cuts: list[int], merged: bool) -> None:
    ids, rows = sample(size, [])
    assert len(ids) == min(size, (np.arange(N_ROWS) % 3 > 0).sum())
    assert_array_equal(rows, X[ids])
    assert (ids % 3 > 0).all()
    for found, expected in zip(sample(size, cuts, merged=merged), (ids, rows), strict=True):
        assert_array_equal(found, expected)


def test_every_row_is_as_likely() -> None:
    counts = np.zeros(N_ROWS)
    for seed in range(300):
        counts[sample(100, [], seed)[0]] += 1
    there = counts[np.arange(N_ROWS) % 3 > 0]
    # 300 draws of 100 from 666: 45 times each, give or take 6.
    assert abs(there.mean() - 300 * 100 / 666) < 1e-9
    assert 5 < there.std() < 7.5


def test_a_copy_is_not_changed_by_the_original() -> None:
    reservoir = Reservoir(10, FitSpec(2, np.dtype(np.float64)), np.random.SeedSequence(0))
    reservoir.update(as_rows("X", X[:500]), None, 0)
    copied = reservoir.copied()
    before = copied.rows()[0].tolist()
    reservoir.update(as_rows("X", X[500:]), None, 500)
    assert copied.rows()[0].tolist() == before
    assert reservoir.rows()[0].tolist() != before
