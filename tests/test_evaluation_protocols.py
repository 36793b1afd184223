"""The protocols of the evaluation, against plain restatements, and what they promise."""

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

from nngmix.evaluation import Dataset, Labels, Split, find_sources, load, split
from nngmix.evaluation.protocols import clean, paper

Array = np.ndarray[Any, Any]


def data(n_rows: int, n_anomalies: int, *, seed: int = 0, n_distinct: int | None = None) -> Dataset:
    """Rows of which `n_distinct` differ."""
    rng = np.random.default_rng(seed)
    n_distinct = n_distinct or n_rows
    y = np.zeros(n_distinct, dtype=np.int64)
    y[rng.choice(n_distinct, n_anomalies, replace=False)] = 1
    X = rng.normal(size=(n_distinct, 3)) * [1, 100, 0.01] + y[:, None]
    again = np.concatenate([np.arange(n_distinct), rng.choice(n_distinct, n_rows - n_distinct)])
    return Dataset(X[again], y[again])


def published(X: Array, y: Array, la: float, ratio: float, seed: int) -> tuple[Array, Array, Array, Array]:
    """The published script's data, in its own way: global random state, labels overwritten in place."""
    np.random.seed(seed)  # noqa: NPY002
    if len(y) < 1000:
        chosen = np.random.choice(np.arange(len(y)), 1000, replace=True)  # noqa: NPY002
        X, y = X[chosen], y[chosen]
    if len(y) > 10000:
        np.random.seed(seed)  # noqa: NPY002
        chosen = np.random.choice(np.arange(len(y)), 10000, replace=False)  # noqa: NPY002
        X, y = X[chosen], y[chosen]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, shuffle=True, stratify=y)
    scaler = MinMaxScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
    anomalies = np.where(y_train == 1)[0]
    labeled = np.random.choice(anomalies, ceil(la * len(anomalies)), replace=False)  # noqa: NPY002
    y_train[np.setdiff1d(anomalies, labeled)] = 0
    X_anomaly, X_unlabeled = X_train[y_train == 1], X_train[y_train == 0]
    if ratio != 1.0:
        chosen = np.random.choice(len(X_anomaly), ceil(ratio * len(X_anomaly)), replace=False)  # noqa: NPY002
        X_anomaly = X_anomaly[chosen]
    return X_unlabeled, X_anomaly, X_test, y_test


