"""Samplers where people put them: pipelines, searches, ensembles; with weights, and one-hot labels."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from imblearn.ensemble import BalancedBaggingClassifier
from imblearn.pipeline import Pipeline
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.preprocessing import StandardScaler

import nngmix
from nngmix.methods.registry import METHODS
from parameter_errors import by_sampler

X = np.random.default_rng(5).random((300, 3))
Y = (np.arange(300) % 20 == 0).astype(int)

EVERY = pytest.mark.parametrize("sampler", [method.sampler for method in METHODS.values()])


@EVERY
def test_balanced_bagging(sampler: Any) -> None:
    model = BalancedBaggingClassifier(sampler=sampler(n_threads=1), n_estimators=2, random_state=0)
    assert model.fit(X, Y).predict(X).shape == (300,)


def test_steps_that_choose_columns_by_name() -> None:
    frame = pd.DataFrame(X, columns=["dur", "bytes", "rate"], index=np.arange(300) + 5000)
    by_name = ColumnTransformer([("scaled", StandardScaler(), ["dur", "rate"])])
    steps = [("s", nngmix.NNGMix(random_state=0)), ("c", by_name), ("m", LogisticRegression())]
    y = pd.Series(Y, index=frame.index, name="odd")
    model = Pipeline(steps).fit(frame, y)
    assert model.predict(frame).shape == (300,)
    X_new, y_new = steps[0][1].fit_resample(frame, y)
    assert X_new.columns.to_list() == ["dur", "bytes", "rate"]
    assert y_new.name == "odd"
    kept = frame.index.append(frame.index[steps[0][1].plan_.anchor])
    assert len(kept) == len(X_new)


def test_searches_and_cross_validation() -> None:
    model = Pipeline([("sampler", nngmix.NNGMix(random_state=0, n_threads=1)), ("m", LogisticRegression())])
    grid = {"sampler__n_neighbors": [3, 5], "sampler__sampling_strategy": ["auto", 0.3, {1: 100}]}
    search = GridSearchCV(model, grid, cv=2, n_jobs=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert np.isfinite(cross_validate(model, X, Y, cv=2, n_jobs=2)["test_score"]).all()


@EVERY
@pytest.mark.parametrize("missing", ["error", "keep"])
def test_tags_say_what_is_taken(sampler: Any, missing: str) -> None:
    tags = sampler(missing=missing).__sklearn_tags__()
    assert tags.target_tags.required
    assert tags.input_tags.allow_nan == (missing == "keep")
    assert not tags.input_tags.sparse


@EVERY
def test_a_new_row_has_the_weight_of_its_anchor(sampler: Any) -> None:
    fitted, weights = sampler(random_state=0), np.arange(300.0)
    X_new, y_new = fitted.fit_resample(X, Y, sample_weight=weights)
    assert X_new.tobytes() == sampler(random_state=0).fit_resample(X, Y)[0].tobytes()
    assert fitted.sample_weight_.tolist() == [*weights, *weights[fitted.plan_.anchor]]
    LogisticRegression().fit(X_new, y_new, sample_weight=fitted.sample_weight_)
    fitted.fit_resample(X, Y)
    assert not hasattr(fitted, "sample_weight_")
    with pytest.raises(ValueError, match=r"one for each of the 300 rows, got shape \(3,\)"):
        fitted.fit_resample(X, Y, sample_weight=[1, 2, 3])


def test_one_hot_labels_come_back_as_they_came() -> None:
    y = np.repeat([0, 1, 2], [200, 60, 40])
    expected = nngmix.NNGMix(sampling_strategy="auto", random_state=0).fit_resample(X, y)
    for one_hot in (np.eye(3)[y], np.eye(3, dtype=int)[y].tolist()):
        got = nngmix.NNGMix(sampling_strategy="auto", random_state=0).fit_resample(X, one_hot)
        assert got[0].tobytes() == expected[0].tobytes()
        assert type(got[1]) is type(one_hot)
        assert np.argmax(got[1], axis=1).tolist() == expected[1].tolist()
    with pytest.raises(ValueError, match="y must be 1-D"):
        nngmix.NNGMix().fit_resample(X, np.ones((300, 2)))


@EVERY
def test_new_rows_alone(sampler: Any) -> None:
    frame, y = pd.DataFrame(X, columns=list("abc")), pd.Series(Y, name="odd")
    fitted = sampler(random_state=0)
    both = fitted.fit_resample(frame, y, sample_weight=np.arange(300.0))
    assert fitted.synthetic_mask_.tolist() == [False] * 300 + [True] * fitted.n_samples_
    weights = fitted.sample_weight_
    fitted.set_params(append=False)
    alone = fitted.fit_resample(frame, y, sample_weight=np.arange(300.0))
    assert fitted.synthetic_mask_.tolist() == [True] * fitted.n_samples_
    assert fitted.sample_weight_.tolist() == weights[300:].tolist()
    pd.testing.assert_frame_equal(alone[0], both[0][300:].reset_index(drop=True))
    pd.testing.assert_series_equal(alone[1], both[1][300:].reset_index(drop=True))
    with pytest.raises(
        TypeError, match=by_sampler("append must be True or False, got 'no'", sampler.__name__)
    ):
        sampler(append="no").fit_resample(X, Y)


class Weighed(nngmix.NNGMix):
    """Keeps the weights of the pipeline that clones it."""

    seen: Any = None

    def fit_resample(self, X: Any, y: Any, *, sample_weight: Any = None) -> Any:
        type(self).seen = sample_weight
        return super().fit_resample(X, y, sample_weight=sample_weight)


def test_weights_are_routed_to_who_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.arange(300.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight=False)
        for asked, given in ((True, "sample_weight"), ("mine", "mine"), (False, "sample_weight")):
            sampler = clone(Weighed(random_state=0).set_fit_resample_request(sample_weight=asked))
            pipeline = Pipeline([("s", sampler), ("m", model)])
            if asked:
                pipeline.fit(X, Y, **{given: weights})
                assert Weighed.seen is weights
                expected = [*weights, *weights[pipeline["s"].plan_.anchor]]
                assert pipeline["s"].sample_weight_.tolist() == expected
            else:
                Weighed.seen = None
                with pytest.raises(TypeError, match="unexpected argument"):
                    pipeline.fit(X, Y, sample_weight=weights)
        with pytest.raises(ValueError, match="are not explicitly set as requested or not requested"):
            Pipeline([("s", Weighed()), ("m", model)]).fit(X, Y, sample_weight=weights)
        request = nngmix.Mixup().set_fit_resample_request(sample_weight=True).get_metadata_routing()
        assert request.fit_resample.requests == {"sample_weight": True}
        assert request.fit.requests == {}
        # As it is where imbalanced-learn was not imported.
        monkeypatch.setattr(nngmix.Mixup, "get_metadata_routing", lambda _: object())
        with pytest.raises(
            RuntimeError, match="only pipelines of imbalanced-learn call fit_resample: import"
        ):
            nngmix.Mixup().set_fit_resample_request(sample_weight=True)
    with pytest.raises(RuntimeError, match="metadata routing is off"):
        nngmix.NNGMix().set_fit_resample_request(sample_weight=True)


def test_frames_that_a_pipeline_sets() -> None:
    frame = pd.DataFrame(X, columns=list("abc"), index=np.arange(300) + 5)
    steps = [("z", StandardScaler()), ("s", nngmix.NNGMix(random_state=0)), ("m", LogisticRegression())]
    model = Pipeline(steps).set_output(transform="pandas").fit(frame, Y)
    assert model["s"].feature_names_in_.tolist() == list("abc")
    assert model["m"].feature_names_in_.tolist() == list("abc")
    assert model[:1].transform(frame).index.tolist() == frame.index.tolist()


@EVERY
def test_notebooks_show_what_scikit_learn_shows(sampler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sampler(anomaly_label="<b>")
    shown = made._repr_html_()
    assert "sk-top-container" in shown
    assert "<b>" not in shown.split("<pre>")[1].split("</pre>")[0]
    assert "Not fitted" in shown
    assert sampler.__name__ in Pipeline([("s", made), ("m", LogisticRegression())])._repr_html_()
    assert ">Fitted<" in sampler().fit(X, Y)._repr_html_()
    with sklearn.config_context(display="text"):
        assert made._repr_html_() is None
    monkeypatch.setitem(sys.modules, "sklearn.utils", None)
    assert made._repr_html_() == f"<pre>{sampler.__name__}(anomaly_label=&#x27;&lt;b&gt;&#x27;)</pre>"


def test_copies_say_which_rows_they_are() -> None:
    copies = nngmix.Duplicate(random_state=0)
    X_new, y_new = copies.fit_resample(X, Y)
    assert (X_new == X[copies.sample_indices_]).all()
    assert (y_new == Y[copies.sample_indices_]).all()
    alone = nngmix.Duplicate(random_state=0, append=False)
    assert (alone.fit_resample(X, Y)[0] == X[alone.sample_indices_]).all()
    assert not hasattr(copies.fit(X, Y), "sample_indices_")
