"""The samplers of the comparison methods: amounts, rows, units, and the contracts of the field."""

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

import nngmix
from comparison import METHODS, columns
from containers import labels, matrix
from nngmix.methods.sampler import Sampler

ALL = pytest.mark.parametrize("name", METHODS)


def data(dtype: Any = np.float64) -> tuple[NDArray[Any], NDArray[Any]]:
    """Twelve anomalies scattered among 400 rows, columns in very different units."""
    rng = np.random.default_rng(4)
    X = rng.standard_normal((400, 5)) * 10.0 ** np.arange(5) + np.arange(5)
    y = np.zeros(400, int)
    y[rng.choice(400, 12, replace=False)] = 1
    X[y == 1] += 2 * 10.0 ** np.arange(5)
    return X.astype(dtype), y


X, Y = data()
LOW, SPAN = X.min(axis=0), np.ptp(X, axis=0)


def sampler(name: str, **parameters: Any) -> Any:
    method = METHODS[name]
    if method.sampler is nngmix.Duplicate:
        parameters.pop("scale", None)
    return method.sampler(**{**method.parameters, "random_state": 0, **parameters})


def test_names_that_come_out_are_those_that_went_in() -> None:
    fitted = nngmix.Mixup().fit(pd.DataFrame(X, columns=list("abcde")), Y)
    assert fitted.get_feature_names_out(list("abcde")).tolist() == list("abcde")
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        fitted.get_feature_names_out(list("abcdf"))
    with pytest.raises(ValueError, match=r"length equal to number of features \(5\), got 4"):
        nngmix.Mixup().fit(X, Y).get_feature_names_out(list("abcd"))


# ---- how many, and what comes back ------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, round(0.1 * 388) - 12),
        ({"sampling_strategy": 0.5}, 388 // 2 - 12),
        ({"multiplier": 2.5}, 30),
        ({"n_samples": 7}, 7),
        ({"n_samples": 0}, 0),
    ],
)
def test_so_many_rows_are_made(name: str, parameters: Any, expected: int) -> None:
    made = sampler(name, **parameters)
    X_new, y_new = made.fit_resample(X, Y)
    assert made.n_samples_ == len(made.plan_) == expected
    assert made.n_features_in_ == 5
    assert X_new.shape == (400 + expected, 5)
    assert X_new[:400].tobytes() == X.tobytes()
    assert y_new.tolist() == Y.tolist() + [1] * expected


@ALL
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_rows_of_the_input_come_first_and_unchanged(name: str, dtype: Any, scale: str | None) -> None:
    given_X = X.astype(dtype)
    before = given_X.copy()
    X_new, _ = sampler(name, n_samples=50, scale=scale).fit_resample(given_X, Y)
    assert X_new.dtype == dtype
    assert (X_new[:400] == given_X).all()
    assert np.isfinite(X_new).all()
    assert given_X.tobytes() == before.tobytes()


@ALL
def test_labels_frames_and_lists_are_accepted(name: str) -> None:
    expected = sampler(name, n_samples=30).fit_resample(X, Y)[0]
    frame = pd.DataFrame(X, columns=list("abcde"), index=np.arange(400)[::-1])
    words = np.where(Y == 1, "fraud", "normal")
    meant = {"anomaly_label": "fraud", "unlabeled_label": "normal"}
    for given_X, given_y, named in (
        (frame, pd.Series(Y, index=frame.index), {}),
        (X.tolist(), Y.tolist(), {}),
        (X, words, meant),
        (np.asfortranarray(X), np.where(Y == 1, -1, 1), {"anomaly_label": -1, "unlabeled_label": 1}),
    ):
        got = sampler(name, n_samples=30, **named).fit_resample(given_X, given_y)
        assert matrix(got[0]).tobytes() == expected.tobytes()
        assert (labels(got[1])[400:] == named.get("anomaly_label", 1)).all()


# ---- where they come from ----------------------------------------------------------------------------------


@ALL
def test_without_scaling_rows_are_those_of_the_function(name: str) -> None:
    made = sampler(name, n_samples=80, scale=None, n_threads=2)
    got = made.fit_resample(X, Y)[0][400:]
    expected, plan = METHODS[name](X[Y == 1], X[Y == 0], 80, random_state=0, return_plan=True)
    assert got.tobytes() == expected.tobytes()
    # The sampler's plan speaks of the rows of X.
    assert (made.plan_.anchor == np.flatnonzero(Y)[plan.anchor]).all()
    for column, values in columns(plan).items():
        if column not in ("anchor", "partner"):
            assert (getattr(made.plan_, column) == values).all()
    if METHODS[name].has_partners:
        assert (Y[made.plan_.partner] == ~made.plan_.unlabeled).all()
        pool = np.where(plan.unlabeled, plan.partner, 0), np.where(plan.unlabeled, 0, plan.partner)
        rows = np.where(plan.unlabeled[:, None], X[Y == 0][pool[0]], X[Y == 1][pool[1]])
        assert (X[made.plan_.partner] == rows).all()


