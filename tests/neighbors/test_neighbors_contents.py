"""What a table holds: copies, subsets, and how it shows itself."""

import copy
import pickle

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.rows.scaling import Scale

rng = np.random.default_rng(3)
ANOMALIES, UNLABELED = rng.random((8, 3)), rng.random((60, 3))
SCALE = Scale(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 4]))


@pytest.mark.parametrize("scale", [None, SCALE])
def test_a_subset_is_the_table_of_these_anomalies_alone(scale: Scale | None) -> None:
    table = NeighborTable(ANOMALIES, 10, 5, scale=scale).update(UNLABELED)
    chosen = np.array([5, 1, 6])
    got = table.subset(chosen, 4, 3)
    expected = NeighborTable(ANOMALIES[chosen], 4, 3, scale=scale).update(UNLABELED)
    assert got.X_anomaly.tobytes() == expected.X_anomaly.tobytes()
    assert got.row_ids.tobytes() == expected.row_ids.tobytes()
    assert got.anomaly_neighbors.tobytes() == expected.anomaly_neighbors.tobytes()
    assert got.rows(0, 40, random_state=0).tobytes() == expected.rows(0, 40, random_state=0).tobytes()
    assert got.update(UNLABELED + 1).n_seen == 120
    assert (table.n_seen, table.n_neighbors, len(table.X_anomaly)) == (60, 10, 8)
    with pytest.raises(IndexError):
        table.subset(np.array([8]), 4, 3)


@pytest.mark.parametrize(
    ("rows", "nearest"), [([0], [[]]), ([0, 1], [[1], [0]]), ([0, 1, 4], [[1], [0], [1]])]
)
def test_other_anomalies_are_as_many_as_asked_for_without_their_own(
    rows: list[int], nearest: list[list[int]]
) -> None:
    assert NeighborTable(np.array([rows], float).T, 1, 2).anomaly_neighbors.tolist() == nearest


def test_copies_and_pickles_hold_no_buffer() -> None:
    table = NeighborTable(ANOMALIES, scale=SCALE).update(np.ones((20_000, 3)))
    assert len(pickle.dumps(table)) < 20_000
    for other in (copy.copy(table), copy.deepcopy(table), pickle.loads(pickle.dumps(table))):
        other.update(UNLABELED)
        assert (other.n_seen, table.n_seen) == (20_060, 20_000)


def test_the_repr_tells_size_and_state() -> None:
    assert repr(NeighborTable(ANOMALIES, 4, 3, scale=SCALE).update(UNLABELED)) == (
        "NeighborTable(n_anomalies=8, n_features=3, dtype=float64, n_neighbors=4, n_neighbors_anomaly=3, "
        "n_seen=60, scaled)"
    )
    assert repr(NeighborTable(ANOMALIES)).endswith("n_seen=0)")


def test_minus_zero_is_zero_in_what_is_compared() -> None:
    table = NeighborTable(np.array([[-0.0, 1.0]]))
    assert not np.signbit(table.X_anomaly).any()
