"""The ensemble in scikit-learn's world, and what its definition promises."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from xgboost import XGBClassifier

import nngmix
from nngmix import NNGMixEnsemble

rng = np.random.default_rng(0)
# 400 rows, of which the first 40 are anomalies and 4 of those are labelled.
TRUTH = np.arange(400) < 40
X = rng.normal(size=(400, 4)) + 2.5 * TRUTH[:, None]
Y = (np.arange(400) < 4).astype(int)
TREES = ExtraTreesClassifier(5)


def small(estimator=TREES, **parameters):
    parameters = {"n_bags": 4, "bag_rows": 64, "bag_anomalies": 16, "random_state": 0} | parameters
    return NNGMixEnsemble(estimator, **parameters)


@pytest.mark.filterwarnings("ignore:.*(more often than 0|from the rows there are|rows there are):UserWarning")
@parametrize_with_checks([small(DecisionTreeClassifier()), small(LogisticRegression(), neighbor_score=False)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "estimator",
    [
        None,
        TREES,
        LogisticRegression(),
        LinearSVC(),
        MLPClassifier(max_iter=50, learning_rate_init=0.02),
        XGBClassifier(n_estimators=5),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_any_estimator_finds_the_anomalies(estimator):
    ensemble = small(estimator, n_bags=2).fit(X, Y)
    found = ensemble.training_scores_
    assert np.isnan(found[:4]).all()
    assert roc_auc_score(TRUTH[4:], found[4:]) > 0.95


@pytest.mark.parametrize("estimator", [TREES, LogisticRegression(), RandomForestClassifier(5)])
def test_a_row_scores_the_same_alone_in_any_batch_and_in_any_order(estimator):
    ensemble = small(estimator).fit(X, Y)
    whole = ensemble.decision_function(X)
    order = rng.permutation(400)
    assert np.array_equal(ensemble.decision_function(X[order]), whole[order])
    assert np.array_equal(
        np.concatenate([ensemble.decision_function(X[i : i + 1]) for i in range(30)]), whole[:30]
    )


def test_the_same_bytes_for_a_seed_at_any_number_of_jobs():
    one, two = small(n_jobs=1).fit(X, Y), small(n_jobs=2).fit(X, Y)
    assert np.array_equal(one.training_scores_, two.training_scores_, equal_nan=True)
    assert np.array_equal(one.decision_function(X), two.decision_function(X))
    other = small(random_state=1).fit(X, Y)
    assert not np.array_equal(one.training_scores_, other.training_scores_, equal_nan=True)
    sequence = np.random.SeedSequence(0)
    again = [small(random_state=sequence).fit(X, Y).offset_ for _ in range(2)]
    assert again[0] == again[1] == one.offset_


def test_every_bag_holds_all_labels_and_every_unlabelled_row_is_out_of_one():
    ensemble = small(n_bags=2, bag_rows=1000).fit(X, Y)
    first, second = map(set, ensemble.estimators_samples_)
    assert first & second == set(range(4))
    assert len(first) == len(second) == 4 + 198


class Memory(LogisticRegression):
    """Scores 1 for what it was trained on, else 0."""

    def fit(self, X, y):
        self.rows_ = {row.tobytes() for row in X}
        return super().fit(X, y)

    def decision_function(self, X):
        return np.array([float(row.tobytes() in self.rows_) for row in X])

    predict_proba = property()


def test_unlabelled_training_rows_are_scored_out_of_bag():
    ensemble = small(Memory(), neighbor_score=False, filling="none").fit(X, Y)
    assert not hasattr(ensemble.estimators_[0], "predict_proba")
    # No member that knows a row has a say in its score.
    assert len(np.unique(ensemble.training_scores_[4:])) == 1
    # Rows to come are new to all of them, and the labelled anomalies were known to all.
    assert (ensemble.decision_function(X[:4]) > ensemble.training_scores_[4]).all()


def test_members_differ_in_their_seeds():
    seeds = [member.random_state for member in small().fit(X, Y).estimators_]
    assert len(set(seeds)) == 4
    inner = small(make_pipeline(StandardScaler(), TREES)).fit(X, Y).estimators_
    assert len({member[-1].random_state for member in inner}) == 4


def test_the_weight_of_the_neighbour_score():
    score = nngmix.NeighborScore().fit(X, Y)
    alone = small(neighbor_score=1.0).fit(X, Y)
    assert np.array_equal(np.argsort(alone.training_scores_[4:]), np.argsort(score.training_scores_[4:]))
    without = small(neighbor_score=False).fit(X, Y)
    assert without.neighbor_score_ is None
    assert len(np.unique(without.training_scores_[4:])) < len(np.unique(alone.training_scores_[4:]))
    assert small(neighbor_score=True).fit(X, Y).neighbor_score_ is not None


def test_what_is_level_is_told_apart_by_the_neighbour_score():
    ensemble = small(DecisionTreeClassifier(max_depth=1)).fit(X, Y)
    far = np.array([[30.0] * 4, [40.0] * 4])
    both, scores = ensemble.decision_function(far), ensemble.neighbor_score_.decision_function(far)
    assert both[0] != both[1]
    assert (both[0] < both[1]) == (scores[0] < scores[1])


def test_predict_takes_as_many_rows_as_contamination_says():
    assert small(neighbor_score=0.5, contamination=0.1).fit(X, Y).predict(X).sum() == pytest.approx(40, abs=4)
    ensemble = small().fit(X, Y)
    assert (ensemble.training_scores_ > 0).sum() <= 4
    assert np.array_equal(ensemble.predict(X), (ensemble.decision_function(X) > 0).astype(int))


def test_known_normals_are_negatives_everywhere():
    y = Y.copy()
    # Twenty hidden anomalies, called normal: the ones like them fall.
    y[20:40] = 2
    told = small(normal_label=2).fit(X, y)
    assert all(set(range(20, 40)) <= set(sample) for sample in told.estimators_samples_)
    assert np.isnan(told.training_scores_[20:40]).all()
    untold = small().fit(X, Y)
    assert told.classes_.tolist() == [0, 1]
    assert told.decision_function(X[20:40]).mean() < untold.decision_function(X[20:40]).mean()


def test_several_classes_of_anomalies_once_they_are_declared():
    y = np.array(["ok"] * 400, object)
    moved = X.copy()
    moved[20:40, 0] -= 12
    y[[0, 1, 2]], y[[20, 21, 22]] = "dos", "scan"
    with pytest.raises(ValueError, match=r"Only binary classification is supported.*anomaly_label"):
        small().fit(moved, y)
    ensemble = small(unlabeled_label="ok", contamination=0.1).fit(moved, y)
    assert ensemble.classes_.tolist() == ["ok", "dos", "scan"]
    predicted = ensemble.predict(moved)
    assert (predicted[:20] == "dos").mean() > 0.7
    assert (predicted[20:40] == "scan").mean() > 0.7
    assert (predicted[40:] == "ok").mean() > 0.95


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (np.where(Y, "fraud", "ok"), ["ok", "fraud"]),
        (np.where(Y, -1, 1), [1, -1]),
        (Y == 1, [False, True]),
    ],
)
def test_higher_is_more_anomalous_whatever_the_labels(y, classes):
    ensemble = small().fit(X, y)
    assert ensemble.classes_.tolist() == classes
    assert np.array_equal(ensemble.decision_function(X), small().fit(X, Y).decision_function(X))
    assert np.array_equal(ensemble.predict(X) == classes[1], small().fit(X, Y).predict(X) == 1)


def test_frames_pipelines_clones_and_pickles():
    frame = pd.DataFrame(X, columns=list("abcd"))
    ensemble = small().fit(frame, pd.Series(Y))
    assert ensemble.feature_names_in_.tolist() == list("abcd")
    found = ensemble.decision_function(frame)
    assert np.array_equal(found, small().fit(X, Y).decision_function(X))
    with pytest.raises(ValueError, match="feature names"):
        ensemble.predict(frame[list("dcba")])
    assert np.array_equal(pickle.loads(pickle.dumps(ensemble)).decision_function(frame), found)
    assert repr(clone(ensemble)) == repr(ensemble)
    assert (
        cross_val_score(make_pipeline(StandardScaler(), small()), X, TRUTH, cv=2, scoring="roc_auc").min()
        > 0.95
    )


def test_there_is_no_probability():
    assert not hasattr(small(), "predict_proba")


@pytest.mark.parametrize(
    ("parameters", "error", "said"),
    [
        ({"n_bags": 1}, ValueError, "n_bags must be at least 2"),
        ({"bag_rows": 2.5}, TypeError, "bag_rows must be an integer"),
        ({"bag_anomalies": 0}, ValueError, "bag_anomalies must be at least 1"),
        ({"filling": "adasyn"}, ValueError, "filling must be one of both"),
        ({"neighbor_score": 2}, ValueError, "neighbor_score must be True, False or a weight"),
        ({"contamination": 0.7}, ValueError, "contamination must be 'auto' or"),
        ({"scale": "robust"}, ValueError, "scale must be"),
        ({"anomaly_label": 7}, ValueError, "no labelled anomaly"),
    ],
)
def test_what_is_refused(parameters, error, said):
    with pytest.raises(error, match=said):
        small(**parameters).fit(X, Y)


def test_rows_and_labels_that_are_refused():
    bad = X.copy()
    bad[7, 2] = np.nan
    with pytest.raises(ValueError, match="X must be finite, got nan at row 7, column 2"):
        small().fit(bad, Y)
    with pytest.raises(ValueError, match="X must be finite, got nan at row 7, column 2"):
        small().fit(X, Y).decision_function(bad)
    with pytest.raises(ValueError, match="at least 2 rows unlabelled"):
        small(anomaly_label=1).fit(X[:5], Y[:5])
