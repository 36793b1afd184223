"""The classifier in scikit-learn's world: its checks, its tools, and nothing that leaks."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from xgboost import XGBClassifier

from nngmix import NNGMix, NNGMixClassifier, NNGMixEnsemble
from nngmix.methods.registry import METHODS

rng = np.random.default_rng(0)
Y = (np.arange(600) % 30 == 0).astype(int)
X = rng.normal(size=(600, 4)) + 2 * Y[:, None]


class Recorder(LogisticRegression):
    """Keeps what it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.weights_ = X, y, sample_weight
        return super().fit(X, y, sample_weight)


def not_promised(estimator):
    """Checks that cannot hold, and why."""
    if estimator.sampler in (None, "auto"):
        # Of the checks' small classes, which are as frequent as each other, no rows are made.
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "a row given twice is twice as often an anchor of random rows, one of weight 2 is not"
        )
    }


@pytest.mark.filterwarnings("ignore:.*(no rows are made|rows there are):UserWarning")
@parametrize_with_checks(
    [
        NNGMixClassifier(LogisticRegression(), random_state=0),
        NNGMixClassifier(DecisionTreeClassifier(random_state=0), NNGMix(multiplier=0.5, random_state=0)),
        NNGMixClassifier(LogisticRegression(), "auto"),
    ],
    expected_failed_checks=not_promised,
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_the_estimator_sees_the_rows_of_the_sampler():
    sampler = NNGMix(multiplier=3, random_state=1)
    classifier = NNGMixClassifier(Recorder(), sampler).fit(X, Y)
    X_expected, y_expected = sampler.fit_resample(X, Y)
    assert np.array_equal(classifier.estimator_.X_, X_expected)
    assert np.array_equal(classifier.estimator_.y_, y_expected)
    assert classifier.n_samples_ == 60
    assert np.array_equal(classifier.predict(X), classifier.estimator_.predict(X))
    for name in ("predict_proba", "predict_log_proba", "decision_function"):
        assert np.array_equal(getattr(classifier, name)(X), getattr(classifier.estimator_, name)(X))


def test_no_new_row_is_made_of_a_row_that_is_scored():
    marked = X + np.where(np.arange(600) < 300, 0, 1000)[:, None]
    halves = [(np.arange(300), np.arange(300, 600)), (np.arange(300, 600), np.arange(300))]
    classifier = NNGMixClassifier(Recorder(max_iter=1000), NNGMix(n_samples=200, noise_std=0))
    done = cross_validate(classifier, marked, Y, cv=halves, return_estimator=True)
    for fitted, (train, _) in zip(done["estimator"], halves, strict=True):
        seen = fitted.estimator_.X_
        assert len(seen) == 500
        assert (seen.min(axis=0) >= marked[train].min(axis=0) - 1e-9).all()
        assert (seen.max(axis=0) <= marked[train].max(axis=0) + 1e-9).all()


def test_it_works_in_pipelines_searches_and_calibration():
    classifier = NNGMixClassifier(LogisticRegression(), NNGMix(random_state=0))
    assert cross_val_score(make_pipeline(StandardScaler(), classifier), X, Y, scoring="roc_auc").mean() > 0.9
    grid = {"estimator__C": [0.1, 1.0], "sampler__multiplier": [2, 5]}
    search = GridSearchCV(classifier, grid, cv=3, scoring="average_precision").fit(X, Y)
    assert search.best_estimator_.n_samples_ in (40, 100)
    assert CalibratedClassifierCV(classifier, cv=3).fit(X, Y).predict_proba(X).shape == (600, 2)
    assert repr(clone(classifier)) == repr(classifier)


@pytest.mark.parametrize("labels", [("ok", "bad"), (1, -1), (False, True), (3.0, 2.0)])
@pytest.mark.parametrize("estimator", [XGBClassifier(n_estimators=5), LogisticRegression()])
def test_labels_of_any_kind(labels, estimator):
    y = np.where(Y, labels[1], labels[0])
    classifier = NNGMixClassifier(estimator, random_state=0).fit(X, y)
    assert classifier.classes_.tolist() == sorted(labels)
    assert classifier.n_samples_ == 38
    assert (classifier.estimator_.predict(X) == np.unique(y).tolist().index(labels[1])).any()
    assert set(classifier.predict(X)) == set(labels)
    assert classifier.score(X, y) > 0.9


def test_declared_labels_and_several_classes():
    y = np.where(Y, np.where(np.arange(600) < 300, "dos", "scan"), "ok")
    y[1:200:30] = "other"
    sampler = NNGMix(n_samples=30, anomaly_label=["dos", "scan"], unlabeled_label="ok", random_state=0)
    recorder = NNGMixClassifier(Recorder(), sampler).fit(X, y).estimator_
    made = np.array(["dos", "ok", "other", "scan"])[recorder.y_[600:]]
    assert set(made) == {"dos", "scan"}
    assert len(made) == 30


def test_rows_known_to_be_normal_stay_and_take_no_part():
    y = np.where(Y, "bad", "unknown")
    y[1::2][~Y[1::2].astype(bool)] = "fine"
    normal = y == "fine"
    sampler = NNGMix(normal_label="fine", random_state=0)
    for declared in ({}, {"anomaly_label": "bad"}, {"unlabeled_label": "unknown"}):
        model = NNGMixClassifier(Recorder(), clone(sampler).set_params(**declared)).fit(X, y)
        assert np.array_equal(model.estimator_.X_[:600], X)
        assert set(model.classes_[model.estimator_.y_[600:]]) == {"bad"}
        assert not normal[model.sampler_.plan_.anchor].any()
        assert not normal[model.sampler_.plan_.partner].any()
        assert model.n_samples_ == round(0.1 * (y == "unknown").sum()) - (y == "bad").sum()
    # A part of the rows, in a cross-validation for instance, may well lack them.
    without = NNGMixClassifier(Recorder(), sampler).fit(X[~normal], y[~normal])
    assert without.n_samples_ == model.n_samples_


@pytest.mark.parametrize("name", [*METHODS, "smote"])
def test_methods_by_name(name):
    classifier = NNGMixClassifier(LogisticRegression(), name, random_state=0).fit(X, Y)
    again = NNGMixClassifier(LogisticRegression(), name, random_state=0).fit(X, Y)
    assert classifier.n_samples_ == (560 if name == "smote" else 38)
    assert np.array_equal(classifier.decision_function(X), again.decision_function(X))


def test_auto_takes_what_suits_the_estimator_and_says_why():
    trees = NNGMixClassifier(RandomForestClassifier(3, random_state=0), "auto", random_state=0).fit(X, Y)
    assert (trees.n_samples_, trees.chosen_.name) == (38, "smote")
    same = NNGMix(unlabeled_fraction=0, alpha=1, beta=1, noise_std=0, random_state=0)
    same = NNGMixClassifier(RandomForestClassifier(3, random_state=0), same).fit(X, Y)
    assert np.array_equal(trees.predict_proba(X), same.predict_proba(X))
    linear = NNGMixClassifier(LogisticRegression(), "auto").fit(X, np.where(Y, "bad", "ok"))
    assert (linear.n_samples_, linear.sampler_, linear.chosen_.method) == (0, None, "none")
    assert np.array_equal(
        linear.decision_function(X), LogisticRegression().fit(X, 1 - Y).decision_function(X)
    )
    weighted = NNGMixClassifier(LogisticRegression(), "auto").fit(X, Y, sample_weight=1 + Y)
    assert np.array_equal(weighted.predict(X), LogisticRegression().fit(X, Y, 1 + Y).predict(X))


def test_smote_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "imblearn.over_sampling", None)
    with pytest.raises(ImportError, match="pip install imbalanced-learn, or take NNGMix"):
        NNGMixClassifier(LogisticRegression(), "smote").fit(X, Y)


