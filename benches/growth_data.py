"""Seeded Parquet files of any size for the growth benchmark: n x 30 float32 and a label, uncompressed.

python benches/growth_data.py FOLDER 1e5 1e6 1e7      writes FOLDER/1e5/part-00000.parquet and so on
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

N_FEATURES, N_ANOMALIES, ROWS_PER_FILE, ROWS_PER_GROUP = 30, 50, 1_000_000, 1 << 18


def make(folder: Path, n_rows: int, rows_per_file: int = ROWS_PER_FILE) -> Path:
    """Files of uniform rows, the first of which are labelled anomalies; finished ones are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(range(0, n_rows, rows_per_file)):
        path = folder / f"part-{number:05d}.parquet"
        if path.exists():
            continue
        rng = np.random.default_rng([7, number])
        n = min(rows_per_file, n_rows - first)
        columns = {f"x{j}": rng.random(n, dtype=np.float32) for j in range(N_FEATURES)}
        label = np.zeros(n, np.int8)
        if number == 0:
            label[:N_ANOMALIES] = 1
        beside = path.with_suffix(".part")
        pq.write_table(
            pa.table({**columns, "label": label}),
            beside,
            compression="none",
            use_dictionary=False,
            row_group_size=ROWS_PER_GROUP,
        )
        beside.rename(path)
    return folder


if __name__ == "__main__":
    for size in sys.argv[2:]:
        print(make(Path(sys.argv[1]) / size, int(float(size))))
