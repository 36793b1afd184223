"""New values as columns of files, in the types that their columns have or get."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.rows.category_values import arrow_values
from nngmix.rows.column_types import ColumnType, ColumnTypes, DateType
from nngmix.rows.date_values import arrow_date_type, arrow_dates, arrow_unit_type
from nngmix.rows.kinds import Dictionary
from nngmix.rows.rows import Known

__all__ = ["empty_columns", "known_types", "new_column", "types_of_values"]

_DECIMAL = re.compile(r"decimal(\d+)\((\d+), (-?\d+)\)")


def new_column(
    values: NDArray[Any], kind: Any, dictionary: Dictionary | None = None, like: Any = None
) -> Any:
    """An Arrow array of new values.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        Numbers, or ranks of categories; NaN where one is missing.
    kind : pyarrow.DataType
        Of numbers, or of the dates that they stand for.
    dictionary : tuple, optional
        The values that ranks count.
    like : pyarrow.Array or ChunkedArray, optional
        A column of the type that categories go out in, with the values that a dictionary of Arrow has and in
        their order. Default: the type of the values themselves.
    """
    pa = arrow()
    if dictionary is not None:
        return arrow_values(dictionary, values, types_of_values(dictionary) if like is None else like)
    if pa.types.is_temporal(kind):
        return arrow_dates(values, kind)
    # The least of values is NaN if one of them is, and needs no memory.
    if not np.isnan(np.min(values, initial=0)):
        return pa.array(np.ascontiguousarray(values, kind.to_pandas_dtype()), kind)
    missing = np.isnan(values)
    return pa.array(np.where(missing, 0, values).astype(kind.to_pandas_dtype()), kind, mask=missing)


def types_of_values(dictionary: Dictionary) -> Any:
    """The values as an Arrow array of their own type."""
    pa = arrow()
    try:
        return pa.array(dictionary)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        kinds = dict.fromkeys(type(value).__name__ for value in dictionary)
        raise ValueError(
            f"a column holds categories of several types ({', '.join(kinds)}), and a column of a file has "
            "one: make them texts before the table is fitted"
        ) from error


def empty_columns(
    names: Sequence[str],
    types: ColumnTypes | None,
    categories: Sequence[Dictionary | None],
    dtype: np.dtype[Any],
) -> Any:
    """An Arrow table without rows, of the columns that rows came in.

    Parameters
    ----------
    names : sequence of str
    types : tuple or None
        Their types, as far as they are known.
    categories : sequence of tuple or None
        The values of each column of categories, None for one of numbers.
    dtype : dtype
        Of numbers whose type is not known.
    """
    types = (None,) * len(names) if types is None else types
    plain = arrow().from_numpy_dtype(dtype)
    columns = [_empty(kind, values, plain) for kind, values in zip(types, categories, strict=True)]
    return arrow().table(columns, names=list(names))


def _empty(kind: ColumnType | None, dictionary: Dictionary | None, plain: Any) -> Any:
    pa = arrow()
    if dictionary is None:
        return pa.array([], plain if kind is None else _named(kind))
    values = types_of_values(dictionary)
    if kind is None:
        return values.slice(0, 0)
    if kind.codes is not None:
        known = types_of_values((*kind.values, *dictionary)).type if kind.name == "" else _named(kind)
        codes = pa.array([], pa.type_for_alias(kind.codes))
        return pa.DictionaryArray.from_arrays(codes, pa.array(kind.values, known), ordered=kind.ordered)
    try:
        # What a table has learnt since may be of another type.
        values.cast(_named(kind))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return values.slice(0, 0)
    return pa.array([], _named(kind))


def _named(kind: ColumnType) -> Any:
    """The type that Arrow calls so."""
    pa = arrow()
    dates, decimal = DateType.of(kind), _DECIMAL.fullmatch(kind.name)
    if decimal is not None:
        bits, precision, scale = map(int, decimal.groups())
        return getattr(pa, f"decimal{bits}")(precision, scale)
    if dates is not None and dates.family != "date":
        return arrow_date_type(dates)
    return pa.type_for_alias(kind.name)


def known_types(known: Known) -> dict[str, Any]:
    """The types of the categories and dates of a table whose columns have names; ValueError without."""
    dates = {} if known.units is None else {j: unit for j, unit in enumerate(known.units) if unit}
    categorical = known.kinds is not None and known.kinds.categorical.any()
    if not (categorical or dates):
        return {}
    if known.names is None:
        raise ValueError(
            "the table has columns of categories or dates without names, which no file can be matched to"
        )
    types = {str(known.names[j]): arrow_unit_type(unit) for j, unit in dates.items()}
    pairs = zip(known.names, () if known.kinds is None else known.kinds.categories, strict=False)
    return types | {str(name): types_of_values(values).type for name, values in pairs if values is not None}
