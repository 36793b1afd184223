"""The state that samplers, streams and engines share: the bytes of `fit_resample`, in any blocks."""

import pickle

import numpy as np
import pytest

from nngmix import NeighborTable, NNGMix
from nngmix.rows.scaling import MinMaxState, StandardState, scale_state


def data(n_rows=3000, n_features=6, dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    X = (rng.random((n_rows, n_features)) * 10.0 ** np.arange(n_features)).astype(dtype)
    return X, np.isin(np.arange(n_rows), rng.choice(n_rows, 12, replace=False))


def fitted(X, is_anomaly, scale, cuts=1):
    state = scale_state(scale, X.shape[1])
    for part in np.array_split(X, cuts):
        if state is not None:
            state.update(part)
    table = NeighborTable(X[is_anomaly], scale=None if state is None else state.scale(X.dtype))
    first = 0
    for part, mask in zip(np.array_split(X, cuts), np.array_split(is_anomaly, cuts), strict=True):
        table.update(part, row_ids=first, where=~mask)
        first += len(part)
    return table


@pytest.mark.parametrize("scale", ["minmax", "standard", None])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_are_those_of_fit_resample(scale, dtype):
    X, is_anomaly = data(dtype=dtype)
    sampler = NNGMix(n_samples=500, scale=scale, random_state=3)
    expected = sampler.fit_resample(X, is_anomaly.astype(int))[0][len(X) :]
    for cuts in (1, 7):
        table = fitted(X, is_anomaly, scale, cuts)
        assert table.n_seen == len(X) - 12
        assert table.dtype == dtype
        assert np.array_equal(table.rows(0, 500, random_state=3), expected)
        parts = [table.rows(first, first + 100, random_state=3) for first in range(0, 500, 100)]
        assert np.array_equal(np.concatenate(parts), expected)
        assert np.array_equal(np.concatenate(list(table.batches(500, 77, random_state=3))), expected)
        plan = table.plan(0, 500, random_state=3)
        assert np.array_equal(table.mix(plan), expected)
        near = plan.unlabeled
        assert np.array_equal(plan.partner[near], sampler.plan_.partner[near])
        assert np.array_equal(np.flatnonzero(is_anomaly)[plan.anchor], sampler.plan_.anchor)


def test_blocks_larger_than_the_buffer_give_the_same(monkeypatch):
    X, is_anomaly = data()
    expected = fitted(X, is_anomaly, "minmax").rows(0, 200, random_state=0)
    monkeypatch.setattr("nngmix.neighbors.updates.SEARCH_VALUES", 601)
    table = fitted(X, is_anomaly, "minmax")
    assert np.array_equal(table.rows(0, 200, random_state=0), expected)
    assert table.plan(0, 200, random_state=0).partner.max() < len(X)


def test_tables_merge_if_their_scales_are_the_same():
    X, is_anomaly = data()
    whole = fitted(X, is_anomaly, "standard")
    parts = []
    for rows in np.array_split(np.flatnonzero(~is_anomaly), 3):
        parts.append(NeighborTable(X[is_anomaly], scale=whole.scale).update(X[rows], row_ids=rows))
    merged = parts[2].merge(parts[0]).merge(parts[1])
    assert merged.n_seen == whole.n_seen
    assert np.array_equal(merged.row_ids, whole.row_ids)
    assert np.array_equal(merged.rows(0, 50, random_state=1), whole.rows(0, 50, random_state=1))
    for other in (NeighborTable(X[is_anomaly]), fitted(X[:2000], is_anomaly[:2000], "standard")):
        with pytest.raises(ValueError, match="same scale"):
            merged.merge(other)


@pytest.mark.parametrize("scale", ["minmax", None])
def test_saved_and_pickled_tables_go_on(tmp_path, scale):
    X, is_anomaly = data()
    table = fitted(X[:2000], is_anomaly[:2000], scale)
    table.save(tmp_path / "table.npz")
    copies = [NeighborTable.load(tmp_path / "table.npz"), pickle.loads(pickle.dumps(table))]
    table.update(X[2000:], row_ids=2000)
    for copy in copies:
        assert np.array_equal(
            copy.update(X[2000:], row_ids=2000).rows(0, 90, random_state=5),
            table.rows(0, 90, random_state=5),
        )
    assert len(pickle.dumps(table)) < 2 * (tmp_path / "table.npz").stat().st_size


def test_a_file_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", X=np.zeros(3))
    with pytest.raises(ValueError, match=r"other\.npz is not a table saved by NeighborTable\.save"):
        NeighborTable.load(tmp_path / "other.npz")
    X, is_anomaly = data()
    fitted(X, is_anomaly, "minmax").save(tmp_path / "table.npz")
    fields = dict(np.load(tmp_path / "table.npz"))
    np.savez(tmp_path / "table.npz", **{**fields, "scale_width": np.ones(2)})
    with pytest.raises(ValueError, match="scale must be of 6 columns in float32"):
        NeighborTable.load(tmp_path / "table.npz")
    with pytest.raises(FileNotFoundError):
        NeighborTable.load(tmp_path / "none.npz")


@pytest.mark.parametrize("state", [MinMaxState(3), StandardState(3)])
def test_states_of_scales_pickle(state):
    rows = np.random.default_rng(0).normal(size=(100, 3))
    state.update(rows)
    copy = pickle.loads(pickle.dumps(state))
    copy.update(rows * 2)
    state.update(rows * 2)
    dtype = np.dtype(np.float64)
    assert np.array_equal(copy.scale(dtype).width, state.scale(dtype).width)


def test_a_failed_update_leaves_the_table_as_it_was(monkeypatch):
    monkeypatch.setattr("nngmix.neighbors.updates.SEARCH_VALUES", 600)
    X, is_anomaly = data()
    table = fitted(X, is_anomaly, "minmax")
    before = table.rows(0, 50, random_state=0)
    bad = X[is_anomaly][np.zeros(500, int)]
    bad[333, 2] = np.nan
    with pytest.raises(ValueError, match=r"X_unlabeled must be finite, got nan at row 333, column 2"):
        table.update(bad)
    assert table.n_seen == len(X) - 12
    assert np.array_equal(table.rows(0, 50, random_state=0), before)


def test_bad_input_is_named():
    X, is_anomaly = data()
    scale = fitted(X, is_anomaly, "minmax").scale
    with pytest.raises(ValueError, match="scale must be of 5 columns in float32, as X_anomaly is"):
        NeighborTable(X[is_anomaly][:, :5], scale=scale)
    with pytest.raises(ValueError, match="scale must be of 6 columns in float64"):
        NeighborTable(X[is_anomaly].astype(float), scale=scale)
    with pytest.raises(ValueError, match="X_anomaly must be finite, got inf at row 0, column 1"):
        NeighborTable([[0.0, np.inf]])
    table = NeighborTable(X[is_anomaly], scale=scale)
    with pytest.raises(TypeError, match="X_unlabeled is float64 but the table is float32"):
        table.update(X.astype(float))
    with pytest.raises(ValueError, match="where must be bool of shape"):
        table.update(X, where=np.ones(len(X)))
    with pytest.raises(ValueError, match="row_ids must be one for each"):
        table.update(X, row_ids=np.arange(len(X) + 1))
    with pytest.raises(ValueError, match="the 6 columns of X_anomaly, got 5"):
        table.update(X[:, :5])
