"""New rows in any parts after a fit: the bytes of `fit_resample`, in the type that came in."""

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nngmix
from comparison import METHODS, columns
from containers import matrix

NAMES = ["nng_mix", *METHODS]
ALL = pytest.mark.parametrize("name", NAMES)
TRANSFORMS = {
    "list": np.ndarray.tolist,
    "float32": lambda rows: rows.astype(np.float32),
    "pandas": lambda rows: pd.DataFrame(rows, columns=list("abc"), index=np.arange(200) + 7),
    "pandas, several types": lambda rows: pd.DataFrame(rows, columns=list("abc")).astype({"a": "Float64"}),
    "polars": lambda rows: pl.DataFrame(rows, schema=list("abc")),
    "table": lambda rows: pa.table(dict(zip("abc", rows.T, strict=True))),
    "batch": lambda rows: pa.RecordBatch.from_arrays([pa.array(column) for column in rows.T], list("abc")),
}

rng = np.random.default_rng(1)
X = rng.random((200, 3)) * [1, 10, 100]
KINDS = np.array((["dos", "probe", "probe"] + ["normal"] * 17) * 10)
Y = (KINDS == "dos").astype(int)


def sampler(name: str, **parameters: Any) -> Any:
    if name == "nng_mix":
        return nngmix.NNGMix(**{"random_state": 0, "n_samples": 50, **parameters})
    method = METHODS[name]
    return method.sampler(**{**method.parameters, "random_state": 0, "n_samples": 50, **parameters})


def same_plan(got: Any, expected: Any) -> bool:
    return all((getattr(got, name) == values).all() for name, values in columns(expected).items())


@ALL
@pytest.mark.parametrize("y", [Y, KINDS], ids=["one class", "several"])
def test_any_parts_are_those_of_fit_resample(name: str, y: Any) -> None:
    resampled = sampler(name)
    expected = resampled.fit_resample(X, y)[0][200:]
    fitted = sampler(name).fit(X, y)
    assert not hasattr(fitted, "plan_")
    assert not hasattr(fitted, "synthetic_mask_")
    assert fitted.n_samples_ == 50
    assert fitted.sampling_strategy_ == resampled.sampling_strategy_
    assert fitted.anomaly_labels_ == resampled.anomaly_labels_
    for cut in (0, 1, 23, 50):
        parts = [fitted.generate(cut), fitted.generate(50 - cut, cut)]
        assert np.concatenate(parts).tobytes() == expected.tobytes()
    rows, plan = fitted.generate(20, start=15, return_plan=True)
    assert rows.tobytes() == expected[15:35].tobytes()
    assert plan.start == 15
    assert same_plan(plan, resampled.plan_[15:35])
    # After fit_resample too, and wherever the sampler went in between.
    for other in (resampled, pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert other.generate(20, 15).tobytes() == rows.tobytes()


@ALL
def test_the_rows_of_a_class_have_no_end(name: str) -> None:
    fitted = sampler(name).fit(X, Y)
    many = sampler(name, n_samples=400).fit_resample(X, Y)[0][200:]
    assert fitted.generate(300, 100).tobytes() == many[100:].tobytes()
    assert fitted.generate(300, 100, label=1).tobytes() == many[100:].tobytes()
    several = sampler(name).fit(X, KINDS)
    probe, plan = several.generate(90, label="probe", return_plan=True)
    assert (KINDS[plan.anchor] == "probe").all()
    n_dos = several.sampling_strategy_["dos"]
    assert probe[: 50 - n_dos].tobytes() == several.generate(50 - n_dos, n_dos).tobytes()
    with pytest.raises(
        ValueError, match=r"end at n_samples_=50, got 51: take those of one class.* 'dos', 'probe'"
    ):
        several.generate(1, 50)
    with pytest.raises(ValueError, match=r"label must be that of a class .* 'dos', 'probe', got 'normal'"):
        several.generate(1, label="normal")


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_rows_come_in_the_type_of_x(kind: str) -> None:
    given = TRANSFORMS[kind](X)
    fitted = sampler("nng_mix").fit(given, Y)
    made = fitted.generate(30, 5)
    expected = sampler("nng_mix", append=False).fit_resample(given, Y)[0]
    assert type(made) is type(given)
    assert matrix(made).dtype == matrix(expected).dtype
    assert matrix(made).tobytes() == matrix(expected)[5:35].tobytes()
    if hasattr(made, "columns"):
        assert [*getattr(made, "schema", made.columns)] == [*getattr(expected, "schema", expected.columns)]
    # None of the rows that came is kept for the sake of their type alone.
    assert len(pickle.dumps(fitted)) < len(pickle.dumps(sampler("nng_mix").fit(np.tile(X, (9, 1)), [*Y] * 9)))


def test_a_generator_is_asked_once() -> None:
    fitted = sampler("nng_mix", random_state=np.random.default_rng(3)).fit(X, Y)
    assert fitted.generate(9).tobytes() == fitted.generate(9).tobytes()
    assert fitted.generate(5, 4).tobytes() == fitted.generate(9)[4:].tobytes()
    expected = sampler("nng_mix", random_state=np.random.default_rng(3)).fit_resample(X, Y)[0]
    assert fitted.generate(9).tobytes() == expected[200:209].tobytes()


def test_a_fit_searches_even_if_no_rows_are_asked_for() -> None:
    expected = sampler("nng_mix").fit_resample(X, Y)[0][200:]
    none = sampler("nng_mix", n_samples=0)
    assert none.fit(X, Y).generate(50).tobytes() == expected.tobytes()
    none.fit_resample(X, Y)
    with pytest.raises(ValueError, match="fit_resample made no row and looked for no neighbours: call fit"):
        none.generate(1)
    # More rows than the machine holds are made in parts, for fit makes none.
    assert sampler("nng_mix", n_samples=10**12).fit(X, Y).generate(50).tobytes() == expected.tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = sampler("nng_mix", n_neighbors=180).fit(X, Y)
    with pytest.warns(UserWarning, match="n_neighbors=10000000 is more than the 190 rows there are"):
        clamped = sampler("nng_mix", n_samples=0, n_neighbors=10**7).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert clamped.generate(5).shape == fitted.generate(5).shape


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="this NNGMix is not fitted yet: call fit or fit_resample first"):
        nngmix.NNGMix().generate(5)
    fitted = sampler("nng_mix").fit(X, Y)
    with pytest.raises(ValueError, match="n_samples must be at least 0, got -1"):
        fitted.generate(-1)
    with pytest.raises(TypeError, match=r"start must be an integer, got 1\.5"):
        fitted.generate(1, 1.5)
    with pytest.raises(ValueError, match="rows are numbered up to"):
        fitted.generate(1, 2**62)
    with pytest.raises(MemoryError, match="make them in parts with start"):
        fitted.generate(10**12)
