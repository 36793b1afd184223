"""NNGMix as a sampler: how many rows, of what kind, where they come from, and the contracts of the field."""

import copy
import pickle
from pathlib import Path
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
from containers import labels, matrix
from nngmix import NNGMix
from shell import shell
from small_blocks import small_blocks


def data(dtype: Any = np.float64, n_anomalies: int = 12, n: int = 400, d: int = 5) -> tuple[Any, Any]:
    """Anomalies scattered among the rows, columns in very different units."""
    rng = np.random.default_rng(4)
    X = rng.standard_normal((n, d)) * 10.0 ** np.arange(d) + np.arange(d)
    y = np.zeros(n, int)
    y[rng.choice(n, n_anomalies, replace=False)] = 1
    X[y == 1] += 2 * 10.0 ** np.arange(d)
    return X.astype(dtype), y


X, Y = data()
N_ANOMALIES, N_UNLABELED = 12, 388


# ---- how many ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, round(0.1 * N_UNLABELED) - N_ANOMALIES),
        ({"sampling_strategy": 0.1}, round(0.1 * N_UNLABELED) - N_ANOMALIES),
        ({"sampling_strategy": 1}, N_UNLABELED - N_ANOMALIES),
        ({"sampling_strategy": 0.5}, N_UNLABELED // 2 - N_ANOMALIES),
        ({"multiplier": 10}, 120),
        ({"multiplier": 2.5}, 30),
        ({"multiplier": 0}, 0),
        ({"n_samples": 7}, 7),
        ({"n_samples": 0}, 0),
    ],
)
def test_so_many_rows_are_made(parameters: Any, expected: int) -> None:
    sampler = NNGMix(random_state=0, **parameters)
    X_new, y_new = sampler.fit_resample(X, Y)
    assert sampler.n_samples_ == len(sampler.plan_) == expected
    assert X_new.shape == (400 + expected, 5)
    assert y_new.shape == (400 + expected,)
    assert sampler.n_features_in_ == 5


def test_a_share_already_reached_makes_none_and_warns_once() -> None:
    with pytest.warns(
        UserWarning, match=r"12 labelled anomalies are already at least 2\.0% of the 388"
    ) as record:
        X_new, y_new = NNGMix(sampling_strategy=0.02).fit_resample(X, Y)
    assert len(record) == 1
    assert record[0].filename == __file__
    assert X_new.tobytes() == X.tobytes()
    assert y_new.tobytes() == Y.tobytes()


# ---- what comes back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_rows_of_the_input_come_first_and_unchanged(dtype: Any, scale: str | None) -> None:
    given_X, given_y = X.astype(dtype), Y.copy()
    X_before, y_before = given_X.copy(), given_y.copy()
    X_new, y_new = NNGMix(n_samples=50, scale=scale, random_state=0).fit_resample(given_X, given_y)
    assert X_new.dtype == dtype
    assert (X_new[:400] == given_X).all()
    assert (y_new[:400] == given_y).all()
    assert (y_new[400:] == 1).all()
    assert np.isfinite(X_new).all()
    assert given_X.tobytes() == X_before.tobytes()
    assert given_y.tobytes() == y_before.tobytes()


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (Y.astype(np.int8), {}),
        (Y.astype(np.float32), {}),
        (Y.astype(bool), {}),
        (Y == 1, {"anomaly_label": True, "unlabeled_label": False}),
        (np.where(Y == 1, -1, 1), {"anomaly_label": -1, "unlabeled_label": 1}),
        (np.where(Y == 1, 1, -1), {"unlabeled_label": -1}),
        (np.where(Y == 1, "fraud", "normal"), {"anomaly_label": "fraud", "unlabeled_label": "normal"}),
        (
            np.where(Y == 1, "fraud", "normal").astype(object),
            {"anomaly_label": "fraud", "unlabeled_label": "normal"},
        ),
        (1 - Y, {"anomaly_label": 0}),
    ],
)
def test_labels_keep_their_kind(y: NDArray[Any], labels: Any) -> None:
    expected, _ = NNGMix(n_samples=30, random_state=0).fit_resample(X, Y)
    X_new, y_new = NNGMix(n_samples=30, random_state=0, **labels).fit_resample(X, y)
    assert X_new.tobytes() == expected.tobytes()
    assert y_new.dtype == y.dtype
    assert (y_new[:400] == y).all()
    assert (y_new[400:] == labels.get("anomaly_label", 1)).all()