@pytest.mark.parametrize("n_rows", [400, 2500, 12000])
@pytest.mark.parametrize("ratio", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("seed", [0, 7])
def test_paper_is_the_published_protocol(n_rows: int, ratio: float, seed: int) -> None:
    original = data(n_rows, 120)
    cut = paper(original, Labels(ratio=ratio), seed)
    X_unlabeled, X_anomaly, X_test, y_test = published(original.X, original.y, 0.1, ratio, seed)
    np.testing.assert_array_equal(cut.X_unlabeled, X_unlabeled)
    np.testing.assert_array_equal(cut.X_anomaly, X_anomaly)
    np.testing.assert_array_equal(cut.X_test, X_test)
    np.testing.assert_array_equal(cut.y_test, y_test)


def rows_of(*parts: Array) -> list[tuple[float, ...]]:
    return [tuple(row) for part in parts for row in part]


def test_paper_leaks_and_clean_does_not() -> None:
    """Copies of training rows are in the published protocol's test, and in ours there is none."""
    original = data(600, 60, n_distinct=450)
    shared = {}
    for protocol in ("paper", "clean"):
        cut = split(protocol, original, Labels(ratio=1.0), 0)
        train = rows_of(cut.X_unlabeled, cut.X_anomaly)
        shared[protocol] = set(train) & set(rows_of(cut.X_test))
        if protocol == "clean":
            assert len(train) == len(set(train))
    assert len(shared["paper"]) > 50
    assert shared["clean"] == set()


def test_clean_is_its_plain_restatement() -> None:
    original = data(900, 80, n_distinct=700)
    cut = clean(original, Labels(ratio=1.0), 3)
    seen: dict[tuple[float, ...], int] = {}
    for row, label in zip(rows_of(original.X), original.y, strict=True):
        seen[row] = max(seen.get(row, 0), int(label))
    X, y = np.array(list(seen)), np.array(list(seen.values()))
    rng = np.random.RandomState(3)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=rng)
    low, high = X_train.min(axis=0), X_train.max(axis=0)
    np.testing.assert_allclose(cut.X_test, (X_test - low) / (high - low), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(cut.y_test, y_test)
    anomalies = np.flatnonzero(y_train)
    assert len(cut.X_anomaly) == ceil(0.1 * len(anomalies))
    assert len(cut.X_anomaly) + cut.n_hidden == len(anomalies)
    assert len(cut.X_unlabeled) + len(cut.X_anomaly) == len(X_train)
    labeled = rng.choice(anomalies, len(cut.X_anomaly), replace=False)
    expected = (X_train[np.sort(labeled)] - low) / (high - low)
    np.testing.assert_allclose(cut.X_anomaly, expected, rtol=0, atol=1e-12)


def test_hidden_anomalies_stay_among_the_unlabelled_rows() -> None:
    original = data(1500, 100)
    marked = Dataset(np.column_stack([original.X, original.y]), original.y)
    for protocol in ("paper", "clean"):
        cut = split(protocol, marked, Labels(ratio=0.5), 1)
        assert cut.X_unlabeled[:, -1].sum() == cut.n_hidden > 0
        assert (cut.X_anomaly[:, -1] == 1).all()
        np.testing.assert_array_equal(cut.X_test[:, -1], cut.y_test)


def test_a_row_with_both_labels_is_one_anomaly() -> None:
    original = data(600, 60)
    X = np.concatenate([original.X, original.X[original.y == 1], -0.0 * original.X[:1]])
    X = np.concatenate([X, 0.0 * original.X[:1]])
    y = np.concatenate([original.y, np.zeros(62, dtype=np.int64)])
    cut = clean(Dataset(X, y), Labels(count=5), 0)
    # 0.0 and -0.0 are the same row.
    assert len(cut.X_unlabeled) + len(cut.X_anomaly) + len(cut.X_test) == 601
    assert len(cut.X_anomaly) + cut.n_hidden + cut.y_test.sum() == 60


@pytest.mark.parametrize(("n_anomalies", "kept"), [(1000, 100), (40, 30), (12, 12)])
def test_large_sets_keep_their_anomalies_share_but_enough_to_test(n_anomalies: int, kept: int) -> None:
    cut = clean(data(10000, n_anomalies), Labels(count=2), 0, max_rows=1000)
    assert len(cut.X_unlabeled) + len(cut.X_anomaly) + len(cut.X_test) == 1000
    assert cut.y_test.sum() + cut.n_hidden + 2 == kept


def test_numbers_of_labels() -> None:
    original = data(2000, 100)

    def n_labeled(labels: Labels, **settings: Any) -> int:
        return len(clean(original, labels, 0, **settings).X_anomaly)

    assert n_labeled(Labels(ratio=1.0)) == 7
    assert n_labeled(Labels(ratio=0.1)) == 1
    assert n_labeled(Labels(ratio=0.1), min_labels=3) == 3
    assert n_labeled(Labels(count=2), min_labels=3) == 2
    assert n_labeled(Labels(count=70)) == 70
    assert [str(Labels(ratio=0.1)), str(Labels(ratio=0.5)), str(Labels(count=7))] == ["1%", "5%", "7"]
    with pytest.raises(ValueError, match="71 labels are asked for, but only 70 training rows are anomalies"):
        n_labeled(Labels(count=71))


def test_every_seed_splits_anew_and_the_same_seed_does_not() -> None:
    original = data(800, 60)

    def test_rows(protocol: str, seed: int) -> Split:
        return split(protocol, original, Labels(ratio=1.0), seed)

    for protocol in ("paper", "clean"):
        np.testing.assert_array_equal(test_rows(protocol, 0).X_test, test_rows(protocol, 0).X_test)
        assert not np.array_equal(test_rows(protocol, 0).X_test, test_rows(protocol, 1).X_test)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "either a ratio or a count"),
        ({"ratio": 1.0, "count": 2}, "either a ratio or a count"),
        ({"ratio": 0.0}, "ratios must be above 0 and at most 10, got 0"),
        ({"ratio": 11.0}, "got 11"),
        ({"count": 0}, "at least 1, got 0"),
    ],
)
def test_impossible_labels_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Labels(**values)


