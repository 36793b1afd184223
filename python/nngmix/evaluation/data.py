"""Where the rows come from: ADBench's archives, or the user's own table."""

import os
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.apart import Apart, codes_of, hidden_rows
from nngmix.files.csv_format import CsvFormat
from nngmix.files.formats import format_of
from nngmix.files.identity import Identity, check_unchanged
from nngmix.files.paths import check_input
from nngmix.files.reader import read_table
from nngmix.rows.asked_columns import ColumnsAsked, Features, Missing
from nngmix.rows.kinds import Kinds
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.labels import LabelRule, read_labels

__all__ = ["Dataset", "Source", "find_sources", "load"]

# How a benchmark's archive is read: label, rule, nothing ignored, missing, CSV.
_PLAIN = (None, LabelRule(("1",), None), True, "error", CsvFormat())


@dataclass(frozen=True)
class Source:
    """A file that holds a data set, and how to read it.

    Attributes
    ----------
    path : str
    label : str
        The column (in an NPZ the array) of the labels.
    rule : LabelRule
        Which labels are those of anomalies.
    ignore : tuple of str
        Columns that are no features.
    columns : ColumnsAsked
        Which columns hold categories, and whether rows that are not finite are an error, left out, or kept
        where values are merely missing.
    csv : CsvFormat
    apart : Apart
        What keeps rows apart when it is split.
    checksum : str
        Of the file's bytes and of how they are read: results of other data are never taken for results of
        these.
    identity : Identity
        The state of the file that the checksum is of.
    """

    path: str
    label: str
    rule: LabelRule
    ignore: tuple[str, ...]
    columns: ColumnsAsked
    csv: CsvFormat
    apart: Apart
    checksum: str
    identity: Identity

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        stem, _ = os.path.splitext(os.path.basename(self.path))
        compressed = format_of(self.path).compression is not None
        return os.path.splitext(stem)[0] if compressed else stem

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
        A category is the number of its value in `kinds`, and NaN is missing.
    y : ndarray of int64, shape (n_rows,)
        1 for anomalies, 0 for all other rows.
    hidden : ndarray of bool, shape (n_rows,), optional
        Anomalies of a kind that is never labelled; those alone are judged.
    groups, times : ndarray of int64, shape (n_rows,), optional
        The rows of a group stay together; of times the last are the test.
    kinds : Kinds, optional
        What the columns of a mixed table hold.
    """

    X: NDArray[np.floating]
    y: NDArray[np.int64]
    hidden: NDArray[np.bool_] | None = None
    groups: NDArray[np.int64] | None = None
    times: NDArray[np.int64] | None = None
    kinds: Kinds | None = None

    def take(self, rows: NDArray[Any]) -> "Dataset":
        """Some of the rows, with all that is known of them.

        Parameters
        ----------
        rows : ndarray of int or bool
            Numbers, or a mask.

        Returns
        -------
        Dataset

        Raises
        ------
        IndexError
            For rows that are not there.
        """
        parts = {name: part for name, part in vars(self).items() if isinstance(part, np.ndarray)}
        return replace(self, **{name: part[rows] for name, part in parts.items()})


def find_sources(
    paths: Iterable[str],
    label: str | None = None,
    anomaly: str | Collection[str] = (),
    ignore: Collection[str] = (),
    *,
    unlabeled: str | Collection[str] = (),
    missing: Missing = "error",
    categorical_features: Features = None,
    csv: CsvFormat | None = None,
    group: str | None = None,
    time: str | None = None,
    hide: Collection[str] = (),
) -> list[Source]:
    """The data sets that `paths` name: files, or folders whose NPZ files are taken, subfolders included.

    Parameters
    ----------
    paths : iterable of str
    label : str, optional
        Needed for all files but NPZ, where it is the array ``y`` unless named.
    anomaly : str or collection of str, optional
        Labels of the anomalies; all other rows count as normal. Default: "1", unless `unlabeled` is given.
    ignore : collection of str
        Columns that are no features.
    unlabeled : str or collection of str, optional
        Labels of the normal rows. Without `anomaly` all other values are anomalies, with it third values are
        left out.
    missing : {'error', 'skip', 'keep'}, default='error'
        What to do with rows that are not finite: refuse them, leave them out, or keep what is missing.
    categorical_features : list of str, 'auto' or None
        Columns of categories.
    csv : CsvFormat, optional
        How CSV files are written.
    group, time : str, optional
        At most one: a column that is no feature. The rows of a group are all on one side of the split; of
        times the last are the test.
    hide : collection of str
        Labels of anomalies that are never labelled; of the test's anomalies they alone are judged.

    Returns
    -------
    list of Source

    Raises
    ------
    FileNotFoundError
        For what is not there.
    OSError
        For pipes and devices.
    ValueError
        For no data, data without a label column, one set named twice, or both a group and a time.
    """
    columns = ColumnsAsked(categorical_features, missing=missing)
    rule = LabelRule.of(anomaly or (None if unlabeled else "1"), unlabeled or None)
    csv, apart = csv or CsvFormat(), Apart.of(group, time, hide)
    about = (
        "" if (label, rule, not ignore, missing, csv) == _PLAIN else repr((label, rule, ignore, missing, csv))
    ) + ("" if apart == Apart() else repr(apart))
    if categorical_features is not None:
        about += repr(columns.categorical_features)
    sources = []
    for path in paths:
        files = list(_archives(path)) if os.path.isdir(path) else [path]
        if not files:
            raise ValueError(f"{path}: there is no .npz file in this folder")
        for file in files:
            # Before it is opened: a pipe would be waited for without end.
            check_input(file)
            if not os.path.exists(file):
                raise FileNotFoundError(f"{file}: no such file or folder")
            if label is None and format_of(file).kind != "npz":
                raise ValueError(f"{file}: name the column of the labels with --label")
            # First of all, so that a change while the checksum is taken shows as well.
            identity = Identity.of(file)
            checksum = _checksum(file, about)
            named = "y" if label is None else label
            sources.append(Source(file, named, rule, tuple(ignore), columns, csv, apart, checksum, identity))
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


def _checksum(path: str, about: str) -> str:
    crc = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            crc = zlib.crc32(block, crc)
    return f"{zlib.crc32(about.encode(), crc):08x}"


def load(source: Source) -> Dataset:
    """Read a data set; nothing is unpickled.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Dataset

    Raises
    ------
    ChangedError
        If the file is no longer the one whose checksum the source has.
    ValueError
        For labels that are not there, no normal row, rows that are not finite, or without group or time.
    """
    try:
        return _load(source)
    finally:
        # After reading, for a change in the middle of it, and in place of an error that comes of the change.
        check_unchanged(source.identity)


def _load(source: Source) -> Dataset:
    apart = source.apart
    asked, csv = source.columns, source.csv
    table = read_table(source.path, source.label, source.ignore, id=apart.column, csv=csv, asked=asked)
    where = f"the label column {source.label!r} of {source.path}"
    labels = read_labels(where, table.labels, written=table.typeless)
    counts = LabelCounts()
    counts.add(labels.counts())
    source.rule.check_met(where, counts, labels.written)
    who = source.rule.split(labels)
    if not who.anomaly.any():
        raise source.rule.missing_label(where, counts)
    X, used = table.X, who.anomaly | who.unlabeled
    if asked.missing == "skip":
        finite = table.rows.finite(X)
        used = used if finite is None else used & finite
    else:
        table.rows.check_finite(X)
    y = who.anomaly.astype(np.int64)
    if y[used].all():
        raise ValueError(f"{source.path}: every row is an anomaly, normal rows are needed too")
    hidden = hidden_rows(apart.hidden, where, labels, who) if apart.hidden else None
    codes = None
    if apart.column is not None and apart.by is not None:
        named = f"the {apart.by} column {apart.column!r} of {source.path}"
        codes = codes_of(named, table.ignored[apart.column], apart.by)
    groups, times = (codes, None) if apart.by == "group" else (None, codes)
    data = Dataset(X, y, hidden, groups, times, table.rows.kinds)
    return data if used.all() else data.take(used)