def test_a_new_row_takes_the_weight_of_its_anchor():
    weights = rng.random(600)
    classifier = NNGMixClassifier(Recorder(), random_state=0).fit(X, Y, sample_weight=weights)
    anchors = classifier.sampler_.plan_.anchor
    assert np.array_equal(classifier.estimator_.weights_, np.r_[weights, weights[anchors]])
    copied = NNGMixClassifier(Recorder(), RandomOverSampler(random_state=0)).fit(X, Y, weights)
    sources = copied.sampler_.sample_indices_
    assert np.array_equal(copied.estimator_.weights_, weights[sources])
    with pytest.raises(ValueError, match="does not tell which rows they start from"):
        NNGMixClassifier(Recorder(), SMOTE()).fit(X, Y, weights)
    with pytest.raises(ValueError, match="KNeighborsClassifier does not take sample_weight"):
        NNGMixClassifier(KNeighborsClassifier()).fit(X, Y, weights)


def test_rows_of_weight_0_take_no_part():
    weights = np.ones(600)
    weights[::60] = 0
    left = weights > 0
    classifier = NNGMixClassifier(Recorder(), random_state=0).fit(X, Y, sample_weight=weights)
    without = NNGMixClassifier(Recorder(), random_state=0).fit(X[left], Y[left])
    assert np.array_equal(classifier.estimator_.X_, without.estimator_.X_)