def test_frames_series_and_lists_are_accepted() -> None:
    expected = NNGMix(n_samples=30, random_state=0).fit_resample(X, Y)
    frame = pd.DataFrame(X, columns=list("abcde"), index=np.arange(400)[::-1])
    for given_X, given_y in (
        (frame, pd.Series(Y, index=frame.index)),
        (frame, Y),
        (X.tolist(), Y.tolist()),
    ):
        got = NNGMix(n_samples=30, random_state=0).fit_resample(given_X, given_y)
        assert matrix(got[0]).tobytes() == expected[0].tobytes()
        assert (labels(got[1]) == expected[1]).all()
    mixed = frame.assign(a=frame["a"].round().astype(int), b=frame["b"].astype(np.float32))
    kinds = NNGMix(n_samples=30, random_state=0).fit_resample(mixed, Y)[0].dtypes.astype(str)
    assert kinds.to_list() == ["int64", "float32", "float64", "float64", "float64"]
    with pytest.raises(TypeError, match="X must hold real numbers"):
        NNGMix(n_samples=30).fit_resample(frame.assign(e="text"), Y)


# ---- where they come from ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["minmax", "standard", None])
@pytest.mark.parametrize("unlabeled_fraction", [0.0, 0.5, 1.0])
def test_the_plan_tells_what_every_row_is_made_of(scale: str | None, unlabeled_fraction: float) -> None:
    sampler = NNGMix(
        n_samples=300, noise_std=0, scale=scale, unlabeled_fraction=unlabeled_fraction, random_state=0
    )
    made = sampler.fit_resample(X, Y)[0][400:]
    plan = sampler.plan_
    lam = plan.lam[:, None]
    np.testing.assert_allclose(made, lam * X[plan.anchor] + (1 - lam) * X[plan.partner], rtol=1e-9, atol=1e-9)
    assert (Y[plan.anchor] == 1).all()
    assert (Y[plan.partner] == ~plan.unlabeled).all()
    assert (plan.partner != plan.anchor).all()
    # Partners are among the nearest of the scaled columns.
    width = {"minmax": np.ptp(X, axis=0), "standard": X.std(axis=0), None: 1.0}[scale]
    scaled = X / width
    for pool, rows, k in (
        (plan.unlabeled, np.flatnonzero(Y == 0), 10),
        (~plan.unlabeled, np.flatnonzero(Y), 9),
    ):
        for anchor, neighbor, partner in zip(
            plan.anchor[pool], plan.neighbor[pool], plan.partner[pool], strict=True
        ):
            others = rows[rows != anchor]
            order = others[np.argsort(((scaled[others] - scaled[anchor]) ** 2).sum(axis=1))]
            assert neighbor < k
            assert order[neighbor] == partner


def test_rows_are_those_of_the_function_on_scaled_columns() -> None:
    low, width = X.min(axis=0), np.ptp(X, axis=0)
    scaled = (X - low) / width
    expected = nngmix.nng_mix(scaled[Y == 1], scaled[Y == 0], 60, random_state=3) * width + low
    got = NNGMix(n_samples=60, random_state=3).fit_resample(X, Y)[0][400:]
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    expected = nngmix.nng_mix(X[Y == 1], X[Y == 0], 60, random_state=3)
    got = NNGMix(n_samples=60, random_state=3, scale=None).fit_resample(X, Y)[0][400:]
    assert got.tobytes() == expected.tobytes()


def test_every_parameter_reaches_the_method() -> None:
    parameters: dict[str, Any] = {
        "n_neighbors": 4,
        "n_neighbors_anomaly": 3,
        "noise_std": 0.3,
        "alpha": 0.7,
        "beta": 2.0,
        "unlabeled_fraction": 0.8,
    }
    expected = nngmix.nng_mix(X[Y == 1], X[Y == 0], 80, random_state=3, **parameters)
    sampler = NNGMix(n_samples=80, random_state=3, scale=None, n_threads=2, **parameters)
    assert sampler.fit_resample(X, Y)[0][400:].tobytes() == expected.tobytes()
    for name in parameters:
        other = clone(sampler).set_params(**{name: NNGMix().get_params()[name]})
        assert other.fit_resample(X, Y)[0][400:].tobytes() != expected.tobytes(), name


@pytest.mark.parametrize("scale", ["minmax", "standard"])
def test_units_do_not_matter(scale: str) -> None:
    expected = NNGMix(n_samples=200, scale=scale, random_state=0).fit_resample(X, Y)[0]
    sampler = NNGMix(n_samples=200, scale=scale, random_state=0)
    got = sampler.fit_resample(X * 1000 + 5, Y)[0]
    np.testing.assert_allclose((got - 5) / 1000, expected, rtol=1e-7, atol=1e-9)
    # Powers of two change no digit at all.
    exact = sampler.fit_resample(X * 2.0**20, Y)[0] / 2.0**20
    assert exact.tobytes() == expected.tobytes()


