"""Dates and durations named in whole_features: whole numbers of their unit within, themselves outside."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nngmix
import nngmix.stream
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import as_rows

START = dt.datetime(2026, 1, 1)
MOMENTS = [START + dt.timedelta(days=7 * i) for i in range(40)]
DATES = [moment.date() for moment in MOMENTS]
GAPS = [dt.timedelta(hours=i) for i in range(40)]
SIZES = np.random.default_rng(0).random(40)
Y = np.arange(40) < 6
ZONE = "Europe/Berlin"

PANDAS = [
    *(pd.Series(MOMENTS).astype(f"datetime64[{unit}]") for unit in ("s", "ms", "us", "ns")),
    *(pd.Series(MOMENTS).dt.as_unit(unit).dt.tz_localize(ZONE) for unit in ("s", "ns")),
    *(pd.Series(GAPS).astype(f"timedelta64[{unit}]") for unit in ("s", "ns")),
    pd.Series(DATES, dtype=pd.ArrowDtype(pa.date32())),
    pd.Series(MOMENTS, dtype=pd.ArrowDtype(pa.timestamp("ns", ZONE))),
    pd.Series(GAPS, dtype=pd.ArrowDtype(pa.duration("ms"))),
]
POLARS = [
    pl.Series(DATES),
    *(pl.Series(MOMENTS, dtype=pl.Datetime(unit)) for unit in ("ms", "us", "ns")),
    pl.Series(MOMENTS, dtype=pl.Datetime("us")).dt.replace_time_zone(ZONE),
    *(pl.Series(GAPS, dtype=pl.Duration(unit)) for unit in ("ms", "ns")),
]
ARROW = [
    pa.array(DATES, pa.date32()),
    pa.array(DATES, pa.date64()),
    *(pa.array(MOMENTS, pa.timestamp(unit)) for unit in ("s", "us", "ns")),
    pa.array(MOMENTS, pa.timestamp("ms", ZONE)),
    *(pa.array(GAPS, pa.duration(unit)) for unit in ("s", "ns")),
]
FRAMES = [
    *(pd.DataFrame({"t": t, "size": SIZES.astype(np.float32)}) for t in PANDAS),
    *(pl.DataFrame({"t": t, "size": SIZES}) for t in POLARS),
    *(pa.table({"t": t, "size": SIZES}) for t in ARROW),
]


def kind(X: Any) -> str:
    t = X.schema.field("t").type if isinstance(X, pa.Table) else X["t"].dtype
    return f"{type(X).__module__.partition('.')[0]} {t}"


def values(X: Any, column: str = "t") -> list[Any]:
    return X[column].to_pylist() if isinstance(X, pa.Table) else X[column].to_list()


@pytest.mark.parametrize("X", FRAMES, ids=kind)
def test_samplers_give_dates_back(X: Any) -> None:
    made, _ = nngmix.NNGMix(n_samples=30, whole_features=["t"], random_state=0).fit_resample(X, Y)
    assert kind(made) == kind(X)
    assert values(made)[:40] == values(X)
    new = values(made)[40:]
    assert len(set(new)) > 10
    # The noise is small beside the range of all rows.
    span = max(values(X)) - min(values(X))
    assert all(min(values(X)) - span < value < max(values(X)) + span for value in new)


@pytest.mark.parametrize("X", FRAMES, ids=kind)
def test_copies_of_dates_are_exact(X: Any) -> None:
    made, _ = nngmix.Duplicate(n_samples=12, whole_features=["t"], random_state=0).fit_resample(X, Y)
    assert set(values(made)[40:]) <= set(values(X)[:6])
    assert dict(zip(values(X, "size"), values(X), strict=True)) == dict(
        zip(values(made, "size"), values(made), strict=True)
    )


def missing(X: Any) -> Any:
    """The same with every third date missing."""
    if isinstance(X, pa.Table):
        gaps = pa.array([i % 3 == 0 for i in range(40)])
        t = pa.compute.if_else(gaps, pa.scalar(None, X["t"].type), X["t"])
        return X.set_column(0, "t", t)
    if isinstance(X, pl.DataFrame):
        return X.with_columns(pl.when(pl.int_range(40) % 3 != 0).then("t"))
    return X.assign(t=X["t"].where(X.index % 3 != 0))


@pytest.mark.parametrize("X", FRAMES, ids=kind)
def test_missing_dates_by_the_one_rule(X: Any) -> None:
    X = missing(X)
    with pytest.raises(ValueError, match="'t'"):
        nngmix.NNGMix(n_samples=3, whole_features=["t"]).fit_resample(X, Y)
    sampler = nngmix.NNGMix(n_samples=30, whole_features=["t"], missing="keep", random_state=0)
    made, _ = sampler.fit_resample(X, Y)
    assert kind(made) == kind(X)
    none = pd.isna(pd.Series(values(made), dtype=object)).to_numpy()
    assert none[:40].tolist() == [i % 3 == 0 for i in range(40)]
    assert 0 < none[40:].sum() < 30


def test_a_mask_a_record_batch_and_generate() -> None:
    X = pa.table({"t": ARROW[3], "size": SIZES}).to_batches()[0]
    sampler = nngmix.NNGMix(n_samples=5, whole_features=[True, False], random_state=0)
    made, _ = sampler.fit_resample(X, Y)
    assert isinstance(made, pa.RecordBatch)
    assert made.schema == X.schema
    assert sampler.generate(5).schema == X.schema


def test_nanoseconds_and_microseconds_are_one_unit() -> None:
    anomalies = pd.DataFrame({"t": PANDAS[3], "size": SIZES})[:6]
    unlabeled = pl.DataFrame({"t": POLARS[2], "size": SIZES})
    made = nngmix.nng_mix(anomalies, unlabeled, n_samples=4, whole_features=["t"], random_state=0)
    assert made["t"].dtype == anomalies["t"].dtype
    assert made["t"].dt.year.between(2020, 2032).all()


@pytest.mark.parametrize("other", [PANDAS[0], PANDAS[5], PANDAS[7], pd.Series(range(40))])
def test_other_units_are_refused(other: Any) -> None:
    anomalies = pd.DataFrame({"t": PANDAS[2], "size": SIZES})
    with pytest.raises(TypeError, match=r"X_unlabeled, column 't', .* X_anomaly timestamp\[us\]"):
        nngmix.nng_mix(anomalies, anomalies.assign(t=other), n_samples=4, whole_features=["t"])


@pytest.mark.parametrize(
    ("t", "message"),
    [
        (np.array([0, 1001], "datetime64[ns]"), r"00.000001001 at row 1, column 't': .*nanoseconds"),
        (np.array([0, 1 << 54], "datetime64[us]"), r"2540-.* at row 1, column 't': .*timestamp\[us\]"),
        (np.array([0, -(1 << 54)], "timedelta64[ms]"), r"milliseconds at row 1, column 't'"),
    ],
)
def test_what_float64_does_not_count(t: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_rows("X", pd.DataFrame({"t": t}), asked=ColumnsAsked(whole_features=("t",))).whole(np.dtype("f8"))


@pytest.mark.parametrize("X", [pd.DataFrame({"t": PANDAS[2]}), pl.DataFrame({"t": POLARS[0]})], ids=kind)
@pytest.mark.parametrize("whole", [None, "auto"])
def test_undeclared_dates_are_told_the_way_out(X: Any, whole: Any) -> None:
    with pytest.raises(TypeError, match=r"whole_features=\['t'\]"):
        as_rows("X", X, asked=ColumnsAsked(whole_features=whole))


def test_where_numbers_alone_go_out() -> None:
    X = pd.DataFrame({"t": PANDAS[2], "size": SIZES})
    with pytest.raises(ValueError, match="out holds numbers alone, and X_anomaly has dates"):
        nngmix.nng_mix(X, X, n_samples=1, whole_features=["t"], out=np.empty((1, 2)))


def test_a_missing_date_is_told_as_it_came() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "day": pd.to_datetime(["2026-01-01", None])})
    rows = as_rows("X", frame, asked=ColumnsAsked(whole_features=["day"]))
    with pytest.raises(ValueError, match="X must be finite, got NaT at row 1, column 'day'"):
        rows.check_finite(rows.whole())