def test_metadata_routing_hands_the_weights_on():
    weights = rng.random(600)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = Recorder().set_fit_request(sample_weight=True)
        classifier = NNGMixClassifier(estimator, random_state=0).set_fit_request(sample_weight=True)
        assert len(classifier.fit(X, Y, sample_weight=weights).estimator_.weights_) == 638
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, classifier).fit(X, Y, sample_weight=weights)
        assert len(pipeline[-1].estimator_.weights_) == 638


def test_frames_keep_their_names():
    frame = pd.DataFrame(X, columns=list("abcd"))
    classifier = NNGMixClassifier(LogisticRegression(), random_state=0).fit(frame, pd.Series(Y))
    assert classifier.feature_names_in_.tolist() == list("abcd")
    expected = NNGMixClassifier(LogisticRegression(), random_state=0).fit(X, Y).predict(X)
    assert np.array_equal(classifier.predict(frame), expected)
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(frame[list("dcba")])


def test_methods_are_those_of_the_estimator():
    assert not hasattr(NNGMixClassifier(LinearSVC()), "predict_proba")
    assert not hasattr(NNGMixClassifier(RandomForestClassifier()), "decision_function")


@pytest.mark.parametrize(
    ("sampler", "error", "said"),
    [
        ("none", ValueError, "one of nng_mix"),
        (7, TypeError, "fit_resample"),
        (NNGMix(noise_std=-1), ValueError, "noise_std"),
    ],
)
def test_samplers_that_are_none(sampler, error, said):
    with pytest.raises(error, match=said):
        NNGMixClassifier(LogisticRegression(), sampler).fit(X, Y)


def test_a_frame_and_labels_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="X and y must have the same number of rows, got 600 and 599"):
        NNGMixClassifier(LogisticRegression()).fit(pd.DataFrame(X), Y[:-1])


@pytest.mark.parametrize("estimator", [None, "lr", LogisticRegression])
def test_what_is_no_estimator_is_refused_by_name(estimator: Any) -> None:
    for made in (NNGMixClassifier(estimator), NNGMixEnsemble(estimator or "lr")):
        with pytest.raises(TypeError, match="estimator must be a classifier with fit and predict"):
            made.fit(np.eye(8), [0] * 6 + [1] * 2)


@pytest.mark.parametrize("as_type", [pd.DataFrame, np.asarray])
@pytest.mark.parametrize("values", [[0, np.int8(1)], [False, True]])
def test_objects_that_are_integers_are_labels(as_type: Any, values: list[Any]) -> None:
    """As a column of a frame of objects holds them."""
    rng = np.random.default_rng(0)
    X, odd = as_type(rng.random((60, 2))), (np.arange(60) < 5).astype(int)
    y = np.array([values[k] for k in odd], object)
    for detector in (
        NNGMixClassifier(LogisticRegression(), random_state=0),
        NNGMixEnsemble(LogisticRegression(), n_bags=2, random_state=0),
    ):
        assert detector.fit(X, y).classes_.tolist() == values
        assert detector.predict(X).dtype == detector.classes_.dtype != object
    with pytest.raises(ValueError, match="Unknown label type"):
        NNGMixClassifier(LogisticRegression()).fit(X, np.array([0.5, 1] * 30, object))
