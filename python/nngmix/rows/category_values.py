"""Ranks back as the values that they stand for, in the type of a column as its library had it.

Categories that no row has are kept, and so is their order. A value that the column's type does not know, for
it came from other rows, is added to it; what has an order has none then.
"""

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.factorize import as_shown, is_missing_value
from nngmix.rows.kinds import Dictionary, Kinds, codes_of, dictionary_of
from nngmix.rows.numbers import is_missing_type

__all__ = [
    "array_values",
    "arrow_values",
    "missing_mark",
    "originals",
    "pandas_values",
    "polars_values",
    "restored",
]

Ranks = NDArray[Any]
# Objects of these types are kept as they are.
_PLAIN = (str, bool, int, float, bytes)


def missing_mark(values: Any) -> Any:
    """What objects say of a value that is missing: None or pandas' NA, if one of them does, else NaN."""
    marks = [kind for kind in set(map(type, values)) if is_missing_type(kind)]
    if type(None) in marks:
        return None
    return next((value for value in values if type(value) in marks), np.nan)


def originals(values: list[Any]) -> dict[Any, Any]:
    """Objects, of each value the first, by what a dictionary has in their place: a tuple by its text."""
    if all(kind in _PLAIN or is_missing_type(kind) for kind in set(map(type, values))):
        return {}
    try:
        values = list(dict.fromkeys(values))
    except TypeError:
        # Lists and the like have no hash, and are told apart as they are shown.
        values = list({repr(value): value for value in reversed(values)}.values())
    there = (value for value in reversed(values) if not is_missing_value(value))
    return {held: value for value in there for held in dictionary_of([_shown(value)])}


def restored(dictionary: Dictionary, known: dict[Any, Any]) -> Dictionary:
    """The values of a dictionary as the objects that they were."""
    return tuple(known.get(value, value) for value in dictionary) if known else dictionary


def _shown(value: Any) -> Any:
    shown = as_shown(value)
    return shown if isinstance(shown, Hashable) else repr(shown)


def array_values(rows: Ranks, kinds: Kinds, dtype: np.dtype[Any] | None, missing: Any) -> NDArray[Any]:
    """A matrix of an array's type, None for one that had none: objects unless numbers hold all values."""
    dictionaries = [values for values in kinds.categories if values is not None]
    if dtype is None:
        texts = any(not isinstance(value, bool | int | float) for values in dictionaries for value in values)
        dtype = np.dtype(object) if texts else rows.dtype
    if dtype.kind in "fiu":
        numbers = rows.copy()
        for j in np.flatnonzero(kinds.categorical).tolist():
            numbers[:, j] = kinds.values(j, rows[:, j], np.nan)
        return numbers
    decoded = kinds.decoded(rows, missing)
    if dtype.kind == "O" or np.isnan(rows).any():
        return decoded
    return decoded.astype(dtype if dtype.kind == "b" else dtype.type)


def pandas_values(dictionary: Dictionary, ranks: Ranks, kind: Any, missing: Any) -> Any:
    """A column of a pandas type; objects have a mark of their own where a value is missing."""
    import pandas as pd

    codes = codes_of(ranks)
    if isinstance(kind, pd.CategoricalDtype):
        known, numbers = _numbered(dictionary, list(kind.categories))
        if len(known) > len(kind.categories):
            kind = pd.CategoricalDtype(known)
        return pd.Categorical.from_codes(numbers[codes], dtype=kind)
    if not isinstance(kind, np.dtype) and not isinstance(kind, pd.SparseDtype):
        return pd.array(list(dictionary), dtype=kind).take(codes, allow_fill=True)
    values = np.empty(len(dictionary) + 1, object)
    values[:] = [*dictionary, missing]
    found = values[codes]
    family = kind.kind if isinstance(kind, np.dtype) else ""
    if family == "O" or (family == "b" and (codes < 0).any()):
        # An array alone would become texts.
        return pd.Series(found, dtype=object)
    if family in ("i", "u") and (codes < 0).any():
        kind = np.dtype(np.float64)
    return pd.array(found, dtype=kind)


def polars_values(name: str, dictionary: Dictionary, ranks: Ranks, kind: Any) -> Any:
    """A column of a polars type."""
    import polars as pl

    if isinstance(kind, pl.Enum):
        known, _ = _numbered(dictionary, kind.categories.to_list())
        kind = pl.Enum(known)
    values = pl.Series(name, [*dictionary, None], dtype=kind)
    return values.gather(codes_of(ranks, len(dictionary)))


def arrow_values(dictionary: Dictionary, ranks: Ranks, column: Any) -> Any:
    """An array of the type of an Arrow column, or chunked one."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind, codes = column.type, codes_of(ranks)
    missing = codes < 0
    if types.is_dictionary(kind):
        known, numbers = _numbered(dictionary, _arrow_dictionary(column))
        wide = np.iinfo(kind.index_type.to_pandas_dtype()).max < len(known) - 1
        indices = pa.array(numbers[codes], pa.int32() if wide else kind.index_type, mask=missing)
        ordered = kind.ordered and set(known) == set(_arrow_dictionary(column))
        return pa.DictionaryArray.from_arrays(indices, _arrow_array(known, kind.value_type), ordered=ordered)
    runs = types.is_run_end_encoded(kind)
    inner = kind.value_type if runs else kind
    # Nothing is taken from views.
    view = types.is_string_view(inner)
    values = _arrow_array([*dictionary, None], pa.large_string() if view else inner)
    found = values.take(pa.array(np.where(missing, len(dictionary), codes)))
    found = found.cast(inner) if view else found
    return compute.run_end_encode(found, kind.run_end_type) if runs else found


def _arrow_array(values: list[Any], kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_decimal(kind):
        # A dictionary has the floats that decimals are.
        values = [Decimal(str(value)) if isinstance(value, float) else value for value in values]
    return pa.array(values, kind)


def _arrow_dictionary(column: Any) -> list[Any]:
    """The values of a dictionary that may differ from chunk to chunk, used or not."""
    chunks = getattr(column, "chunks", [column])
    return list(dict.fromkeys(value for chunk in chunks for value in chunk.dictionary.to_pylist()))


def _numbered(dictionary: Dictionary, known: list[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    """The categories of a type, with those that it lacks, and for each rank, and none, which it is."""
    at: dict[Any, int] = {}
    for number, value in enumerate(known):
        at.setdefault(*((*dictionary_of([as_shown(value)]), number)))
    lacking = [value for value in dictionary if value not in at]
    at |= {value: len(known) + number for number, value in enumerate(lacking)}
    return [*known, *lacking], np.array([*(at[value] for value in dictionary), -1], np.int64)
