"""Neighbours from elsewhere: the bytes of our own search where the index is exact, and clear errors."""

import numpy as np
import pytest

from nngmix import NeighborTable, kneighbors
from nngmix.rows.scaling import MinMaxState

NEEDS = "needs the extra test: pip install 'nngmix[test]'"


def data(n_rows=2000, dtype=np.float32):
    rng = np.random.default_rng(0)
    return (rng.random((12, 6)) + 0.5).astype(dtype), rng.random((n_rows, 6)).astype(dtype)


def same(table, expected):
    assert np.array_equal(table.row_ids, expected.row_ids)
    assert np.array_equal(table.squared_distances, expected.squared_distances)
    assert np.array_equal(table.neighbor_rows, expected.neighbor_rows)
    assert np.array_equal(table.rows(0, 300, random_state=1), expected.rows(0, 300, random_state=1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scaled", [False, True])
def test_any_order_gives_the_table_of_a_search(dtype, scaled):
    X_anomaly, X = data(dtype=dtype)
    scale = None
    if scaled:
        state = MinMaxState(6)
        state.update(X_anomaly)
        state.update(X)
        scale = state.scale(np.dtype(dtype))
    expected = NeighborTable(X_anomaly, scale=scale).update(X)
    ids = np.random.default_rng(1).permuted(expected.row_ids, axis=1)
    table = NeighborTable.from_neighbors(X_anomaly, X[ids], ids, n_rows=len(X), scale=scale)
    assert repr(table) == repr(expected)
    same(table, expected)


def test_ties_are_ordered_by_content_and_number():
    X_anomaly, X = np.zeros((1, 2)), np.array([[1.0, 0], [0, 1], [0, 1], [-1, 0]])
    table = NeighborTable.from_neighbors(X_anomaly, X[None, [0, 2, 1, 3]], [[0, 2, 1, 3]])
    assert table.row_ids.tolist() == [[3, 1, 2, 0]]


def test_it_can_be_updated_merged_saved_and_loaded(tmp_path):
    X_anomaly, X = data()
    ids = kneighbors(X_anomaly, X[:1500], 10)[1]
    expected = NeighborTable(X_anomaly).update(X)
    table = NeighborTable.from_neighbors(X_anomaly, X[ids], ids, n_rows=1500)
    table.save(tmp_path / "table.npz")
    same(NeighborTable.load(tmp_path / "table.npz").update(X[1500:]), expected)
    same(table.merge(NeighborTable(X_anomaly).update(X[1500:], row_ids=1500)), expected)
    assert table.n_seen == 2000


def test_later_rows_are_numbered_behind_the_largest_id():
    X_anomaly, X = data()
    table = NeighborTable.from_neighbors(X_anomaly, X[None, :1].repeat(12, 0), np.full((12, 1), 41))
    assert table.n_seen == 42
    assert set(table.update(X_anomaly).row_ids.ravel()) == set(range(42, 54))


@pytest.mark.parametrize(
    ("rows", "ids", "options", "error", "said"),
    [
        (np.ones((2, 6)), np.ones((2, 6), int), {}, ValueError, r"rows must be of shape \(n_anomalies=2"),
        (np.ones((3, 1, 6)), [[1]] * 3, {}, ValueError, r"got shape \(3, 1, 6\)"),
        (np.ones((2, 1, 5)), [[1]] * 2, {}, ValueError, "n_features=6"),
        (np.ones((2, 0, 6)), np.ones((2, 0), int), {}, ValueError, "at least one neighbour"),
        (np.full((2, 1, 6), np.nan), [[1]] * 2, {}, ValueError, "neighbour 0 of anomaly 0, column 0"),
        (np.full((2, 1, 6), "a"), [[1]] * 2, {}, TypeError, "rows"),
        (np.ones((2, 2, 6)), [[1]] * 2, {}, ValueError, r"ids must be one for each neighbour in rows"),
        (np.ones((2, 2, 6)), [[1, 2], [3, -1]], {}, ValueError, "neighbour 1 of anomaly 1.*fewer neighbours"),
        (np.ones((2, 2, 6)), [[1, 2], [3, 3]], {}, ValueError, "got 3 more than once.*anomaly 1"),
        (np.ones((2, 1, 6)), [[0.0], [1.0]], {}, TypeError, "ids must be integers"),
        (
            np.ones((2, 1, 6)),
            [[0], [1]],
            {"n_rows": 1},
            ValueError,
            "n_rows must be above the largest of ids, 1, got 1",
        ),
        (np.ones((2, 1, 6)), [[0], [1]], {"n_rows": 10**30}, ValueError, r"n_rows must be below 2\*\*63"),
        (np.ones((2, 1, 6)), np.ma.array([[0], [1]]), {}, TypeError, "ids is a masked array"),
    ],
)
def test_what_does_not_fit_is_refused(rows, ids, options, error, said):
    with pytest.raises(error, match=said):
        NeighborTable.from_neighbors(np.arange(12.0).reshape(2, 6), rows, ids, **options)


def test_as_many_rows_as_can_be_numbered():
    anomalies = np.arange(12.0).reshape(2, 6)
    table = NeighborTable.from_neighbors(anomalies, np.ones((2, 1, 6)), [[0], [1]], n_rows=2**63 - 1)
    assert table.n_seen == 2**63 - 1
    with pytest.raises(ValueError, match=r"n_rows must be below 2\*\*63"):
        NeighborTable.from_neighbors(anomalies, np.ones((2, 1, 6)), [[0], [1]], n_rows=2**63)


def test_float64_rows_are_refused_for_float32_anomalies():
    X_anomaly, X = data()
    with pytest.raises(TypeError, match=r"rows.astype\(np.float32\)"):
        NeighborTable.from_neighbors(
            X_anomaly, X[None, :1].repeat(12, 0).astype(float), np.ones((12, 1), int)
        )


def test_neighbours_by_faiss():
    faiss = pytest.importorskip("faiss", reason=NEEDS)
    X_anomaly, X = data()
    index = faiss.IndexFlatL2(X.shape[1])
    index.add(X)
    _, ids = index.search(X_anomaly, 10)
    table = NeighborTable.from_neighbors(X_anomaly, X[ids], ids, n_rows=len(X))
    same(table, NeighborTable(X_anomaly).update(X))
