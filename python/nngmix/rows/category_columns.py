"""One column of categories, whatever the library: the ranks of its values in a dictionary."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.columns import Column, Part, Values, python_value
from nngmix.rows.factorize import factorize
from nngmix.rows.frame import library
from nngmix.rows.kinds import Dictionary, dictionary_of, ranks_in
from nngmix.rows.numbers import is_missing_type

__all__ = ["CategoryColumn", "is_category"]

# float32 holds this many ranks exactly.
_MOST_NARROW = 1 << 24


class CategoryColumn(Column):
    """A column whose values are compared for being the same.

    Parameters
    ----------
    name : str
        What messages call its rows.
    native : Any
        The column as its library has it.

    Attributes
    ----------
    dictionary : tuple
        The values that ranks count; at first those of this column.
    """

    def __init__(self, name: str, native: Any) -> None:
        codes, values = factorize(name, native)
        # All that is held of the column besides itself: a byte for each row, where there are few values.
        self._codes = codes.astype(np.min_scalar_type(-1 - len(values)))
        self._native, self._values = native, values
        self._set(dictionary_of(values))

    def _set(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.narrow = len(dictionary) <= _MOST_NARROW
        ranks = ranks_in(dictionary, self._values)
        self._ranks = {kind: ranks.astype(kind) for kind in (np.dtype(np.float32), np.dtype(np.float64))}

    def __len__(self) -> int:
        return len(self._codes)

    def part(self, rows: Part) -> Values:
        return self.floats(rows, np.dtype(np.float64)), None

    def floats(self, rows: Part, dtype: np.dtype[Any]) -> NDArray[Any]:
        # Code -1 stands for the last of the ranks, which is NaN.
        found: NDArray[Any] = self._ranks[dtype][self._codes[rows]]
        return found

    def value(self, row: int) -> Any:
        native = self._native.iloc if library(self._native) == "pandas" else self._native
        return python_value(native[row])

    def coded(self, dictionary: Dictionary) -> "CategoryColumn":
        """The same column by another dictionary; KeyError for a value that it lacks."""
        if dictionary == self.dictionary:
            return self
        column = object.__new__(CategoryColumn)
        vars(column).update(vars(self))
        column._set(dictionary)
        return column

    def first(self, value: Any) -> int:
        """The first row of a value that the column has."""
        number = next(i for i, there in enumerate(self._values) if dictionary_of([there]) == (value,))
        return int(np.argmax(self._codes == number))


def is_category(column: Any) -> bool:
    """Whether the type of a column is one of categories, texts or booleans; that of objects: their values."""
    module = library(column)
    kind = column.type if module == "pyarrow" else column.dtype
    if module == "polars":
        return str(kind).startswith(("String", "Categorical", "Enum", "Boolean")) or (
            str(kind) == "Object" and _holds_categories(column)
        )
    if module == "pandas" and hasattr(kind, "pyarrow_dtype"):
        kind, module = kind.pyarrow_dtype, "pyarrow"
    if module == "pyarrow":
        return _is_arrow_category(kind)
    if hasattr(kind, "fill_value"):
        # Sparse: of what it holds.
        return bool(kind.subtype.kind == "b")
    if isinstance(kind, np.dtype):
        return kind.kind in "bUS" or (kind.kind == "O" and _holds_categories(column))
    return str(kind) == "boolean" or hasattr(kind, "categories") or kind.name in ("string", "str")


def _is_arrow_category(kind: Any) -> bool:
    from pyarrow import types

    if types.is_run_end_encoded(kind):
        kind = kind.value_type
    texts = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return bool(texts or types.is_boolean(kind) or types.is_dictionary(kind))


def _holds_categories(values: Any) -> bool:
    """Whether objects are texts, whatever is among them, or booleans alone."""
    # Lists are gone through fastest. There are few types and many values.
    values = values.to_list() if hasattr(values, "to_list") else values.tolist()
    kinds = {kind for kind in set(map(type, values)) if not is_missing_type(kind)}
    if any(issubclass(kind, str | bytes) for kind in kinds):
        return True
    if kinds == {bool, float}:
        return all(value != value for value in values if type(value) is float)
    return bool(kinds) and kinds <= {bool, np.bool_}
