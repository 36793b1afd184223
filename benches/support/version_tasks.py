"""Calls that two versions of nngmix share, for `compare.py`: public functions and the command line alone.

Each function takes the labelled anomalies (`queries`) and the unlabelled rows (`rows`), even if it needs
neither, and returns a call whose result is rows, so that those of both versions can be compared.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.measurement import Timed

Rows = NDArray[Any]
# Seconds of `import nngmix` beyond NumPy, which it needs anyway.
IMPORT = """
import time, numpy, numpy.random
began = time.perf_counter()
import nngmix
print(time.perf_counter() - began)
"""
NOTHING = np.zeros((1, 1))


def fit_resample(queries: Rows, rows: Rows, *, n: int, threads: int) -> Callable[[], Timed]:
    import nngmix

    X = np.concatenate([rows, queries])
    y = np.repeat([0, 1], [len(rows), len(queries)])
    sampler = nngmix.NNGMix(n_samples=n, random_state=0, n_threads=threads)

    def call() -> Timed:
        began = time.perf_counter()
        X_resampled, _ = sampler.fit_resample(X, y)
        seconds = time.perf_counter() - began
        # The new rows, which come last.
        return Timed(np.asarray(X_resampled)[-n:], seconds)

    return call


def stream_fit(queries: Rows, rows: Rows, *, block_rows: int, threads: int) -> Callable[[], Timed]:
    from nngmix.stream import fit

    blocks = [rows[first : first + block_rows] for first in range(0, len(rows), block_rows)]

    def call() -> Timed:
        began = time.perf_counter()
        table = fit(queries, blocks, scale="minmax", n_threads=threads)
        seconds = time.perf_counter() - began
        return Timed(table.rows(0, 1000, random_state=0), seconds)

    return call


def augment(queries: Rows, rows: Rows, *, source: str, out: str, threads: int) -> Callable[[], Timed]:
    """The whole command, from one Parquet file into a folder, to 10 % anomalies."""
    import pyarrow.parquet as pq

    asked = ["--label", "label", "--anomaly", "1", "-n", "10%", "--seed", "0", "--n-threads", str(threads)]
    command = [sys.executable, "-m", "nngmix", "augment", source, *asked, "-o", out]

    def call() -> Timed:
        shutil.rmtree(out, ignore_errors=True)
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        made = pq.read_table(sorted(Path(out).glob("*.parquet")))
        return Timed(np.column_stack([column.to_numpy() for column in made.columns]), seconds)

    return call


def import_package(queries: Rows, rows: Rows) -> Callable[[], Timed]:
    def call() -> Timed:
        done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
        return Timed(NOTHING, float(done.stdout))

    return call


def start_command(queries: Rows, rows: Rows) -> Callable[[], Rows]:
    """The command line that says its version: interpreter, imports, options."""

    def call() -> Rows:
        subprocess.run([sys.executable, "-m", "nngmix", "--version"], capture_output=True, check=True)
        return NOTHING

    return call
