"""What the commands on saved tables share: the name of the file, and what the summary says of a table."""

import os
from typing import Any

from nngmix.cli.summary import Lines, human_size
from nngmix.files.writer import check_target
from nngmix.neighbors.table import NeighborTable

__all__ = ["TABLE_MEMBERS", "save_table", "table_lines", "table_target", "table_told"]

TABLE_MEMBERS = {
    "features": "Names of the columns, or null.",
    "dtype": "Their type.",
    "scaled": "Whether the table has a scale.",
    "labelled_anomalies": "How many there are.",
    "unlabelled_rows": "Rows that the table has seen.",
    "n_neighbors": "Rows kept for each anomaly.",
    "n_neighbors_anomaly": "The same among the anomalies.",
}


def table_target(path: str) -> None:
    """Raise if a table cannot be saved there, before any work."""
    if not path.lower().endswith(".npz"):
        raise ValueError(f"{path}: a table is saved as .npz, name a file with this ending")
    check_target(path)


def save_table(table: NeighborTable, path: str) -> tuple[int, tuple[str, str]]:
    """Save it; its size, and the line of the summary that says so."""
    # The real path, so that a symbolic link stays one.
    path = os.path.realpath(path)
    table.save(path)
    size = os.path.getsize(path)
    return size, ("written", human_size(size))


def table_lines(table: NeighborTable) -> Lines:
    """A table as people read it."""
    scaled = "scaled" if table.scale is not None and table.scale.moves else "not scaled"
    return [
        ("features", f"{table.n_features:,} ({table.dtype}, {scaled})"),
        ("labelled anomalies", f"{len(table.X_anomaly):,}"),
        ("unlabelled rows", f"{table.n_seen:,} seen, {table.n_neighbors:,} kept for each anomaly"),
    ]


def table_told(table: NeighborTable) -> dict[str, Any]:
    """The same for JSON."""
    names = table.feature_names
    return {
        "features": None if names is None else list(names),
        "dtype": str(table.dtype),
        "scaled": table.scale is not None and table.scale.moves,
        "labelled_anomalies": len(table.X_anomaly),
        "unlabelled_rows": table.n_seen,
        "n_neighbors": table.n_neighbors,
        "n_neighbors_anomaly": table.n_neighbors_anomaly,
    }
