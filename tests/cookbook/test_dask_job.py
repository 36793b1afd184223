"""For whoever has more rows than memory, and Dask: a folder of Parquet in, a folder of new rows out.

Partitions are searched where they are read, small tables travel, and new rows are made where they are
written. On a cluster the job begins with ``Client(address)``, and nothing else changes, not even a byte.
"""

from pathlib import Path

import dask.dataframe as dd
import numpy as np
import pandas as pd

import nngmix
import nngmix.dask

FEATURES = ["bytes", "packets", "seconds"]


def test_a_folder_in_and_a_folder_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    flows = pd.DataFrame(rng.normal(size=(2000, 3)), columns=FEATURES)
    flows = flows.assign(id=range(2000), kind=np.where(np.arange(2000) % 100, "flow", "scan"))
    for day in range(4):
        flows[500 * day :][:500].to_parquet(tmp_path / f"day-{day}.parquet")

    days = dd.read_parquet(tmp_path / "day-*.parquet")
    roles = {"label": "kind", "anomaly": "scan", "ignore": ["id"]}
    more = nngmix.dask.augment(days, "10x", **roles, only_new=True, random_state=0)
    more.to_parquet(tmp_path / "new")

    made = pd.read_parquet(tmp_path / "new")
    assert len(made) == 10 * 20
    assert set(made["kind"]) == {"scan"}

    # The bytes of one call on one machine.
    sampler = nngmix.NNGMix(multiplier=10, anomaly_label="scan", append=False, random_state=0)
    expected, _ = sampler.fit_resample(flows[FEATURES], flows["kind"])
    assert np.array_equal(made[FEATURES], expected)
