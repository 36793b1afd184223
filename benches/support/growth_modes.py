"""What `growth.py` measures, one mode a process: ``python -m support.growth_modes MODE FOLDER ROWS``."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from nngmix.stream import Scan, fit
from support.command_line import run_here
from support.measurement import memory
from support.parquet_rows import FEATURES, LABEL, N_FEATURES, ROWS_PER_FILE, anomalies

BATCH_ROWS = (1 << 21) // N_FEATURES
# Rows of a row group that nngmix writes.
GROUP_ROWS = (1 << 22) // N_FEATURES
MOST_NEW = 10_000_000


def read(folder: Path) -> None:
    # Without pre_buffer, which was up to seven times slower here.
    options = ds.ParquetFragmentScanOptions(pre_buffer=False)
    for _ in ds.dataset(folder).to_batches(columns=FEATURES, fragment_scan_options=options):
        pass


def scan(folder: Path) -> Scan:
    return Scan(folder, columns=FEATURES, batch_rows=BATCH_ROWS)


def search(folder: Path, n_anomalies: int | None, scale: str | None) -> None:
    X_anomaly = anomalies(folder)[:n_anomalies]
    k = min(10, len(X_anomaly))
    fit(X_anomaly, scan(folder), n_neighbors=k, n_neighbors_anomaly=k, scale=scale)


def augment(folder: Path, amount: str, out: Path, *options: str) -> None:
    run_here(["augment", str(folder), "-o", str(out), "-n", amount, "--seed", "0", *options])


def spans(n_rows: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and stop of files of a million rows, as the command line makes them."""
    for number, start in enumerate(range(0, n_rows, ROWS_PER_FILE)):
        yield number, start, min(start + ROWS_PER_FILE, n_rows)


def write(out: Path, n_rows: int) -> float:
    """Ready columns of one row group, written again and again: nothing is made in between."""
    columns = np.random.default_rng(0).random((N_FEATURES, GROUP_ROWS), dtype=np.float32)
    batch = pa.RecordBatch.from_arrays([pa.array(column) for column in columns], FEATURES)
    started = time.perf_counter()
    out.mkdir(parents=True)
    for number, start, stop in spans(n_rows):
        with open(out / f"part-{number:05d}.parquet", "wb") as file:
            with pq.ParquetWriter(file, batch.schema, use_dictionary=False) as writer:
                for first in range(start, stop, GROUP_ROWS):
                    rows = min(GROUP_ROWS, stop - first)
                    writer.write_batch(batch.slice(0, rows), row_group_size=GROUP_ROWS)
            os.fsync(file.fileno())
    return time.perf_counter() - started


def generate(folder: Path, out: Path, n_rows: int) -> float:
    """The command line with a small file of unlabelled rows, so that next to nothing is read and searched."""
    few = out.with_name("few.parquet")
    # Not of a data set, which would go on reading ahead.
    first = pq.ParquetFile(folder / "part-00000.parquet")
    batch = next(first.iter_batches(BATCH_ROWS, columns=[*FEATURES, LABEL]))
    pq.write_table(pa.Table.from_batches([batch]), few)
    started = time.perf_counter()
    augment(few, str(n_rows), out, "--label", LABEL, "--anomaly", "1")
    seconds = time.perf_counter() - started
    few.unlink()
    return seconds


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run(mode: str, folder: Path, n_rows: int) -> float:
    """Seconds of one mode; what it writes lies beside the folder."""
    out = folder.parent / "out"
    shutil.rmtree(out, ignore_errors=True)
    label = ("--label", LABEL, "--anomaly", "1")
    modes: dict[str, Callable[[], float]] = {
        "read": lambda: timed(lambda: read(folder)),
        "matrix": lambda: timed(lambda: search(folder, 1, None)),
        "search": lambda: timed(lambda: search(folder, None, None)),
        "scaled": lambda: timed(lambda: search(folder, None, "minmax")),
        "augment": lambda: timed(lambda: augment(folder, "10%", out, *label)),
        "write": lambda: write(out, min(n_rows, MOST_NEW)),
        "generate": lambda: generate(folder, out, min(n_rows, MOST_NEW)),
    }
    try:
        return modes[mode]()
    finally:
        shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    spent = run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    # Not getrusage, which begins with the memory of the process this one was forked from.
    print(json.dumps({"seconds": spent, "peak_rss": memory("VmHWM")}))
