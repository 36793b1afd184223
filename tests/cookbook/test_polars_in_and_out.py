"""For whoever lives in polars: frames in, frames out, and every new row says what it is made of."""

import numpy as np
import polars as pl

import nngmix


def test_a_polars_frame_comes_back_longer() -> None:
    rng = np.random.default_rng(0)
    sensors = pl.DataFrame(
        {
            "machine": rng.integers(1, 5, 1000),
            "pressure": rng.normal(5, 1, 1000).astype(np.float32),
            "vibration": rng.normal(0, 1, 1000),
            "state": np.where(np.arange(1000) % 100 == 0, "broken", "running"),
        }
    )
    # Identifiers and the label are no features: neither distances nor noise mean anything there.
    X, y = sensors.select("pressure", "vibration"), sensors["state"]

    sampler = nngmix.NNGMix(multiplier=5, anomaly_label="broken", random_state=0)
    X_more, y_more = sampler.fit_resample(X, y)
    assert isinstance(X_more, pl.DataFrame)
    assert X_more.schema == X.schema
    assert isinstance(y_more, pl.Series)
    assert X_more.head(1000).equals(X)
    assert y_more.tail(50).to_list() == ["broken"] * 50

    # What was no feature comes from the anchor, the known anomaly that a new row was made of.
    made = X_more.tail(50).with_columns(
        machine=sensors["machine"].gather(sampler.plan_.anchor), is_new=pl.lit(True)
    )
    assert made.columns == ["pressure", "vibration", "machine", "is_new"]

    # The function behind it takes two frames and gives one.
    broken = pl.col("state") == "broken"
    anomalies, unlabeled = (sensors.filter(of).select(X.columns) for of in (broken, ~broken))
    new = nngmix.nng_mix(anomalies, unlabeled, 50, random_state=0)
    assert new.schema == X.schema
