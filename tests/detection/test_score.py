"""The neighbour score: against its definition, whatever the blocks, and as scikit-learn wants it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from sklearn.utils.estimator_checks import parametrize_with_checks

import nngmix
from nngmix import NeighborScore, reference

N_ANOMALIES, N_NORMAL, N_ROWS = 7, 4, 160


@pytest.fixture(params=["float64", "float32"])
def X(request: pytest.FixtureRequest) -> NDArray[Any]:
    """Few anomalies, few known normals, then the rest: with duplicates, ties and a constant column."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 6, size=(N_ROWS, 4)).astype(request.param) / 4
    rows[:N_ANOMALIES] += 0.75
    rows[:, 2] = 3
    return rows


def labels() -> NDArray[np.object_]:
    y = np.full(N_ROWS, "rest", object)
    y[:N_ANOMALIES], y[N_ANOMALIES : N_ANOMALIES + N_NORMAL] = "fraud", "good"
    return y


def parts(X: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    a, n = N_ANOMALIES, N_ANOMALIES + N_NORMAL
    return X[:a], X[a:n], X[n:]


@pytest.mark.parametrize("n_anomalies", [1, 5, 100, None])
def test_it_is_the_score_of_the_definition(X: NDArray[Any], n_anomalies: int | None) -> None:
    anomaly, normal, rest = parts(X)
    score = NeighborScore(4, n_anomalies=n_anomalies or "auto", normal_label="good").fit(X, labels())
    new = X[::7] + np.eye(4, dtype=X.dtype)[2] * (np.arange(len(X[::7])) % 2)[:, None].astype(X.dtype)
    settings: dict[str, Any] = {"n_neighbors": 4, "n_anomalies": n_anomalies}
    expected = reference.neighbor_score(new, rest, anomaly, normal, **settings)
    assert_array_equal(score.decision_function(new), expected)
    training = score.training_scores_
    assert np.isnan(training[: N_ANOMALIES + N_NORMAL]).all()
    own = np.arange(len(rest))
    expected = reference.neighbor_score(rest, rest, anomaly, normal, own=own, **settings)
    found = training[N_ANOMALIES + N_NORMAL :]
    assert_array_equal(found, expected)


def test_a_row_scores_the_same_alone_in_any_batch_and_with_any_threads(X: NDArray[Any]) -> None:
    score = NeighborScore(n_threads=2).fit(X, labels() == "fraud")
    together = score.decision_function(X)
    assert_array_equal(together, [score.decision_function(row[None])[0] for row in X])
    assert_array_equal(together[3:50], score.decision_function(X[3:50]))
    assert_array_equal(together, NeighborScore(n_threads=1).fit(X, labels() == "fraud").decision_function(X))


@pytest.mark.parametrize("reference_rows", [40, 1000])
def test_blocks_give_what_all_rows_at_once_give(X: NDArray[Any], reference_rows: int) -> None:
    anomaly, normal, rest = parts(X)
    settings: dict[str, Any] = {"reference_rows": reference_rows, "random_state": 3, "X_normal": normal}
    whole = NeighborScore.from_anomalies(anomaly, rest, **settings)
    for size in (1, 37, 1000):
        blocks = [rest[start : start + size] for start in range(0, len(rest), size)]
        score = NeighborScore.from_blocks(anomaly, blocks, **settings)
        assert_array_equal(score.decision_function(X), whole.decision_function(X))
        assert score.offset_ == whole.offset_
        pieces = [score.score_training_rows(rest[:50]), score.score_training_rows(rest[50:], 50)]
        assert_array_equal(np.concatenate(pieces), whole.training_scores_)


def test_a_sample_depends_on_its_seed_and_holds_rows_of_all(X: NDArray[Any]) -> None:
    y = labels() == "fraud"
    one, same, other = (
        NeighborScore(reference_rows=40, random_state=seed).fit(X, y).model_.unlabeled.ids
        for seed in (1, 1, 2)
    )
    assert len(one) == 40
    assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    # Of three quarters none is passed over.
    assert len(set((one // 40).tolist())) == 4


def test_rows_near_a_known_normal_fall(X: NDArray[Any]) -> None:
    y = labels()
    before = NeighborScore(anomaly_label="fraud", n_anomalies=1).fit(X, y)
    ranked = np.argsort(-np.nan_to_num(before.training_scores_, nan=-np.inf))
    y[ranked[0]] = "seen"
    after = NeighborScore(anomaly_label="fraud", n_anomalies=1, normal_label="seen").fit(X, y)
    assert after.decision_function(X[ranked[:1]])[0] < before.decision_function(X[ranked[:1]])[0]
    assert np.isnan(after.training_scores_[ranked[0]])
    assert "seen" not in after.classes_


def test_several_classes_are_told_by_the_nearest_anomaly() -> None:
    rng = np.random.default_rng(1)
    X = np.concatenate([rng.normal(size=(200, 2)), rng.normal(size=(6, 2)) * 0.1 + [9, 0]])
    X = np.concatenate([X, rng.normal(size=(6, 2)) * 0.1 + [0, 9]])
    y = np.repeat(["none", "right", "up"], [200, 6, 6])
    score = NeighborScore().fit(X, y)
    assert score.classes_.tolist() == ["none", "right", "up"]
    assert score.predict([[9.0, 0.1], [0.1, 9.0], [0.0, 0.0]]).tolist() == ["right", "up", "none"]


def test_explain_names_neighbours_and_the_columns_that_tell() -> None:
    rng = np.random.default_rng(2)
    X = pd.DataFrame(rng.normal(size=(300, 4)), columns=["a", "b", "amount", "d"])
    X.loc[[5, 6], "amount"] = 12.0
    y = np.arange(300) == 5
    score = NeighborScore().fit(X, y)
    told = score.explain(X.iloc[[6, 8]], [6, 8])
    assert told.anomaly.tolist() == [5, 5]
    assert told.names[0, 0] == "amount"
    assert told.columns.shape == told.contributions.shape == (2, 3)
    assert (np.diff(told.contributions, axis=1) <= 0).all()
    assert 6 not in told.unlabeled[0]
    assert 8 not in told.unlabeled[1]
    assert_array_equal(told.score, score.training_scores_[[6, 8]])
    frame = pd.DataFrame(told.to_dict())
    assert frame.loc[0, "column_1"] == "amount"
    assert len(score.explain(X.iloc[:0]).score) == 0


@pytest.mark.parametrize("label", ["fraud", 1, True])
def test_it_comes_back_from_a_file(tmp_path: Path, label: Any) -> None:
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(50, 3)), columns=["a", "b", "c"])
    y = [label] * 3 + [type(label)()] * 47
    score = NeighborScore(np.int64(7), "standard", missing="skip").fit(X, y)
    score.save(tmp_path / "score.npz")
    again = NeighborScore.load(tmp_path / "score.npz")
    assert_array_equal(again.decision_function(X[["c", "a", "b"]]), score.decision_function(X))
    assert again.predict(X).tolist() == score.predict(X).tolist()
    assert again.offset_ == score.offset_
    assert again.get_params() == score.get_params()
    assert again.classes_.tolist() == score.classes_.tolist()


def test_labels_of_several_types_come_back_and_others_are_refused(tmp_path: Path) -> None:
    X = np.random.default_rng(3).normal(size=(50, 3))
    y = np.array([1, "fraud"] + [None] * 48, object)
    score = NeighborScore(unlabeled_label=None, anomaly_label=[1, "fraud"]).fit(X, y)
    score.save(tmp_path / "score.npz")
    assert NeighborScore.load(tmp_path / "score.npz").classes_.tolist() == score.classes_.tolist()
    y[1] = 2 + 1j
    with pytest.raises(ValueError, match=r"saved with labels .* that are texts, numbers.*, got \(2\+1j\)"):
        NeighborScore(anomaly_label=[1, 2 + 1j]).fit(X, y).save(tmp_path / "other.npz")
    assert not (tmp_path / "other.npz").exists()


def test_a_file_that_is_damaged_or_another_is_refused(tmp_path: Path) -> None:
    X = np.random.default_rng(3).normal(size=(50, 3))
    path = tmp_path / "score.npz"
    NeighborScore().fit(X, np.arange(50) < 3).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["unlabeled_rows"] = arrays["unlabeled_rows"] + 1
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match="checksum"):
        NeighborScore.load(path)
    header = json.loads(str(arrays["header"])) | {"format": 9}
    np.savez(path, **arrays | {"header": np.array(json.dumps(header))})
    with pytest.raises(ValueError, match="format 9, this version reads 1 to"):
        NeighborScore.load(path)
    with pytest.raises(FileNotFoundError):
        NeighborScore.load(tmp_path / "none.npz")
    np.savez(path, X=X)
    with pytest.raises(ValueError, match="other arrays"):
        NeighborScore.load(path)
    path.write_text("X")
    with pytest.raises(ValueError, match="no npz file"):
        NeighborScore.load(path)


def test_rows_that_are_not_finite_are_refused_or_have_no_score(X: NDArray[Any]) -> None:
    X, y = X.copy(), labels()
    X[20, 1] = X[0, 0] = np.nan
    with pytest.raises(ValueError, match="row 0, column 0"):
        NeighborScore(normal_label="good").fit(X, y)
    with pytest.warns(UserWarning, match="left out 2 of"):
        score = NeighborScore(normal_label="good", missing="skip").fit(X, y)
    assert np.isnan(score.training_scores_[20])
    assert np.isfinite(score.training_scores_[21:]).all()
    assert len(score.model_.anomalies) == N_ANOMALIES - 1
    found = score.decision_function(X)
    assert np.isnan(found[[0, 20]]).all()
    kept = np.isfinite(X).all(axis=1)
    assert_array_equal(
        found[kept], NeighborScore(normal_label="good").fit(X[kept], y[kept]).decision_function(X[kept])
    )


@pytest.mark.parametrize(
    ("settings", "y", "match"),
    [
        ({"n_neighbors": 0}, None, "n_neighbors"),
        ({"n_anomalies": 1.5}, None, "n_anomalies"),
        ({"reference_rows": 1}, None, "reference_rows"),
        ({"eps": 0}, None, "eps"),
        ({"scale": "robust"}, None, "scale"),
        ({"missing": "drop"}, None, "missing"),
        ({"random_state": -1}, None, "random_state"),
        ({"anomaly_label": "frau"}, None, "did you mean 'fraud'"),
        ({"anomaly_label": "fraud", "normal_label": "fraud"}, None, "both"),
        ({}, ["rest"] * N_ROWS, "one class"),
        ({}, ["rest"], "same number of rows"),
        ({}, [1] * (N_ROWS - 1) + [0], "two unlabelled rows"),
    ],
)
@pytest.mark.filterwarnings("ignore:y holds 1")
def test_what_cannot_be_is_refused(settings: dict[str, Any], y: Any, match: str) -> None:
    X = np.random.default_rng(0).random((N_ROWS, 3))
    with pytest.raises((ValueError, TypeError), match=match):
        NeighborScore(**settings).fit(X, labels() if y is None else y)


def test_anomalies_of_their_own_are_at_least_one() -> None:
    X = np.random.default_rng(0).random((20, 2))
    with pytest.raises(ValueError, match="X_anomaly must have at least one row, got none"):
        NeighborScore.from_anomalies(X[:0], X)


def test_labels_say_who_is_who() -> None:
    X = np.random.default_rng(0).random((20, 2))
    missing = [1.0] * 3 + [np.nan] * 17
    assert NeighborScore().fit(X, [1] * 3 + [0] * 17).classes_.tolist() == [0, 1]
    assert np.isnan(NeighborScore(anomaly_label=1).fit(X, missing).classes_[0])
    with pytest.warns(UserWarning, match="equally often"):
        assert NeighborScore().fit(X, ["a"] * 10 + ["b"] * 10).classes_.tolist() == ["a", "b"]
    with pytest.warns(UserWarning, match="no row has 'ok'"):
        NeighborScore(normal_label="ok").fit(X, [1] * 3 + [0] * 17)


def test_before_the_fit_it_says_so() -> None:
    with pytest.raises(AttributeError, match="not fitted yet"):
        NeighborScore().decision_function([[1.0]])
    assert not hasattr(NeighborScore(), "classes_")


OTHERWISE = {
    "check_complex_data": "complex numbers are of the wrong type: a TypeError, as everywhere in this package",
    "check_dtype_object": "the TypeError for an object names its row, column and value",
    "check_fit2d_predict1d": "the error for a row instead of rows names X.reshape(1, -1), in other words",
}


@parametrize_with_checks([NeighborScore(n_threads=1)], expected_failed_checks=lambda _: OTHERWISE)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_scikit_learns_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_is_in_the_base_install() -> None:
    assert nngmix.NeighborScore is NeighborScore


@pytest.mark.parametrize("scale", ["minmax", None])
def test_a_row_farther_than_numbers_reach_has_a_score_and_reasons(X: NDArray[Any], scale: Any) -> None:
    score = NeighborScore(scale=scale).fit(X, labels() == "fraud")
    far = np.array([[np.finfo(X.dtype).max, 0, 3, 0]], X.dtype)
    assert np.isfinite(score.decision_function(far)).all()
    assert np.isfinite(score.explain(far).contributions).all()


def test_an_explanation_tells_the_distances_that_count() -> None:
    rng = np.random.default_rng(0)
    rows, y, queries = rng.random((60, 3)), np.arange(60) < 5, rng.random((7, 3))
    score = NeighborScore(n_neighbors=4, scale=None).fit(rows, y.astype(int))
    told = score.explain(queries)
    # The rows of labelled anomalies leave none of the others out.
    assert score.explain(queries, [0] * 7).unlabeled.tolist() == told.unlabeled.tolist()
    distances = np.linalg.norm(queries[:, None] - rows, axis=2)
    np.testing.assert_allclose(told.unlabeled_distance, np.sort(distances[:, ~y], axis=1)[:, 3])
    np.testing.assert_allclose(told.anomaly_distance, distances[:, y].min(axis=1))


@pytest.mark.parametrize("scale", [None, "minmax", "standard"])
def test_more_threads_than_can_be_counted_are_all(scale: str | None) -> None:
    rng = np.random.default_rng(3)
    X, y = rng.random((200, 4)), (np.arange(200) < 5).astype(int)
    for given in (X, np.asfortranarray(X), pd.DataFrame(X)):
        expected = NeighborScore(scale=scale).fit(given, y).decision_function(given)
        score = NeighborScore(scale=scale, n_threads=2**64).fit(given, y)
        assert np.array_equal(score.decision_function(given), expected)
    parts = NeighborScore.from_blocks(
        X[:5], map(np.asfortranarray, (X[5:90], X[90:])), scale=scale, n_threads=2**64
    )
    assert np.array_equal(parts.decision_function(X), expected)
