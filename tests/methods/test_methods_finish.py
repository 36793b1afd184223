"""New rows of samplers and functions hold what their columns hold: one value, whole numbers, a range."""

import inspect
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nngmix
from nngmix import reference

SAMPLERS = [nngmix.NNGMix, nngmix.Mixup, nngmix.Cutout, nngmix.CutMix, nngmix.GaussianNoise, nngmix.Duplicate]
FUNCTIONS = [
    nngmix.nng_mix,
    nngmix.mixup,
    nngmix.cutout,
    nngmix.cutmix,
    nngmix.gaussian_noise,
    nngmix.duplicate,
]
NAMES = ["rate", "count", "flag", "seven"]
N_ROWS = 150
Y = (np.arange(N_ROWS) % 15 == 0).astype(int)


def table(seed: int = 0) -> Any:
    """A fraction, counts from 0 to 200, 0 or 1, and one value."""
    rng = np.random.default_rng(seed)
    flag = rng.integers(0, 2, N_ROWS)
    return np.column_stack([rng.random(N_ROWS), rng.integers(0, 201, N_ROWS), flag, np.full(N_ROWS, 7.0)])


def sampler(kind: Any, **parameters: Any) -> Any:
    known = inspect.signature(kind).parameters
    asked = {"n_samples": 200, "random_state": 3, "partners": "all", **parameters}
    return kind(**{name: value for name, value in asked.items() if name in known})


@pytest.mark.parametrize("scale", ["minmax", "standard", None])
@pytest.mark.parametrize("kind", SAMPLERS)
def test_samplers_keep_what_all_values_of_a_column_are(kind: Any, scale: str | None) -> None:
    X = table()
    made = sampler(kind, scale=scale, noise_std=0.3, append=False).fit_resample(X, Y)[0]
    assert made.dtype == np.float64
    np.testing.assert_array_equal(made[:, 1:3], np.rint(made[:, 1:3]))
    if kind is not nngmix.Cutout or scale is not None:
        # Without a scale Cutout's 0 is 0, which no row has there; the column is still one of one value.
        assert (made[:, 3] == 7).all()
    if kind in (nngmix.NNGMix, nngmix.Mixup, nngmix.GaussianNoise):
        assert (made[:, 0] != np.rint(made[:, 0])).any()


def test_the_finish_is_the_reference_on_the_rows_without_one() -> None:
    X = table()
    plain = sampler(nngmix.NNGMix, scale=None, whole_features=None, append=False)
    expected = reference.finish(
        plain.fit_resample(X, Y)[0],
        np.array([-np.inf, -np.inf, -np.inf, 7]),
        np.array([np.inf, np.inf, np.inf, 7]),
        np.array([False, True, True, True]),
    )
    made = sampler(nngmix.NNGMix, scale=None, append=False).fit_resample(X, Y)[0]
    assert made.tobytes() == expected.tobytes()
    without = nngmix.nng_mix(X[Y == 1], X[Y == 0], 200, random_state=3)
    assert plain.fit_resample(X, Y)[0].tobytes() == without.tobytes()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.uint64, ">i4"])
@pytest.mark.parametrize("kind", SAMPLERS)
def test_arrays_of_integers_stay_so_within_their_type(kind: Any, dtype: Any) -> None:
    X = table()[:, 1:].astype(dtype)
    asked = sampler(kind, noise_std=0.4)
    made = asked.fit_resample(X, Y)[0]
    assert made.dtype == np.dtype(dtype)
    assert np.array_equal(made[:N_ROWS], X)
    # As floats, but that these know no type: the largest noise leaves 0..255 there.
    floats = asked.fit_resample(X.astype(float), Y)[0]
    limits = np.iinfo(np.dtype(dtype))
    assert np.array_equal(made, np.clip(floats, float(limits.min), float(limits.max)))
    again = pickle.loads(pickle.dumps(asked.fit(X, Y))).generate(50, 20)
    assert np.array_equal(again, made[N_ROWS + 20 :][:50])
    assert again.dtype == np.dtype(dtype)


FRAMES = {
    "pandas": lambda X: pd.DataFrame(
        {"rate": X[:, 0], "count": X[:, 1].astype("int16"), "flag": X[:, 2].astype("uint8")}
    ),
    "pandas, nullable": lambda X: pd.DataFrame(
        {"rate": X[:, 0], "count": X[:, 1].astype(int), "flag": X[:, 2].astype(int)}
    ).astype({"count": "Int64", "flag": "UInt8"}),
    "pandas, Arrow": lambda X: pd.DataFrame(
        {"rate": X[:, 0], "count": X[:, 1].astype(int), "flag": X[:, 2].astype(int)}
    ).astype({"count": "int64[pyarrow]", "flag": "int8[pyarrow]"}),
    "pandas, integers alone": lambda X: pd.DataFrame(
        {"count": X[:, 1].astype(int), "flag": X[:, 2].astype(int)}
    ),
    "pandas, sparse": lambda X: pd.DataFrame(
        {"rate": X[:, 0], "count": X[:, 1].astype(int), "flag": X[:, 2].astype(int)}
    ).astype({"flag": pd.SparseDtype("int64", 0)}),
    "polars": lambda X: pl.DataFrame(
        {"rate": X[:, 0], "count": X[:, 1].astype("int16"), "flag": X[:, 2].astype("int8")}
    ),
    "Arrow": lambda X: pa.table(
        {"rate": X[:, 0], "count": X[:, 1].astype("int32"), "flag": X[:, 2].astype("int8")}
    ),
    "Arrow batch": lambda X: pa.record_batch({"rate": X[:, 0], "count": X[:, 1].astype("int64")}),
}


