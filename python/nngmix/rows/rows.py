"""The door for everything in memory; the batches of files, streams and engines pass it too.

The values stay where they are: rows are converted in blocks, when they are read.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.warnings import warn
from nngmix.rows.asked_columns import ColumnsAsked, named_columns
from nngmix.rows.base import Rows
from nngmix.rows.category_columns import CategoryColumn, is_category
from nngmix.rows.column_types import ColumnTypes, Units
from nngmix.rows.columns import Column, NotNumbers
from nngmix.rows.date_columns import DateColumn, date_column
from nngmix.rows.frame import (
    Names,
    column_names,
    is_frame,
    known_frame,
    native,
    native_columns,
    tried_column,
)
from nngmix.rows.in_memory import FrameRows, MatrixRows, one_matrix
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.names import listed, looks_like_index
from nngmix.rows.ndarray import check_shape, number_matrix, value_matrix
from nngmix.rows.numbers import float_dtype, is_narrow
from nngmix.rows.refusal import IN_MEMORY, Advice, no_numbers, short

__all__ = [
    "IN_MEMORY",
    "Advice",
    "Known",
    "Names",
    "Rows",
    "as_rows",
    "check_units",
    "coded_rows",
    "common_dtype",
    "matched",
    "paired",
]


class Known(NamedTuple):
    """Columns that are known already, whose kinds other rows must have."""

    names: Names | None
    kinds: Kinds | None
    units: Units = None

    @classmethod
    def of(cls, rows: Rows) -> "Known":
        """Those of rows."""
        return cls(rows.names, rows.kinds, rows.units)

    def asked(self) -> ColumnsAsked:
        """What is asked for of other rows, but for the columns, which may stand in another order."""
        missing = self.kinds is not None and self.kinds.missing
        return ColumnsAsked(missing="keep" if missing else "error")

    def categorical(self, names: Names | None, n_features: int) -> NDArray[np.bool_]:
        """Which of some columns hold categories."""
        return self._where(None if self.kinds is None else self.kinds.categorical, names, n_features)

    def dates(self, names: Names | None, n_features: int) -> NDArray[np.bool_]:
        """Which of some columns hold dates."""
        units = self.units
        return self._where(
            None if units is None else np.array([unit is not None for unit in units]), names, n_features
        )

    def _where(
        self, known: NDArray[np.bool_] | None, names: Names | None, n_features: int
    ) -> NDArray[np.bool_]:
        mask = np.zeros(n_features, bool)
        if known is None:
            return mask
        if names is None or self.names is None:
            # Another number of columns is told of where they are matched.
            return known if len(known) == n_features else mask
        named = {name for name, there in zip(self.names, known.tolist(), strict=True) if there}
        return np.array([name in named for name in names], bool)


def as_rows(
    name: str,
    X: Any,
    *,
    asked: ColumnsAsked | None = None,
    known: Known | None = None,
    advice: Advice = IN_MEMORY,
    first_row: int = 0,
) -> Rows:
    """Whatever a user has, as rows.

    Parameters
    ----------
    name : str
        What messages call it.
    X : array-like, frame or Arrow table of shape (n_rows, n_features)
        Real numbers: an array or memory map, lists, a pandas or polars frame, an Arrow table, batch or
        reader, or `Rows`, which are given back as they are.
    asked : ColumnsAsked, optional
        Which columns hold categories, and whether values may be missing; default: numbers, of which none is.
    known : Known, optional
        Other rows of the same columns: what holds categories there does so here.
    advice : Advice
        The ways out that errors name.
    first_row : int, default=0
        Number of the first row in what the user knows, of which `X` may be a part.

    Raises
    ------
    TypeError
        For what holds no real numbers and no categories that are asked for, with the columns and their types.
    ValueError
        For another shape than rows x columns, names that occur twice, or a column asked for that there is
        not.
    """
    if isinstance(X, Rows):
        return X
    asked = asked or (known.asked() if known is not None else ColumnsAsked())
    missing = asked.missing == "keep"
    # A plain array is no frame, and small searches ask often.
    bare = type(X) is np.ndarray
    X = X if bare else native(name, X)
    if not bare and is_frame(X):
        X = known_frame(X)
        names, columns = column_names(name, X), native_columns(X)
        if not columns:
            raise ValueError(f"{name} must have at least one column, got none")
        mask = _categorical(name, names, columns, asked, known)
        dates = named_columns("whole_features", asked.whole_features, name, names, len(columns))
        if known is not None:
            dates |= known.dates(names, len(columns))
        return _frame_rows(name, names, columns, mask, missing, advice, first_row, dates)
    if asked.categorical_features is not None or (known is not None and known.kinds is not None):
        array = value_matrix(name, X)
        check_shape(name, X, array)
        columns = list(array.T)
        mask = _categorical(name, None, columns, asked, known)
        if mask.any():
            return _frame_rows(name, None, columns, mask, missing, advice, first_row)
    array = number_matrix(name, X, advice)
    kinds = Kinds((None,) * array.shape[1], True) if missing else None
    return MatrixRows(name, array, None, advice, first_row, kinds)


def _categorical(
    name: str, names: Names | None, columns: Sequence[Any], asked: ColumnsAsked, known: Known | None
) -> NDArray[np.bool_]:
    """Which columns, as their library has them, hold categories."""
    features = asked.categorical_features
    mask = named_columns("categorical_features", features, name, names, len(columns))
    if isinstance(features, str):
        mask = np.array([*map(is_category, columns)], bool)
    return mask if known is None else mask | known.categorical(names, len(columns))


def _frame_rows(
    name: str,
    names: Names | None,
    natives: Sequence[Any],
    mask: NDArray[np.bool_],
    missing: bool,
    advice: Advice,
    first_row: int,
    as_dates: NDArray[np.bool_] | None = None,
) -> Rows:
    shown: Sequence[Any] = range(len(natives)) if names is None else names
    columns = [
        CategoryColumn(f"{name}, column {shown[j]!r},", column) if mask[j] else tried_column(column)
        for j, column in enumerate(natives)
    ]
    dates = _dates(natives, columns)
    for j in [j for j in dates if as_dates is not None and as_dates[j]]:
        columns[j] = dates.pop(j)
    good = [column for column in columns if isinstance(column, Column)]
    if len(good) < len(columns):
        refused = [(j, column) for j, column in enumerate(columns) if isinstance(column, NotNumbers)]
        said = listed(f"{shown[j]!r} ({short(column.kind)})" for j, column in refused)
        j, first = refused[0]
        example = first.example()
        if example is not None:
            said += f", {shown[j]!r} being {short(example)} at row {first_row + first.row}"
        kinds = [column.meaning() for _, column in refused]
        raise no_numbers(name, f"columns of other types: {said}", kinds, advice, [shown[j] for j in dates])
    if advice.warn_index:
        _warn_of_index(name, [shown[j] for j, column in enumerate(good) if column.limits])
    matrix = one_matrix(good)
    if matrix is not None:
        numbers = Kinds((None,) * len(good), True) if missing else None
        return MatrixRows(name, matrix, names, advice, first_row, numbers)
    return FrameRows(name, good, natives, names, len(good[0]), advice, first_row, missing)


def _dates(natives: Sequence[Any], columns: Sequence[Column | NotNumbers]) -> dict[int, DateColumn]:
    """The refused columns that hold dates or durations, by their positions."""
    refused = [j for j, column in enumerate(columns) if isinstance(column, NotNumbers)]
    found = {j: date_column(natives[j]) for j in refused}
    return {j: column for j, column in found.items() if column is not None}


def coded_rows(
    name: str,
    array: NDArray[Any],
    names: Names | None,
    kinds: Kinds | None,
    types: ColumnTypes | None = None,
) -> Rows:
    """Rows that have passed the door before, of the ranks that it gave them, and the types that it met."""
    return MatrixRows(name, array, names, IN_MEMORY, 0, kinds, types)


def _warn_of_index(name: str, whole: Sequence[Any]) -> None:
    found = [repr(column) for column in whole if looks_like_index(column)]
    if found:
        warn(
            f"{name}: {listed(found)} looks like an index that was written as a column, and is taken for a "
            "feature as it stands there; drop it if it is none"
        )


def common_dtype(*rows: Rows) -> np.dtype[Any]:
    """float32 if all rows are, else float64."""
    return float_dtype(*[is_narrow(there.dtype) for there in rows])


def matched(rows: Rows, reference: Rows) -> Rows:
    """The rows with their columns in the order of `reference`: by name where both have names."""
    if rows.n_features != reference.n_features and None in (rows.names, reference.names):
        raise ValueError(
            f"{rows.name} must have the {reference.n_features} columns of {reference.name}, "
            f"got {rows.n_features}"
        )
    rows = rows.matched(reference.names, reference.name)
    check_units(rows, reference.units, reference.name)
    return rows


def check_units(rows: Rows, units: Units, reference: str) -> None:
    """TypeError unless the columns of rows, in order, hold dates of these units, or numbers, as others do."""
    if rows.units == units:
        return
    none = (None,) * rows.n_features
    pairs = zip(rows.units or none, units or none, strict=True)
    j, (here, there) = next((j, pair) for j, pair in enumerate(pairs) if pair[0] != pair[1])
    raise TypeError(
        f"{rows.name}, column {rows.column_name(j)}, holds {here or 'numbers'} and that of {reference} "
        f"{there or 'numbers'}: convert one of them to the type of the other"
    )


def paired(rows: Rows, reference: Rows) -> tuple[Rows, Rows]:
    """Both with their columns in the order of `reference`, and with the same dictionaries."""
    rows = matched(rows, reference)
    kinds = joined_kinds(rows.kinds, reference.kinds, reference.names)
    return rows.coded(kinds), reference.coded(kinds)
