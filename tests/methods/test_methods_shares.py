"""Several classes share an amount; the first reads the seed's own streams."""

import numpy as np
import pytest

from nngmix import NeighborTable
from nngmix.methods.shares import class_tables, shares
from nngmix.parameters.seed import key_from


def test_one_class_takes_everything() -> None:
    (share,) = shares(None, 5, 30, 7)
    assert (share.label, share.start, share.stop, len(share)) == (None, 0, 30, 30)
    assert share.anomalies.tolist() == [0, 1, 2, 3, 4]
    assert key_from(share.seed) == key_from(7)
    (named,) = shares(["a"] * 5, 5, 30, 7)
    assert (named.label, named.start, named.stop) == ("a", 0, 30)
    assert key_from(named.seed) == key_from(7)


@pytest.mark.parametrize("n_samples", [0, 1, 7, 100])
def test_classes_stand_in_order_with_parts_as_their_numbers(n_samples: int) -> None:
    labels = ["b", "a", "b", "b", "c", "c"]
    found = shares(labels, 6, n_samples, 7)
    assert [share.label for share in found] == ["a", "b", "c"]
    assert [share.anomalies.tolist() for share in found] == [[1], [0, 2, 3], [4, 5]]
    assert [share.start for share in found] == [0, *(share.stop for share in found[:-1])]
    assert found[-1].stop == n_samples
    for share, weight in zip(found, (1, 3, 2), strict=True):
        assert abs(len(share) - n_samples * weight / 6) < 1


def test_seeds_are_children_that_do_not_depend_on_the_call() -> None:
    seed = np.random.SeedSequence(7)
    first, second = (shares([1, 2, 3], 3, 9, seed) for _ in range(2))
    keys = [key_from(share.seed) for share in first]
    assert keys == [key_from(share.seed) for share in second]
    assert len(set(keys)) == 3
    assert keys[0] == key_from(7)
    children = np.random.SeedSequence(7).spawn(2)
    assert keys[1:] == [key_from(child) for child in children]


def test_numbers_stand_before_texts() -> None:
    assert [share.label for share in shares([10, "x", 9, 2.5], 4, 4, 0)] == [2.5, 9, 10, "x"]


def test_tables_of_classes_count_neighbours_within_them() -> None:
    rng = np.random.default_rng(0)
    X, U = rng.random((6, 3)), rng.random((50, 3))
    table = NeighborTable(X, 12, 6).update(U)
    classes = shares([0, 0, 0, 0, 1, 1], 6, 9, 0)
    for share, own in zip(classes, class_tables(table, classes, 2.0, 0.5), strict=True):
        alone = NeighborTable(X[share.anomalies], 2.0, 0.5).update(U)
        assert own.row_ids.tobytes() == alone.row_ids.tobytes()
        assert own.rows(0, 9, random_state=1).tobytes() == alone.rows(0, 9, random_state=1).tobytes()
    assert class_tables(table, shares(None, 6, 9, 0), 12, 6) == [table]
