"""Where the rows come from: ADBench's archives, or the user's own table."""

import os
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nngmix.files import read_table
from nngmix.rows.labels import LabelCounts, LabelRule, read_labels

__all__ = ["Dataset", "Source", "find_sources", "load"]


@dataclass(frozen=True)
class Source:
    """A file that holds a data set, and how to read it.

    Attributes
    ----------
    path : str
    label, anomaly : str
        The column (in an NPZ the array) of the labels, and the label of the anomalies.
    ignore : tuple of str
        Columns that are no features.
    checksum : str
        Of the file's bytes: results of other data are never taken for results of these.
    """

    path: str
    label: str
    anomaly: str
    ignore: tuple[str, ...]
    checksum: str

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return os.path.splitext(os.path.basename(self.path))[0]

    @property
    def group(self) -> str:
        """The name of the folder the file is in: ADBench sorts its sets so."""
        return os.path.basename(os.path.dirname(os.path.abspath(self.path)))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows and the truth about them.

    Attributes
    ----------
    X : ndarray, shape (n_rows, n_features), float32 or float64
    y : ndarray of int64, shape (n_rows,)
        1 for anomalies, 0 for all other rows.
    """

    X: NDArray[np.floating]
    y: NDArray[np.int64]


def find_sources(
    paths: Iterable[str], label: str | None = None, anomaly: str = "1", ignore: Collection[str] = ()
) -> list[Source]:
    """The data sets that `paths` name: files, or folders whose NPZ files are taken, subfolders included.

    Parameters
    ----------
    paths : iterable of str
    label : str, optional
        Needed for CSV and Parquet; in an NPZ the array ``y`` unless named.
    anomaly : str, default="1"
        Label of the anomalies. All other rows count as normal.
    ignore : collection of str
        Columns that are no features.
    """
    sources = []
    for path in paths:
        files = list(_archives(path)) if os.path.isdir(path) else [path]
        if not files:
            raise ValueError(f"{path}: there is no .npz file in this folder")
        for file in files:
            if not os.path.exists(file):
                raise FileNotFoundError(f"{file}: no such file or folder")
            if label is None and not file.lower().endswith(".npz"):
                raise ValueError(f"{file}: name the column of the labels with --label")
            sources.append(Source(file, label or "y", anomaly, tuple(ignore), _checksum(file)))
    if not sources:
        raise ValueError("no data: name files (.npz, .csv, .parquet) or folders of .npz files")
    names = [(source.group, source.name) for source in sources]
    twice = sorted({"/".join(name) for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"these data sets are named more than once: {', '.join(twice)}")
    return sources


def _archives(folder: str) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files, key=_natural):
            if file.lower().endswith(".npz"):
                yield os.path.join(where, file)


def _natural(name: str) -> list[tuple[int, str]]:
    """2_annthyroid before 10_cover."""
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", name)]


def _checksum(path: str) -> str:
    crc = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            crc = zlib.crc32(block, crc)
    return f"{crc:08x}"


def load(source: Source) -> Dataset:
    """Read a data set; nothing is unpickled."""
    table = read_table(source.path, source.label, source.ignore)
    labels = read_labels(source.label, table.labels, written=table.typeless)
    rule = LabelRule((source.anomaly,), None)
    is_anomaly = rule.split(labels).anomaly
    if not is_anomaly.any():
        counts = LabelCounts()
        counts.add(labels.counts())
        raise rule.missing_label(f"the label column {source.label!r} of {source.path}", counts)
    if is_anomaly.all():
        raise ValueError(f"{source.path}: every row is an anomaly, normal rows are needed too")
    table.rows.check_finite(table.X)
    return Dataset(table.X, is_anomaly.astype(np.int64))
