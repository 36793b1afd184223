"""Samplers on frames of numbers and categories, either of which may miss values."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nngmix.stream
from nngmix.methods.registry import METHODS

rng = np.random.default_rng(7)
N = 400
Y = np.arange(N) < 12
X = pd.DataFrame(
    {
        "duration": rng.random(N) * 100,
        "protocol": pd.Categorical(
            rng.choice(["tcp", "udp", "icmp"], N), categories=["unseen", "udp", "tcp", "icmp"], ordered=True
        ),
        "service": pd.Series(rng.choice(["http", "ftp", "dns", ""], N)).replace("", None),
        "flag": rng.random(N) < 0.3,
        "count": rng.integers(0, 50, N).astype(np.int16),
        "rate": np.where(rng.random(N) < 0.1, np.nan, rng.random(N)),
        "constant": 1.5,
    }
)
KINDS = ["protocol", "service", "flag"]
WAYS: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.from_pandas, "Arrow": pa.Table.from_pandas}
EVERY = pytest.mark.parametrize("name", METHODS)


def sampler(name: str, **options: Any) -> Any:
    asked = {"categorical_features": "auto", "missing": "keep", "multiplier": 5, "random_state": 0}
    return METHODS[name].sampler(**(asked | options))


def as_pandas(frame: Any) -> pd.DataFrame:
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


def texts(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows as texts, whatever the types."""
    columns = [[None if pd.isna(value) else str(value) for value in frame[name]] for name in frame]
    return list(zip(*columns, strict=True))


@EVERY
def test_frames_come_back_as_what_they_were(name: str) -> None:
    made = []
    for way, make in WAYS.items():
        given = make(X)
        out, y = sampler(name).fit_resample(given, Y)
        assert len(y) == len(out) == N + 60
        if way == "pandas" and name != "cutout":
            # What cutout makes missing is in no column of booleans or integers of NumPy.
            assert out.dtypes.tolist() == X.dtypes.tolist()
        if way == "Arrow":
            assert out.schema == given.schema
        if way == "polars":
            assert out.schema == given.schema
        out = as_pandas(out)
        assert [[*map(_number, row)] for row in texts(out[:N])] == [[*map(_number, row)] for row in texts(X)]
        new = out[N:].reset_index(drop=True)
        assert (new["constant"].dropna() == 1.5).all()
        assert (new["count"].dropna() % 1 == 0).all()
        made.append([[*map(_number, row)] for row in texts(new)])
    assert made[0] == made[1] == made[2]


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value if value is None else value.lower()


@pytest.mark.parametrize("name", ["nng_mix", "mixup", "gaussian_noise", "duplicate"])
def test_every_combination_of_categories_is_that_of_a_real_row(name: str) -> None:
    method = sampler(name, multiplier=20)
    out, _ = method.fit_resample(X, Y)
    new, plan = out[N:], method.plan_
    assert set(texts(new[KINDS])) <= set(texts(X[KINDS]))
    donors = np.asarray(plan.anchor)
    if name in ("nng_mix", "mixup"):
        donors = np.where(plan.donor_is_anchor, plan.anchor, plan.partner)
        # Some of both.
        assert 0 < plan.donor_is_anchor.mean() < 1
    assert texts(new[KINDS]) == texts(X[KINDS].iloc[donors])
    np.testing.assert_array_equal(new.isna(), X.isna().iloc[donors])


@EVERY
def test_new_rows_in_parts(name: str) -> None:
    method = sampler(name)
    out, _ = method.fit_resample(X, Y)
    parts = pd.concat([method.generate(23), method.generate(37, 23)], ignore_index=True)
    assert texts(parts) == texts(out[N:])


def test_classes_of_anomalies_share_the_dictionaries() -> None:
    labels = np.where(Y, np.where(np.arange(N) < 5, "dos", "probe"), "normal")
    method = sampler("nng_mix", n_samples=40, multiplier=None)
    out, y = method.fit_resample(X, labels)
    assert set(texts(out[N:][KINDS])) <= set(texts(X[KINDS]))
    assert set(y[N:]) == {"dos", "probe"}


