"""What a table is, whatever the format of its file."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

__all__ = ["Table", "arrow", "is_text", "listed", "table_format"]


@dataclass(frozen=True, eq=False)
class Table:
    """A table cut into features, label and the rest.

    Attributes
    ----------
    X : ndarray, shape (n_rows, n_features)
        The features: float32 if all of them are, else float64.
    features : tuple of str
        Their names, in order.
    label : str
        Name of the label column.
    labels : pyarrow.ChunkedArray
        The label column.
    ignored : mapping of str to pyarrow.ChunkedArray
        Columns that are carried along but are no features.
    columns : tuple of str
        All names in the order of the file.
    npz_label : str
        What an NPZ calls the labels: "y", or what the NPZ called them that was read.
    named : bool
        False if the feature names were made up here, for an NPZ without ``columns``.
    """

    X: NDArray[Any]
    features: tuple[str, ...]
    label: str
    labels: Any
    ignored: Mapping[str, Any]
    columns: tuple[str, ...]
    npz_label: str = "y"
    named: bool = True


def arrow() -> Any:
    """Pyarrow, imported late: only files need it."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("reading and writing tables needs pyarrow: pip install 'nngmix[cli]'") from error
    return pyarrow


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is that of texts."""
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind))


def table_format(path: str) -> str:
    """The format that the ending of `path` names: "csv", "parquet" or "npz"."""
    ending = os.path.splitext(path)[1].lower().lstrip(".")
    if ending not in ("csv", "parquet", "npz"):
        raise ValueError(f"{path}: the ending must be .csv, .parquet or .npz, got {'.' + ending!r}")
    return ending


def listed(items: Iterable[str], most: int = 12) -> str:
    """The items as a message shows them, the first `most` of them."""
    items = list(items)
    more = f", and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
