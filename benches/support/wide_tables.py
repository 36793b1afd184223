"""Tables of few rows and many columns, as Parquet and as CSV, as gene expression or spectra give them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

N_ROWS, N_ANOMALIES = 12, 3
# What nngmix augment is asked, beyond input and output.
AUGMENT = ("--label", "odd", "--anomaly", "1", "-n", "2x", "--seed", "0")


def path(folder: Path, n_columns: int, kind: str) -> Path:
    return folder / f"{n_columns}.{kind}"


def make(folder: Path, n_columns: int) -> None:
    """Both files of this many features, with the label in the last column."""
    values = np.random.default_rng(32).random((n_columns, N_ROWS))
    columns = {f"probe_{j:06d}_at": column for j, column in enumerate(values)}
    label = np.repeat([1, 0], [N_ANOMALIES, N_ROWS - N_ANOMALIES])
    table = pa.table({**columns, "odd": label})
    pq.write_table(table, path(folder, n_columns, "parquet"))
    pyarrow.csv.write_csv(table, path(folder, n_columns, "csv"))