def test_sources_and_their_names(tmp_path: Path) -> None:
    original = data(300, 20)
    for name in ("Classical/10_b.npz", "Classical/2_a.npz", "CV/c.npz"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        np.savez(path, X=original.X, y=original.y)
    (tmp_path / "CV" / "README.md").write_text("no data")
    names = [f"{source.group}/{source.name}" for source in find_sources([str(tmp_path)])]
    assert names == ["CV/c", "Classical/2_a", "Classical/10_b"]
    read = load(find_sources([str(tmp_path / "CV" / "c.npz")])[0])
    np.testing.assert_array_equal(read.X, original.X)
    np.testing.assert_array_equal(read.y, original.y)


def test_other_bytes_are_another_checksum(tmp_path: Path) -> None:
    path, original = tmp_path / "a.npz", data(300, 20)
    checksums = set()
    for X in (original.X, original.X + 1, original.X):
        np.savez(path, X=X, y=original.y)
        checksums.add(find_sources([str(path)])[0].checksum)
    assert len(checksums) == 2


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.ones((5, 2)), y=np.array([0, 1, None, 0, 0], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        load(find_sources([str(tmp_path / "a.npz")])[0])


# --- rows that are kept apart -------------------------------------------------------------------------------


def marked(mark: Array, **apart: Array) -> Dataset:
    """Rows with a number and a mark, every fourth an anomaly."""
    number = np.arange(len(mark))
    return Dataset(np.column_stack([number, mark]).astype(float), (number % 4 == 0).astype(np.int64), **apart)


def marks(cut: Split) -> tuple[Array, Array]:
    """The marks of training and test, both on the scale of training."""
    return np.concatenate([cut.X_unlabeled, cut.X_anomaly])[:, 1], cut.X_test[:, 1]


def test_groups_stay_together() -> None:
    groups = np.arange(120) % 15
    cuts = [clean(marked(groups, groups=groups), Labels(count=3), seed) for seed in range(4)]
    for cut in cuts:
        train, test = marks(cut)
        assert (len(train), len(test)) == (80, 40)
        assert not set(train) & set(test)
    assert len({tuple(np.sort(cut.X_test[:, 0])) for cut in cuts}) > 1
    few = np.arange(120) % 2
    with pytest.raises(ValueError, match="at least 3 groups and as many anomalies, got 2 and 30"):
        clean(marked(few, groups=few), Labels(count=3), 0)


def test_the_last_times_are_the_test() -> None:
    times = np.arange(120)[::-1] // 7
    cuts = [clean(marked(times, times=times), Labels(count=3), seed) for seed in range(2)]
    train, test = marks(cuts[0])
    # The time that is under way when 70 % are over belongs to training.
    assert (len(train), len(test)) == (84, 36)
    assert train.max() < test.min()
    np.testing.assert_array_equal(cuts[0].X_test, cuts[1].X_test)
    same = np.zeros(120, np.int64)
    with pytest.raises(ValueError, match="the test needs anomalies and normal rows, got 0 and 0"):
        clean(marked(same, times=same), Labels(count=3), 0)


def test_a_row_that_comes_again_counts_at_its_earliest_time() -> None:
    once = marked(np.arange(120) % 2)
    again = Dataset(np.tile(once.X, (2, 1)), np.tile(once.y, 2), times=np.arange(240)[::-1])
    only = Dataset(once.X, once.y, times=np.arange(120)[::-1])
    cuts = [clean(data, Labels(count=3), 0) for data in (again, only)]
    np.testing.assert_array_equal(cuts[0].X_test, cuts[1].X_test)


def test_hidden_kinds_are_never_labelled_and_alone_judged() -> None:
    number = np.arange(400)
    kind = np.where(number % 4, 0, 1 + (number % 8 == 0))
    cut = clean(marked(kind, hidden=kind == 2), Labels(count=20), 0)
    assert set(cut.X_anomaly[:, 1]) == {0.5}
    assert set(cut.X_test[cut.y_test == 1, 1]) == {1}
    assert set(cut.X_test[cut.y_test == 0, 1]) == {0}
    among = cut.X_unlabeled[:, 1]
    assert cut.n_hidden == (among > 0).sum()
    assert (among == 1).any()
    with pytest.raises(ValueError, match="need clean"):
        split("paper", marked(kind, hidden=kind == 2), Labels(ratio=1.0), 0)
