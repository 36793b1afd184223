"""Seeded Parquet files of any size: n x 30 float32 and a label, uncompressed."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

N_FEATURES, N_ANOMALIES, ROWS_PER_FILE, ROWS_PER_GROUP = 30, 50, 1_000_000, 1 << 18
FEATURES = [f"x{j}" for j in range(N_FEATURES)]
LABEL = "label"
ABOUT = "Parquet, uncompressed, plain, row groups of 2^18 rows, files of at most 1e6 rows"


def make(folder: Path, n_rows: int, rows_per_file: int = ROWS_PER_FILE) -> Path:
    """Files of uniform rows, the first of which are labelled anomalies; finished ones are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(range(0, n_rows, rows_per_file)):
        path = folder / f"part-{number:05d}.parquet"
        if path.exists():
            continue
        rng = np.random.default_rng([7, number])
        n = min(rows_per_file, n_rows - first)
        columns = {name: rng.random(n, dtype=np.float32) for name in FEATURES}
        label = np.zeros(n, np.int8)
        if number == 0:
            label[:N_ANOMALIES] = 1
        beside = path.with_suffix(".part")
        pq.write_table(
            pa.table({**columns, LABEL: label}),
            beside,
            compression="none",
            use_dictionary=False,
            row_group_size=ROWS_PER_GROUP,
        )
        beside.rename(path)
    return folder


def anomalies(folder: Path) -> np.ndarray:
    """The labelled rows, which are the first ones."""
    first = pq.ParquetFile(folder / "part-00000.parquet").iter_batches(N_ANOMALIES, columns=FEATURES)
    return np.column_stack([column.to_numpy() for column in next(iter(first)).columns])


def forget(folder: Path) -> None:
    """Take the files out of the system's cache."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