def test_rows_that_miss_a_category_are_refused_or_skipped() -> None:
    with pytest.raises(ValueError, match=r"X must be finite, got .* column '(service|rate)'"):
        sampler("nng_mix", missing="error").fit_resample(X, Y)
    method = sampler("nng_mix", missing="skip")
    out, _ = method.fit_resample(X, Y)
    assert method.n_missing_ == X.isna().any(axis=1).sum()
    assert texts(out[:N]) == texts(X)
    assert not out[N:].isna().any().any()


def test_without_a_scale_a_weight_is_asked_for() -> None:
    with pytest.raises(ValueError, match="'categorical_weight' parameter of NNGMix must be given"):
        sampler("nng_mix", scale=None).fit_resample(X, Y)
    out, _ = sampler("nng_mix", scale=None, categorical_weight=0.5).fit_resample(X, Y)
    assert set(texts(out[N:][KINDS])) <= set(texts(X[KINDS]))
    # Nothing is searched here.
    sampler("mixup", scale=None).fit_resample(X, Y)


def test_texts_that_nobody_asked_for_are_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"'protocol' .*'service'.*categorical_features=\"auto\""):
        nngmix.NNGMix().fit_resample(X, Y)


def test_numbers_alone_keep_their_bytes() -> None:
    numbers = X[["duration", "constant"]]
    one, _ = nngmix.NNGMix(random_state=0).fit_resample(numbers, Y)
    two, _ = nngmix.NNGMix(random_state=0, categorical_features="auto").fit_resample(numbers, Y)
    assert one.to_numpy().tobytes() == two.to_numpy().tobytes()


def test_a_standard_scale_passes_missing_values_by() -> None:
    method = sampler("nng_mix", scale="standard")
    out, _ = method.fit_resample(X, Y)
    scale = method._prepared.fitted.table.scale
    at = X.columns.get_loc("rate")
    assert scale.offset[at] == pytest.approx(X["rate"].mean(), rel=1e-12)
    assert scale.width[at] == pytest.approx(X["rate"].std(ddof=0), rel=1e-12)
    assert [scale.offset[X.columns.get_loc(name)] for name in KINDS] == [0, 0, 0]
    assert set(texts(out[N:][KINDS])) <= set(texts(X[KINDS]))


@pytest.mark.parametrize("size", [7, 100, 1000])
def test_blocks_of_rows_make_the_table_of_the_whole(size: int) -> None:
    unlabeled = X[~Y]
    blocks = [unlabeled[start : start + size] for start in range(0, len(unlabeled), size)]
    # The door knows the columns of Arrow and polars by another means, and matches them by name.
    blocks[1:2] = [pl.from_pandas(block[block.columns[::-1]]) for block in blocks[1:2]]
    asked: dict[str, Any] = {"categorical_features": "auto", "missing": "keep"}
    table = nngmix.stream.fit(X[Y], blocks, scale="minmax", **asked)
    whole = sampler("nng_mix").fit(X, Y)._prepared.fitted.table
    assert repr(table.kinds) == repr(whole.kinds)
    np.testing.assert_array_equal(table.X_scaled, whole.X_scaled)
    np.testing.assert_array_equal(table.squared_distances, whole.squared_distances)
    np.testing.assert_array_equal(table.neighbor_rows, whole.neighbor_rows)
    one = nngmix.stream.fit(X[Y], iter(blocks), categorical_weight=0.5, **asked)
    assert repr(one.kinds) == repr(whole.kinds)
    same = nngmix.NeighborTable(X[Y], categorical_weight=0.5, **asked).update(unlabeled)
    np.testing.assert_array_equal(one.squared_distances, same.squared_distances)
    with pytest.raises(ValueError, match="categorical_weight must be given"):
        nngmix.stream.fit(X[Y], iter(blocks), **asked)