@ALL
def test_scaled_rows_are_those_of_the_function_on_scaled_columns(name: str) -> None:
    scaled = (X - LOW) / SPAN
    expected = METHODS[name](scaled[Y == 1], scaled[Y == 0], 80, random_state=0) * SPAN + LOW
    got = sampler(name, n_samples=80).fit_resample(X, Y)[0][400:]
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@ALL
def test_every_parameter_reaches_the_method(name: str) -> None:
    made = sampler(name, n_samples=80, scale=None)
    rows = made.fit_resample(X, Y)[0].tobytes()
    for parameter, value in METHODS[name].parameters.items():
        default = METHODS[name].sampler().get_params()[parameter]
        if value != default:
            other = clone(made).set_params(**{parameter: default})
            assert other.fit_resample(X, Y)[0].tobytes() != rows, parameter


@ALL
@pytest.mark.parametrize("scale", ["minmax", "standard"])
def test_units_do_not_matter(name: str, scale: str) -> None:
    made = sampler(name, n_samples=200, scale=scale)
    expected = made.fit_resample(X, Y)[0]
    # Powers of two change no digit at all.
    assert (made.fit_resample(X * 2.0**20, Y)[0] / 2.0**20).tobytes() == expected.tobytes()


@ALL
def test_one_anomaly_is_enough(name: str) -> None:
    one = np.zeros(400, int)
    one[7] = 1
    made = sampler(name, n_samples=40)
    rows = made.fit_resample(X, one)[0][400:]
    assert (made.plan_.anchor == 7).all()
    assert np.isfinite(rows).all()
    if METHODS[name].has_partners:
        assert (made.plan_.partner != 7).all() == ("all" in name)


# ---- contracts ---------------------------------------------------------------------------------------------


@ALL
def test_parameters_are_kept_cloned_and_set(name: str) -> None:
    made = sampler(name, n_samples=20)
    assert isinstance(made, Sampler)
    parameters = made.get_params()
    assert set(parameters) == set(type(made).__init__.__annotations__) - {"return"}
    common = set(nngmix.Duplicate().get_params())
    assert common <= set(nngmix.NNGMix().get_params())
    assert set(parameters) - common == {*METHODS[name].parameters} | (
        set() if name == "duplicate" else {"scale"}
    )
    assert clone(made).get_params() == parameters
    assert made.set_params(n_samples=30) is made
    assert made.n_samples == 30
    with pytest.raises(ValueError, match="unknown parameter 'k', expected one of sampling_strategy"):
        made.set_params(k=5)
    assert eval(repr(made), {**vars(nngmix)}).get_params() == made.get_params()
    assert repr(type(made)()) == f"{type(made).__name__}()"
    assert repr(type(made)(sampling_strategy=0.2)) == f"{type(made).__name__}(sampling_strategy=0.2)"


@ALL
def test_a_fitted_sampler_repeats_itself_clones_and_pickles(name: str) -> None:
    made = sampler(name, n_samples=20)
    rows = made.fit_resample(X, Y)[0].tobytes()
    assert made.fit_resample(X, Y)[0].tobytes() == rows
    assert not hasattr(clone(made), "plan_")
    for other in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert other.get_params() == made.get_params()
        assert (other.plan_.anchor == made.plan_.anchor).all()
        assert other.fit_resample(X, Y)[0].tobytes() == rows
    fresh = clone(made).set_params(random_state=None)
    assert fresh.fit_resample(X, Y)[0].tobytes() != fresh.fit_resample(X, Y)[0].tobytes()


@ALL
def test_it_works_in_a_pipeline_under_cross_validation(name: str) -> None:
    model = RandomForestClassifier(n_estimators=10, random_state=0)
    pipeline = Pipeline([("augment", sampler(name, multiplier=5)), ("model", model)])
    assert cross_val_score(pipeline, X, Y, cv=3, scoring="roc_auc").mean() > 0.8
    pipeline.set_params(augment__multiplier=1).fit(X, Y)
    assert pipeline.named_steps["augment"].n_samples_ == 12
    assert pipeline.predict(X).shape == (400,)


@pytest.mark.parametrize("n_threads", [2**63, 2**64, 10**300])
@pytest.mark.parametrize("name", [*METHODS, "NNGMix"])
def test_more_threads_than_can_be_counted_are_all(name: str, n_threads: int) -> None:
    X, y = data()
    kind = nngmix.NNGMix if name == "NNGMix" else METHODS[name].sampler
    expected, _ = kind(n_samples=5, random_state=0).fit_resample(X, y)
    for given in (X, np.asfortranarray(X), pd.DataFrame(X)):
        made, _ = kind(n_samples=5, random_state=0, n_threads=n_threads).fit_resample(given, y)
        assert np.asarray(made).tobytes() == expected.tobytes()