def test_a_constant_column_stays_constant_without_noise() -> None:
    flat = X.copy()
    flat[:, 2] = 7.5
    for scale in ("minmax", "standard", None):
        made = NNGMix(n_samples=100, noise_std=0, scale=scale, random_state=0).fit_resample(flat, Y)[0]
        np.testing.assert_allclose(made[:, 2], 7.5, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", ["minmax", "standard", None])
def test_blocks_do_not_matter(dtype: Any, scale: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    given_X = X.astype(dtype)
    expected = NNGMix(n_samples=100, scale=scale, random_state=0)
    rows = expected.fit_resample(given_X, Y)[0]
    small_blocks(monkeypatch, 37)
    got = NNGMix(n_samples=100, scale=scale, random_state=0)
    for layout in (given_X, np.asfortranarray(given_X)):
        assert got.fit_resample(layout, Y)[0].tobytes() == rows.tobytes()
        assert (got.plan_.partner == expected.plan_.partner).all()


# ---- contracts ---------------------------------------------------------------------------------------------


def test_the_same_sampler_gives_the_same_rows_twice() -> None:
    sampler = NNGMix(n_samples=20, random_state=0)
    assert sampler.fit_resample(X, Y)[0].tobytes() == sampler.fit_resample(X, Y)[0].tobytes()
    fresh = NNGMix(n_samples=20)
    assert fresh.fit_resample(X, Y)[0].tobytes() != fresh.fit_resample(X, Y)[0].tobytes()


def test_parameters_are_kept_cloned_and_set() -> None:
    sampler = NNGMix(
        sampling_strategy=0.3, n_neighbors=4.5, scale=None, random_state=np.random.RandomState(0)
    )
    parameters = sampler.get_params()
    assert parameters["n_neighbors"] == 4.5
    assert set(parameters) == set(NNGMix.__init__.__annotations__) - {"return"}
    twin = clone(sampler)
    assert type(twin) is NNGMix
    assert twin is not sampler
    same = {name: value for name, value in twin.get_params().items() if name != "random_state"}
    assert same == {name: value for name, value in parameters.items() if name != "random_state"}
    assert sampler.set_params(alpha=1.0, scale="standard") is sampler
    assert (sampler.alpha, sampler.scale) == (1.0, "standard")
    assert twin.alpha == 0.2
    # Bad values are refused when they are used, as scikit-learn has it, not when they are set.
    sampler.set_params(alpha=-1)


def test_a_fitted_sampler_is_cloned_unfitted_and_pickles() -> None:
    sampler = NNGMix(n_samples=20, random_state=0)
    sampler.fit_resample(X, Y)
    assert not hasattr(clone(sampler), "plan_")
    for other in (pickle.loads(pickle.dumps(sampler)), copy.deepcopy(sampler)):
        assert other.get_params() == sampler.get_params()
        assert (other.plan_.lam == sampler.plan_.lam).all()


def test_the_repr_says_what_was_changed() -> None:
    assert repr(NNGMix()) == "NNGMix()"
    assert repr(NNGMix(sampling_strategy=0.2, n_neighbors=5, scale=None)) == (
        "NNGMix(sampling_strategy=0.2, n_neighbors=5, scale=None)"
    )
    assert eval(repr(NNGMix(n_samples=3))).n_samples == 3


def test_it_works_in_a_pipeline_under_cross_validation() -> None:
    pipeline = Pipeline(
        [
            ("augment", NNGMix(multiplier=5, n_neighbors_anomaly=4, random_state=0)),
            ("model", RandomForestClassifier(n_estimators=20, random_state=0)),
        ]
    )
    scores = cross_val_score(pipeline, X, Y, cv=3, scoring="roc_auc")
    assert scores.shape == (3,)
    assert scores.mean() > 0.8
    # Rows are made in training alone.
    pipeline.fit(X, Y)
    assert pipeline.predict(X).shape == (400,)
    assert pipeline.named_steps["augment"].n_samples_ == 60
    pipeline.set_params(augment__multiplier=1).fit(X, Y)
    assert pipeline.named_steps["augment"].n_samples_ == 12


def test_a_hundred_thousand_categories_in_one_column(tmp_path: Path) -> None:
    """By the function, by a table from disk, and by the shell: the same rows."""
    n = 100_000
    frame = pd.DataFrame({"a": np.random.default_rng(0).random(n), "c": [f"id {i}" for i in range(n)]})
    asked = {"categorical_features": "auto", "categorical_weight": 1.0}
    made = nngmix.nng_mix(frame[:20], frame[20:], 50, random_state=0, **asked)
    assert set(made["c"]) <= set(frame["c"])
    nngmix.NeighborTable(frame[:20], **asked).update(frame[20:]).save(tmp_path / "t.npz")
    table = nngmix.NeighborTable.load(tmp_path / "t.npz")
    assert table.decoded(table.rows(0, 50, random_state=0)).tolist() == made.to_numpy(object).tolist()
    frame.assign(odd=np.arange(n) < 20).to_parquet(tmp_path / "in.parquet")
    options = [
        "--label",
        "odd",
        "--anomaly",
        "true",
        "-n",
        "50",
        "--seed",
        "0",
        "--only-new",
        "--categorical",
        "auto",
        "--whole",
        "none",
    ]
    options += ["--categorical-weight", "1", "--scale", "none", "-o", tmp_path / "out.parquet"]
    done = shell("augment", tmp_path / "in.parquet", *options)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.parquet")[["a", "c"]], made)
