"""For whoever runs it by cron: days in, a folder of new rows out, killed at night, resumed at dawn.

The same line with --resume may be run again and again: it goes on where the last run was ended, never makes
half a file, and ends in the bytes of a run that nobody disturbed.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import nngmix

NIGHTLY = """
exec nngmix augment "days/*.parquet" --label kind --anomaly fraud -n 1000x --seed 0 \
    --rows-per-file 200 -o new/ "$@"
"""
# The machine goes down as soon as the first files are there.
NIGHT = "sh nightly.sh & until ls new/*.parquet || ! kill -0 $!; do sleep 0.01; done; kill -9 $!; wait"
DAWN = "sh nightly.sh --resume"


def test_a_killed_night_is_gone_on_with(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "days").mkdir()
    tables = [pd.DataFrame(rng.normal(size=(300, 4)), columns=[*"abcd"]) for _ in range(3)]
    for day, table in enumerate(tables):
        table["kind"] = np.where(np.arange(300) % 60, "fine", "fraud")
        table.to_parquet(tmp_path / f"days/{day}.parquet")
    (tmp_path / "nightly.sh").write_text(NIGHTLY)

    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    files = []
    for shell in (NIGHT, DAWN):
        done = subprocess.run(
            ["sh", "-c", shell], cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        files.append(sorted((tmp_path / "new").glob("*.parquet")))
    assert 0 < len(files[0]) < len(files[1]) == 75

    made = pd.concat([pd.read_parquet(file) for file in files[1]])
    whole = pd.concat(tables, ignore_index=True)
    sampler = nngmix.NNGMix(multiplier=1000, anomaly_label="fraud", append=False, random_state=0)
    expected, _ = sampler.fit_resample(whole[[*"abcd"]], whole["kind"])
    assert np.array_equal(made[expected.columns], expected)
