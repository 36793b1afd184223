"""Fresh rows in each epoch: every real row once, the same batches for any workers and after any restart."""

import hashlib
import pickle

import numpy as np
import pandas as pd
import pytest

from nngmix import NeighborTable

rng = np.random.default_rng(0)
X_ANOMALY, X = rng.random((7, 4)) + 1, rng.random((400, 4))


def epochs(batch_size=64, X_unlabeled=X, random_state=0, **options):
    table = NeighborTable(X_ANOMALY).update(X)
    return table.epochs(batch_size, X_unlabeled, **{"n_epochs": 3, "random_state": random_state} | options)


def equal(batches, others):
    return all(
        np.array_equal(a, b) for pair in zip(batches, others, strict=True) for a, b in zip(*pair, strict=True)
    )


def test_an_epoch_holds_every_real_row_once_and_new_rows_of_its_own():
    made = epochs(n_samples=50)
    assert (made.n_rows, made.n_batches, len(made)) == (457, 8, 24)
    table = NeighborTable(X_ANOMALY).update(X)
    batches = list(made)
    assert [len(rows) for rows, _ in batches[:8]] == [64] * 7 + [9]
    for epoch in range(3):
        X_epoch, y_epoch = map(np.concatenate, zip(*batches[8 * epoch : 8 * epoch + 8], strict=True))
        assert np.array_equal(np.unique(X_epoch[y_epoch == 0], axis=0), np.unique(X, axis=0))
        new = table.rows(50 * epoch, 50 * epoch + 50, random_state=0)
        expected = np.concatenate([X_ANOMALY, new])
        assert np.array_equal(np.unique(X_epoch[y_epoch == 1], axis=0), np.unique(expected, axis=0))
        assert y_epoch.dtype == np.int64
    assert not np.array_equal(batches[0][0], batches[8][0])


def test_the_rows_are_shuffled():
    _, y = map(np.concatenate, zip(*epochs(n_samples=200, n_epochs=1), strict=True))
    # Runs of a fair shuffle: 2 m n / (m + n) + 1, give or take a few standard deviations.
    m, n = int(y.sum()), int((y == 0).sum())
    runs = 1 + int((np.diff(y) != 0).sum())
    assert abs(runs - (2 * m * n / (m + n) + 1)) < 5 * np.sqrt(len(y)) / 2


@pytest.mark.parametrize("n_workers", [1, 2, 3, 5])
@pytest.mark.parametrize("start", [(0, 0), (1, 3)])
def test_any_number_of_workers_gives_the_same_batches(n_workers, start):
    made = epochs()
    copies = [pickle.loads(pickle.dumps(made)) for _ in range(n_workers)]
    parts = [list(copy.batches(*start, worker=w, n_workers=n_workers)) for w, copy in enumerate(copies)]
    in_turn = [part[i] for i in range(max(map(len, parts))) for part in parts if i < len(part)]
    assert equal(in_turn, list(made)[start[0] * made.n_batches + start[1] :])


def test_copies_agree_where_the_seed_is_fresh():
    made = epochs(random_state=None)
    assert equal(pickle.loads(pickle.dumps(made)), made)
    assert equal(made, made)
    assert not equal(made, epochs(random_state=None))


def test_the_order_is_pinned():
    firsts = [next(epochs(n_samples=40).batches(epoch)) for epoch in range(3)]
    digests = [hashlib.sha256(rows.tobytes() + y.tobytes()).hexdigest()[:16] for rows, y in firsts]
    assert digests == ["a01a0dc1d659f9c0", "ee493e40f42c63f2", "5df9d472d265c05c"]


def test_frames_memory_maps_and_float32(tmp_path):
    names = list("abcd")
    frame = pd.DataFrame(X, columns=names)[list("dcba")]
    table = NeighborTable(pd.DataFrame(X_ANOMALY, columns=names)).update(frame)
    expected = list(epochs())
    assert equal(table.epochs(64, frame, n_epochs=3, random_state=0), expected)
    np.save(tmp_path / "X.npy", X)
    assert equal(epochs(X_unlabeled=np.load(tmp_path / "X.npy", mmap_mode="r")), expected)
    narrow = NeighborTable(X_ANOMALY.astype(np.float32)).update(X.astype(np.float32))
    assert next(iter(narrow.epochs(8, X.astype(np.float32))))[0].dtype == np.float32


def test_without_unlabelled_rows_and_without_new_ones():
    ((rows, y),) = NeighborTable(X_ANOMALY).epochs(50, n_samples=20, unlabeled_fraction=0)
    assert (len(rows), int(y.sum())) == (27, 27)
    ((rows, y),) = NeighborTable(X_ANOMALY).epochs(500, X, n_samples=0)
    assert (len(rows), int(y.sum())) == (407, 7)
    assert list(NeighborTable(X_ANOMALY).epochs(50, X, n_epochs=0, n_samples=0)) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"n_epochs": -1}, "n_epochs must be at least 0"),
        ({"n_samples": -1}, "n_samples must be at least 0"),
        ({"n_epochs": 2**53, "n_samples": 1024}, "rows are numbered up to"),
        ({"noise_std": -1}, "noise_std"),
        ({"X_unlabeled": None}, "n_samples is needed"),
        ({"X_unlabeled": X[:, :3]}, "X_unlabeled must have the 4 columns"),
        ({"random_state": -1}, "random_state"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(options, said):
    with pytest.raises(ValueError, match=said):
        epochs(**options)


def test_missing_partners_are_missed_at_once():
    with pytest.raises(ValueError, match="X_unlabeled has no rows to take partners from"):
        NeighborTable(X_ANOMALY).epochs(8, X)


@pytest.mark.parametrize("where", [{"epoch": 4}, {"batch": 7}, {"worker": 2, "n_workers": 2}])
def test_batches_that_there_are_not(where):
    with pytest.raises(ValueError, match="must be below"):
        epochs().batches(**where)


def test_values_that_are_not_finite_are_named_by_their_row():
    bad = X.copy()
    bad[321, 2] = np.inf
    with pytest.raises(ValueError, match=r"X_unlabeled must be finite, got inf at row 321, column 2"):
        list(epochs(X_unlabeled=bad))
