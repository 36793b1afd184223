"""Reading a file of any format whole, and cutting its columns into features, label and the rest."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from nngmix.files.arrow import arrow, plain_type
from nngmix.files.csv_format import CsvFormat
from nngmix.files.formats import format_of
from nngmix.files.npz import read_npz
from nngmix.files.paths import check_input
from nngmix.files.scan import Scan
from nngmix.files.schema import unite
from nngmix.files.table import IN_FILES, Table, check_asked
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.names import check_known, check_unique, listed, order
from nngmix.rows.rows import Known, Rows, as_rows

__all__ = ["check_file", "check_roles", "chosen_features", "no_rows", "read_features", "read_table"]


def read_table(
    path: str,
    label: str | None,
    ignore: Collection[str] = (),
    *,
    features: Collection[str] = (),
    id: str | None = None,
    csv: CsvFormat | None = None,
    asked: ColumnsAsked | None = None,
) -> Table:
    """Read a table.

    Parameters
    ----------
    path : str
        A file of any format that `Scan` reads, or .npz (arrays ``X``, labels, and perhaps ``columns``).
    label : str or None
        The label column, or the array of labels in an NPZ.
    ignore : collection of str
        Columns that are no features. From CSV they are taken as text, exactly as written; the other arrays
        of an NPZ are left out.
    features : collection of str, optional
        The columns that are features, in this order. Default: all but the label, the ignored ones, and those
        that nobody chose, such as the index of a pandas table, which are features only if named here.
    id : str, optional
        A column that tells rows apart, and is no feature either.
    csv : CsvFormat, optional
        Delimiter, decimal mark, thousands separator and encoding of CSV.
    asked : ColumnsAsked, optional
        Which features hold categories, and whether values may be missing.

    Returns
    -------
    Table

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        For columns that are no numbers, by name.
    ValueError
        For unknown columns, names that occur twice, and values that are none of their column.
    OSError
        If the file cannot be read.
    """
    kind = format_of(path).kind
    check_file(path)
    check_roles(label, ignore, features, id)
    ignored = tuple(dict.fromkeys([*ignore, *([] if id is None else [id])]))
    if kind == "npz":
        if features:
            raise ValueError(f"{path}: the columns of X are the features of an .npz: --feature cannot choose")
        return read_npz(path, label, ignored, id, asked)
    asked = asked or ColumnsAsked()
    categorical = asked.categorical_features
    texts = [] if label is None else [label]
    dates = asked.named_whole
    default = Scan(path, csv=csv, ignore=ignored, text=texts, categorical=categorical, dates=dates)
    check_known(path, [*([] if label is None else [label]), *features], default.names)
    features = chosen_features(default, label, features)
    check_asked(path, asked, features)
    if id is not None and id in default.repeated:
        check_unique(path, [id, id])
    # A name that occurs twice means no column: both stay behind.
    unread = {*default.keys, *default.repeated}
    chosen = set(features)
    carried = [name for name in default.left_out if name not in unread and name not in chosen]
    others = [name for name in (*ignored, *default.columns) if name not in unread]
    known = {*features, label, *others, *carried}
    columns = [name for name in default.names if name in known]
    scan = default.select(columns, text=[name for name in columns if name not in chosen], carried=carried)
    whole = _read(path, scan)
    at = {name: position for position, name in enumerate(columns)}
    source = whole.select([at[name] for name in features])
    left_out = {
        **scan.left_out,
        **dict.fromkeys(_behind(ignored, default), "the name occurs more than once"),
    }
    return Table(
        path=path,
        rows=as_rows(path, source, asked=asked, advice=IN_FILES),
        features=features,
        label=label,
        labels=None if label is None else whole.column(at[label]),
        ignored={name: whole.column(at[name]) for name in columns if name not in chosen and name != label},
        columns=tuple(columns),
        id=id,
        left_out=left_out,
        typeless=scan.typeless,
        source=source,
    )


def check_roles(
    label: str | None, ignore: Collection[str], features: Collection[str], id: str | None
) -> None:
    """ValueError for a column that was given two roles."""
    if label is not None and label in ignore:
        raise ValueError(f"{label!r} is the label, it cannot be ignored")
    if label is not None and label == id:
        raise ValueError(f"{label!r} is the label, it cannot be the id")
    both = [repr(name) for name in features if name in (label, id) or name in ignore]
    if both:
        raise ValueError(f"{listed(both)} cannot be a feature and the label or ignored at once")


def chosen_features(scan: Scan, label: str | None, features: Collection[str]) -> tuple[str, ...]:
    """The columns of a scan that are features: those that were asked for, else all that are not left out."""
    if features:
        return tuple(dict.fromkeys(features))
    found = tuple(name for name in scan.columns if name != label)
    if not found:
        raise ValueError(f"{scan.files[0]}: no feature column is left besides the label and the ignored ones")
    return found


def no_rows(scan: Scan, rows: Callable[[str, Any, int], Rows]) -> Rows:
    """No rows of a scan, but their types: what holds no numbers is refused before anything is read.

    Parameters
    ----------
    scan : Scan
    rows : callable
        Makes rows of a batch, given the name of its file and the number of its first row.
    """
    try:
        return rows(scan.files[0], scan.schema.empty_table(), 0)
    except TypeError:
        # With a row the message shows a value.
        for batch in scan:
            rows(scan.files[0], batch, 0)
        raise


def read_features(
    path: str,
    features: Sequence[str],
    left_out: Collection[str] = (),
    *,
    csv: CsvFormat | None = None,
    asked: ColumnsAsked | None = None,
    types: Mapping[str, Any] | None = None,
    known: Known | None = None,
) -> Rows:
    """The rows of a file that has these features, in any order.

    Parameters
    ----------
    path : str
        A file of any format that `Scan` reads.
    features : sequence of str
        The columns, in the order in which they are given back.
    left_out : collection of str
        Columns that may be there as well.
    csv : CsvFormat, optional
        Delimiter, decimal mark, thousands separator and encoding of CSV.
    asked : ColumnsAsked, optional
        Which features hold categories, and whether values may be missing.
    types : mapping of str to pyarrow.DataType, optional
        What categories are elsewhere, and so here.
    known : Known, optional
        Rows of the same columns.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        If columns are missing or left over, or values are none of their column.
    """
    if format_of(path).kind == "npz":
        raise ValueError(
            f"{path}: must be a table whose columns have names, such as .csv or .parquet, not .npz"
        )
    check_file(path)
    asked = asked or ColumnsAsked()
    categorical = types or asked.categorical_features
    scan = Scan(path, columns=[], csv=csv, categorical=categorical, dates=asked.named_whole)
    wanted = set(features)
    passed_by = {*left_out, *scan.left_out} - wanted
    there = [name for name in scan.names if name not in passed_by]
    order(path, there, features, "the input")
    scan = scan.select(features)
    for name, kind in (types or {}).items():
        if arrow().types.is_temporal(kind):
            # Dates of one unit are the same whatever their zones.
            continue
        unite(name, [("the input", plain_type(kind)), (path, plain_type(scan.schema.field(name).type))])
    return as_rows(path, _read(path, scan), asked=asked, known=known, advice=IN_FILES)


def _read(path: str, scan: Scan) -> Any:
    whole = arrow().Table.from_batches(list(scan), schema=scan.schema)
    if not whole.num_rows:
        raise ValueError(f"{path}: there are no rows")
    return whole


def _behind(ignored: Collection[str], scan: Scan) -> list[str]:
    return [name for name in ignored if name in scan.repeated]


def check_file(path: str) -> None:
    """An error for what is no file that can be read."""
    check_input(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: no such file")
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path}: is a directory, and one file is read here: name that")
