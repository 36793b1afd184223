"""The columns of a file, read through the one door; those that it refuses are told apart from the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.csv_format import CsvFormat
from nngmix.files.npz import read_npz
from nngmix.files.reader import check_file, check_roles, chosen_features, read_features
from nngmix.files.scan import Scan
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.kinds import Dictionary, Kinds
from nngmix.rows.names import missing_column

__all__ = ["Contents", "read_contents", "without_ids"]


@dataclass(eq=False)
class Contents:
    """What could be read of a file.

    Attributes
    ----------
    n_rows : int
    X : ndarray of shape (n_rows, n_features) or None
        The features that the door takes; NaN where a value is missing.
    kinds : Kinds or None
        What they hold.
    features : tuple of str
        Their names.
    types : dict of str to str
        What the file says of each feature, good or bad.
    refused : dict of str to str
        Features that the door does not take, and why.
    left_out : dict of str to str
        Columns that are no features unasked, and why.
    ignored : tuple of str
        Columns that were left out by name, and are there.
    labels : pyarrow.ChunkedArray or None
    typeless : bool
        Labels are texts as they were written.
    faults : list of str
        What is wrong with the names that were given.
    """

    n_rows: int = 0
    X: NDArray[Any] | None = None
    kinds: Kinds | None = None
    features: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    labels: Any = None
    typeless: bool = False
    faults: list[str] = field(default_factory=list)


def read_contents(
    path: str,
    label: str | None,
    ignore: Sequence[str],
    features: Sequence[str],
    csv: CsvFormat,
    asked: ColumnsAsked,
) -> Contents:
    """Read a file column by column where that is needed.

    Raises
    ------
    FileNotFoundError, OSError, ValueError, TypeError
        If nothing of it can be read.
    """
    check_roles(label, ignore, features, None)
    check_file(path)
    if path.lower().endswith(".npz"):
        if features:
            raise ValueError(f"{path}: the columns of X are the features of an .npz: --feature cannot choose")
        return _npz(path, label or "y", ignore, asked)
    names = Scan(path, csv=csv, columns=[]).names
    found = Contents()
    for name in (*([] if label is None else [label]), *ignore, *features):
        if name not in names:
            found.faults.append(str(missing_column(path, name, names)))
    found.ignored = tuple(name for name in ignore if name in names)
    label = label if label in names else None
    scan = Scan(path, csv=csv, ignore=found.ignored, text=[] if label is None else [label])
    wanted = chosen_features(scan, label, [name for name in features if name in names])
    found.left_out = {name: why for name, why in scan.left_out.items() if name not in wanted}
    found.typeless = scan.typeless
    twice = [name for name in wanted if name in scan.repeated]
    found.refused = dict.fromkeys(twice, "the name occurs more than once")
    single = [name for name in wanted if name not in scan.repeated]
    columns = [name for name in (label, *single[:1]) if name is not None]
    # As texts: a CSV whose lines are no rows fails here, and nothing else does.
    texts = scan.select(columns, text=columns)
    whole = arrow().Table.from_batches(list(texts), schema=texts.schema)
    found.n_rows = whole.num_rows
    if not found.n_rows:
        raise ValueError(f"{path}: there are no rows")
    if label is not None:
        found.labels = whole.column(0)
    good: dict[str, tuple[NDArray[Any], Dictionary | None]] = {}
    _read(path, single, set(names), csv, asked, good, found.refused)
    if isinstance(asked.categorical_features, tuple):
        unknown = [name for name in asked.categorical_features if name not in wanted]
        found.faults += [str(missing_column(f"--categorical in {path}", name, wanted)) for name in unknown]
    found.features = tuple(name for name in wanted if name in good)
    types = scan.types_in(scan.parts()[0])
    numbers = {name for name, (_, values) in good.items() if values is None}
    found.types = {name: str(types.get(name, "number" if name in numbers else "text")) for name in wanted}
    if good:
        columns, dictionaries = zip(*(good[name] for name in found.features), strict=True)
        found.X = np.column_stack(columns)
        kinds = Kinds(dictionaries, asked.missing == "keep")
        found.kinds = kinds if kinds.missing or kinds.categorical.any() else None
    return found


def without_ids(contents: Contents) -> Contents:
    """The contents without columns of categories in which no two rows are the same: they tell rows apart."""
    if contents.X is None or contents.kinds is None:
        return contents
    n_there = (~np.isnan(contents.X)).sum(axis=0).tolist()
    dictionaries = contents.kinds.categories
    kept = [j for j, values in enumerate(dictionaries) if values is None or not 1 < n_there[j] == len(values)]
    if not kept:
        return contents
    names = tuple(contents.features[j] for j in kept)
    ids = dict.fromkeys(set(contents.features).difference(names), "no two rows have the same value")
    return replace(
        contents,
        X=np.ascontiguousarray(contents.X[:, kept]),
        kinds=contents.kinds.taken(kept),
        features=names,
        refused=contents.refused | ids,
    )


def _read(
    path: str,
    names: Sequence[str],
    there: set[str],
    csv: CsvFormat,
    asked: ColumnsAsked,
    good: dict[str, tuple[NDArray[Any], Dictionary | None]],
    refused: dict[str, str],
) -> None:
    """Read columns together; where that fails each half of them, down to the one that is at fault."""
    if not names:
        return
    try:
        some = asked
        if isinstance(asked.categorical_features, tuple):
            some = replace(asked, categorical_features=[c for c in asked.categorical_features if c in names])
        rows = read_features(path, names, there - set(names), csv=csv, asked=some)
        matrix = rows.whole()
    except (ValueError, TypeError, OSError) as error:
        if len(names) == 1:
            refused[names[0]] = str(error)
            return
        middle = len(names) // 2
        _read(path, names[:middle], there, csv, asked, good, refused)
        _read(path, names[middle:], there, csv, asked, good, refused)
    else:
        dictionaries = [None] * len(names) if rows.kinds is None else rows.kinds.categories
        good |= zip(names, zip(matrix.T, dictionaries, strict=True), strict=True)


def _npz(path: str, label: str, ignore: Sequence[str], asked: ColumnsAsked) -> Contents:
    table = read_npz(path, label, ignore, asked=asked)
    return Contents(
        n_rows=len(table),
        X=table.X,
        kinds=table.rows.kinds,
        features=table.features,
        types=dict.fromkeys(table.features, str(table.rows.dtype)),
        ignored=tuple(ignore),
        labels=table.labels,
    )