def types(frame: Any) -> list[str]:
    return [
        str(kind)
        for kind in (
            frame.schema.types
            if hasattr(frame, "schema") and hasattr(frame.schema, "types")
            else frame.dtypes
        )
    ]


def values(frame: Any) -> Any:
    frame = frame.to_pandas() if not isinstance(frame, pd.DataFrame) else frame
    return np.column_stack([np.asarray(frame[name], dtype=float) for name in frame.columns])


@pytest.mark.parametrize("name", FRAMES)
def test_frames_keep_their_types_of_integers_and_the_values_of_arrays(name: str) -> None:
    frame = FRAMES[name](table())
    asked = sampler(nngmix.NNGMix)
    made = asked.fit_resample(frame, Y)[0]
    assert type(made) is type(frame)
    assert types(made) == types(frame)
    assert np.array_equal(values(made), asked.fit_resample(values(frame), Y)[0])
    part = asked.fit(frame, Y).generate(10)
    assert types(part) == types(frame)
    assert np.array_equal(values(part), values(made)[N_ROWS:][:10])


def test_columns_are_whole_if_they_are_declared_or_if_nothing_is() -> None:
    frame = FRAMES["pandas"](table())
    made = sampler(nngmix.NNGMix, whole_features=["flag", "rate"]).fit_resample(frame, Y)[0]
    assert types(made) == ["float64", "float64", "uint8"]
    assert set(made["rate"][N_ROWS:]) <= {0.0, 1.0}
    assert (made["count"][N_ROWS:] % 1 != 0).any()
    mask = sampler(nngmix.NNGMix, whole_features=[True, False, True]).fit_resample(frame, Y)[0]
    pd.testing.assert_frame_equal(mask, made)
    plain = sampler(nngmix.NNGMix, whole_features=None).fit_resample(frame, Y)[0]
    assert types(plain) == ["float64"] * 3
    with pytest.raises(ValueError, match="no column 'flags'; the nearest is 'flag'"):
        sampler(nngmix.NNGMix, whole_features=["flags"]).fit_resample(frame, Y)
    with pytest.raises(ValueError, match="'clip' parameter of NNGMix must be 'unlabeled'"):
        sampler(nngmix.NNGMix, clip="both").fit_resample(frame, Y)


def test_lists_of_whole_numbers_stay_so() -> None:
    made = sampler(nngmix.NNGMix).fit_resample(table()[:, 1:].astype(int).tolist(), Y)[0]
    assert {type(value) for row in made for value in row} == {int}


@pytest.mark.parametrize("kind", SAMPLERS)
@pytest.mark.parametrize("clip", ["unlabeled", "anomaly"])
def test_new_rows_stay_within_the_range_that_is_asked_for(kind: Any, clip: Any) -> None:
    X = np.random.default_rng(5).normal(size=(N_ROWS, 3))
    X[Y == 1, 0] += 2
    among = X[(clip == "anomaly") == Y]
    made = sampler(kind, clip=clip, noise_std=1.0, append=False).fit_resample(X, Y)[0]
    assert (made >= among.min(axis=0)).all()
    assert (made <= among.max(axis=0)).all()
    free = sampler(kind, noise_std=1.0, append=False).fit_resample(X, Y)[0]
    np.testing.assert_allclose(made, np.clip(free, among.min(axis=0), among.max(axis=0)), atol=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_finish_if_they_are_asked(function: Any) -> None:
    X = table()
    rows = (X[Y == 1], X[Y == 0])[: 2 if "X_unlabeled" in inspect.signature(function).parameters else 1]
    plain = function(*rows, 100, random_state=1)
    made, plan = function(*rows, 100, random_state=1, whole_features="auto", clip="anomaly", return_plan=True)
    low, high = rows[0].min(axis=0), rows[0].max(axis=0)
    expected = reference.finish(plain, low, high, np.array([False, True, True, True]))
    assert made.tobytes() == expected.tobytes()
    assert len(plan) == 100
    out = np.empty((30, 4))
    function(*rows, 30, random_state=1, start=20, whole_features=[1, 2, 3], clip="anomaly", out=out)
    assert out.tobytes() == expected[20:50].tobytes()


def test_functions_give_integers_if_they_are_asked() -> None:
    X = table()[:, 1:].astype(np.uint8)
    made = nngmix.nng_mix(X[Y == 1], X[Y == 0], 50, random_state=0, whole_features="auto")
    assert made.dtype == np.uint8
    assert nngmix.nng_mix(X[Y == 1], X[Y == 0], 50, random_state=0).dtype == np.float64
    # Partners may lie beyond what the type of the anomalies holds: then it is not theirs.
    wide = X[Y == 0].astype(np.int64) * 10
    assert nngmix.nng_mix(X[Y == 1], wide, 50, random_state=0, whole_features="auto").dtype == np.float64
    with pytest.raises(ValueError, match="clip='unlabeled' needs unlabelled rows"):
        nngmix.duplicate(X, 5, clip="unlabeled")
