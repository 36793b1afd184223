"""The classifier and the ensemble on mixed tables: what estimators are given, and what rows score."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from nngmix import NNGMix, NNGMixClassifier, NNGMixEnsemble

N_ROWS, N_ANOMALIES = 120, 6
MIXED = NNGMix(categorical_features="auto", missing="keep", multiplier=3)


def table() -> tuple[pd.DataFrame, Any]:
    """The anomalies, and as many rows like them among the others, are of a kind and far off."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(size=N_ROWS),
            "proto": pd.Categorical(rng.choice(["tcp", "udp"], N_ROWS), ["udp", "tcp", "icmp", "never"]),
            "count": rng.integers(0, 9, N_ROWS),
            "new": rng.random(N_ROWS) < 0.5,
        }
    )
    frame.loc[: 2 * N_ANOMALIES - 1, "proto"] = "icmp"
    frame.loc[: 2 * N_ANOMALIES - 1, "amount"] += 3
    return frame, np.arange(N_ROWS) < N_ANOMALIES


class Kept(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps what it was fitted on, and asked about."""

    def fit(self, X: Any, y: Any) -> "Kept":
        self.X, self.y, self.classes_ = X, y, np.array([0, 1])
        return self

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X), int)

    def predict_proba(self, X: Any) -> Any:
        self.asked = X
        return np.repeat([[0.5, 0.5]], len(X), axis=0)


def one_hot(columns: Any) -> Any:
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), columns), remainder="passthrough"
    )
    return make_pipeline(encoder, LogisticRegression())


@pytest.mark.parametrize("as_type", [lambda X: X, pl.from_pandas], ids=["pandas", "polars"])
def test_the_classifier_hands_frames_of_the_same_types_on(as_type: Any) -> None:
    frame, y = table()
    frame.loc[20:40, ["proto", "amount"]] = None
    given = as_type(frame)
    estimator = NNGMixClassifier(Kept(), MIXED, random_state=0).fit(given, y).estimator_
    expected, _ = NNGMix(**{**MIXED.get_params(), "random_state": 0}).fit_resample(given, y)
    assert type(estimator.X) is type(given)
    assert list(estimator.X.dtypes) == list(given.dtypes)
    assert estimator.X.equals(expected)
    assert len(estimator.X) == N_ROWS + 3 * N_ANOMALIES


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=20, min_samples_leaf=3),
        XGBClassifier(enable_categorical=True, n_estimators=20, n_jobs=1),
        one_hot(["proto", "new"]),
    ],
    ids=["hgb", "xgboost", "one-hot"],
)
def test_estimators_that_know_categories(estimator: Any) -> None:
    frame, y = table()
    classifier = NNGMixClassifier(estimator, MIXED, random_state=0).fit(frame, y)
    assert classifier.predict(frame)[:N_ANOMALIES].all()
    ensemble = NNGMixEnsemble(estimator, n_bags=2, random_state=0, categorical_features="auto").fit(frame, y)
    first = np.argsort(-np.nan_to_num(ensemble.training_scores_, nan=-np.inf))[:N_ANOMALIES]
    assert np.mean(first < 2 * N_ANOMALIES) > 0.6


def test_arrays_of_objects_stay_such() -> None:
    frame, y = table()
    X = frame[["amount", "proto"]].astype(object).to_numpy()
    sampler = NNGMix(categorical_features=[1], multiplier=3)
    for given in (X, X.tolist()):
        classifier = NNGMixClassifier(one_hot([1]), sampler, random_state=0).fit(given, y)
        assert classifier.predict(given)[:N_ANOMALIES].all()
    with pytest.raises(ValueError, match="could not convert string to float"):
        NNGMixClassifier(one_hot([1])).fit(X, y)


def test_members_are_given_ranks_or_the_type_that_came() -> None:
    frame, y = table()
    frame["count"] = frame["count"].astype("Int16")
    settings: dict[str, Any] = {"n_bags": 2, "bag_rows": 40, "random_state": 0, "neighbor_score": False}
    ensemble = NNGMixEnsemble(Kept(), categorical_features="auto", **settings).fit(frame, y)
    member, part = ensemble.estimators_[0], ensemble.estimators_samples_[0]
    assert list(member.X.dtypes) == [np.float64, frame["proto"].dtype, "Float64", bool]
    labelled = member.X[member.y == 1]
    assert_array_equal(labelled["proto"][:N_ANOMALIES], frame["proto"][:N_ANOMALIES])
    # Made rows hold combinations that there are, and whole numbers in the units of the table.
    there = set(zip(frame["proto"], frame["new"], strict=True))
    assert set(zip(member.X["proto"], member.X["new"], strict=True)) <= there
    low, high = frame["count"].min(), frame["count"].max()
    counts = labelled["count"].to_numpy(float) * (high - low) + low
    np.testing.assert_allclose(counts, np.rint(counts), atol=1e-12)
    assert len(labelled) > N_ANOMALIES
    assert len(member.X) - len(labelled) == len(part) - N_ANOMALIES
    new = frame[:3].assign(proto=["gre", "icmp", "gre"])
    ensemble.decision_function(new)
    assert member.asked["proto"].isna().tolist() == [True, False, True]
    assert member.asked["proto"].dtype == frame["proto"].dtype


@pytest.mark.parametrize("missing", ["error", "keep"])
def test_the_default_ensemble_ranks_mixed_tables(missing: Any) -> None:
    frame, y = table()
    if missing == "keep":
        frame.loc[20:40, ["proto", "amount"]] = None
    settings: dict[str, Any] = {"n_bags": 2, "random_state": 0, "missing": missing}
    ensemble = NNGMixEnsemble(categorical_features="auto", **settings).fit(frame, y)
    first = np.argsort(-np.nan_to_num(ensemble.training_scores_, nan=-np.inf))[:N_ANOMALIES]
    assert np.mean(first < 2 * N_ANOMALIES) > 0.6
    new = frame.astype({"proto": object})[::9]
    new.iloc[2, 1] = "gre"
    together = ensemble.decision_function(new)
    assert_array_equal(together, [ensemble.decision_function(new.iloc[[i]])[0] for i in range(len(new))])
    assert_array_equal(ensemble.decision_function(pl.from_pandas(new)), together)
    listed = NNGMixEnsemble(categorical_features=[1, 3], **settings).fit(frame.astype(object).to_numpy(), y)
    assert_array_equal(listed.training_scores_, ensemble.training_scores_)


def test_several_classes_are_told_by_the_nearest_anomaly() -> None:
    frame, _ = table()
    y = np.array(["none"] * N_ROWS, object)
    y[:3], y[3:6] = "one", "two"
    frame.loc[3:5, "proto"] = "never"
    frame.loc[3:5, "amount"] += 5
    ensemble = NNGMixEnsemble(
        DecisionTreeClassifier(), n_bags=2, random_state=0, categorical_features=["proto"]
    )
    with pytest.raises(ValueError, match="could not convert string to float"):
        ensemble.fit(frame, np.where(y == "none", "none", "some"))
    ensemble.set_params(estimator=None, anomaly_label=["one", "two"]).fit(frame, y)
    assert ensemble.predict(frame[3:6]).tolist() == ["two"] * 3


def test_what_cannot_be_is_refused() -> None:
    frame, y = table()
    with pytest.raises(ValueError, match="missing must be 'error' or 'keep', got 'skip'"):
        NNGMixEnsemble(missing="skip").fit(frame, y)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="categorical_weight must be given"):
        NNGMixEnsemble(scale=None, categorical_features="auto").fit(frame, y)
    with pytest.raises(TypeError, match='categorical_features="auto"'):
        NNGMixEnsemble().fit(frame, y)


@pytest.mark.parametrize(
    "sampler", [None, "auto", "mixup", "cutmix", "gaussian_noise", "duplicate", "cutout"]
)
@pytest.mark.parametrize("as_type", [lambda X: X, pl.from_pandas], ids=["pandas", "polars"])
def test_a_classifier_takes_categories_unasked(sampler: Any, as_type: Any) -> None:
    """Samplers that nobody configured; booleans are categories then, too."""
    X, y = table()
    X = as_type(X)
    estimator = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=5)
    classifier = NNGMixClassifier(estimator, sampler, random_state=0).fit(X, y)
    assert classifier.predict(X).shape == y.shape
    if classifier.sampler_ is not None:
        assert classifier.sampler_.get_params()["categorical_features"] == "auto"


def test_an_estimator_that_takes_no_texts_is_told_of() -> None:
    X, y = table()
    with pytest.raises(
        ValueError, match=r"^DecisionTreeClassifier refuses rows .*'proto'.* put an encoder before it"
    ):
        NNGMixClassifier(DecisionTreeClassifier()).fit(X, y)


def test_members_that_take_no_texts_are_told_of() -> None:
    frame = pd.DataFrame({"a": np.arange(40.0), "kind": ["x", "y"] * 20})
    ensemble = NNGMixEnsemble(LogisticRegression(), n_bags=2, categorical_features="auto", random_state=0)
    with pytest.raises(
        ValueError, match=r"LogisticRegression refuses .* \('kind'\): .*; put an encoder before"
    ):
        ensemble.fit(frame, np.arange(40) < 3)


def test_unseen_categories_are_scored_alone_as_among_others() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.random(60), "kind": rng.choice(["x", "y"], 60)})
    ensemble = NNGMixEnsemble(n_bags=2, categorical_features="auto", random_state=0)
    ensemble.fit(frame, np.arange(60) < 4)
    new = frame[:5].assign(kind=["x", "never seen", "y", "w", "x"])
    together = ensemble.decision_function(new)
    assert np.isfinite(together).all()
    assert_array_equal(together, [ensemble.decision_function(new.iloc[[i]])[0] for i in range(5)])
