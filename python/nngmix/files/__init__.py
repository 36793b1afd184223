"""Tables in files: CSV, Parquet and NPZ in; the same rows and the made ones out.

The way is `read_table` -> `find_anomalies` -> (made rows) -> `write_table`. Everything that could make the
writing fail is asked beforehand by `check_target` and `check_writing`: no long run is lost at its end.
Rows count from 0, in messages too, as `MixPlan` and ``--plan`` count them.
"""

from nngmix.files.label import find_anomalies
from nngmix.files.reader import read_features, read_table
from nngmix.files.table import Table
from nngmix.files.writer import check_target, check_writing, write_table

__all__ = [
    "Table",
    "check_target",
    "check_writing",
    "find_anomalies",
    "read_features",
    "read_table",
    "write_table",
]
