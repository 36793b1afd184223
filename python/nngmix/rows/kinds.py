"""What the columns of rows hold: numbers, or values of a dictionary that the rows hold the ranks of.

A category is the number of its value among the values of its column in order, as a float, so that comparing
ranks compares values; what is missing is NaN. When a dictionary grows, ranks change and the order does not.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.factorize import value_order
from nngmix.rows.frame import Names

__all__ = [
    "Dictionary",
    "Kinds",
    "Mixed",
    "categories_told",
    "codes_of",
    "dictionary_of",
    "joined_kinds",
    "ranks_in",
    "read_values",
    "same_kinds",
    "written_values",
]

# The values of a column in order, each once.
Dictionary = tuple[Any, ...]

# What can be written to a file and comes back as it was; anything else is kept as the text that shows it.
_PLAIN: dict[str, type] = {kind.__name__: kind for kind in (str, bool, int, float)}
_MICROSECOND = datetime.timedelta(microseconds=1)
_AS_TEXT: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "Decimal": (Decimal, str, Decimal),
    "date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "time": (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
    "timedelta": (
        datetime.timedelta,
        lambda value: str(value // _MICROSECOND),
        lambda text: int(text) * _MICROSECOND,
    ),
}
_KEPT = {*_PLAIN.values(), *(kind for kind, _, _ in _AS_TEXT.values())}


class Mixed(NamedTuple):
    """What kernels are told of columns that are not all numbers, or may miss values."""

    categorical: NDArray[np.bool_]
    categorical_weight: float


@dataclass(frozen=True)
class Kinds:
    """The kind of each column.

    Attributes
    ----------
    categories : tuple
        For each column the values that were seen, in order, or None if it holds numbers.
    missing : bool
        Whether a value may be missing, which is NaN.
    """

    categories: tuple[Dictionary | None, ...]
    missing: bool = False

    def __len__(self) -> int:
        return len(self.categories)

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Which columns hold categories."""
        return np.array([values is not None for values in self.categories], bool)

    def mixed(self, categorical_weight: float = 1.0) -> Mixed:
        """These kinds as kernels take them, who weigh where they search."""
        return Mixed(self.categorical, categorical_weight)

    def taken(self, columns: Sequence[int] | NDArray[np.int64]) -> "Kinds":
        """Those of some columns."""
        return Kinds(tuple(self.categories[j] for j in columns), self.missing)

    def union(self, other: "Kinds", names: Names | None = None) -> "Kinds":
        """The values of both, in whatever order they are united.

        Raises
        ------
        ValueError
            For a column that holds categories in one and numbers in the other.
        """
        if len(self) != len(other):
            raise ValueError(f"there are {len(self)} columns and {len(other)}")
        for j, (mine, theirs) in enumerate(zip(self.categories, other.categories, strict=True)):
            if (mine is None) != (theirs is None):
                shown = j if names is None else repr(names[j])
                raise ValueError(
                    f"column {shown} holds categories in one part of the data and numbers in another: name "
                    "all columns of categories in categorical_features, by name or position"
                )
        pairs = zip(self.categories, other.categories, strict=True)
        united = tuple(None if a is None or b is None else _united(a, b) for a, b in pairs)
        missing = self.missing or other.missing
        if missing == self.missing and all(a is b for a, b in zip(united, self.categories, strict=True)):
            return self
        return Kinds(united, missing)

    def recode(self, rows: NDArray[Any], coded: "Kinds", *, known: bool = False) -> NDArray[Any]:
        """Rows that hold the ranks of `coded` with those of this one, which has all its values.

        With `known` it need not: NaN stands for those that it lacks. `rows` of shape (..., n_columns) stay as
        they are if there is nothing to change, and are copied else.
        """
        columns = enumerate(zip(self.categories, coded.categories, strict=True))
        changed = [(j, there, here) for j, (here, there) in columns if here != there]
        if not changed:
            return rows
        rows = rows.copy()
        for j, there, here in changed:
            if there is not None and here is not None:
                column = rows[..., j]
                ranks = ranks_in(here, there, known=known).astype(rows.dtype)
                rows[..., j] = ranks[np.where(np.isnan(column), len(there), column).astype(np.int64)]
        return rows

    def values(self, column: int, ranks: NDArray[Any], missing: Any = None) -> NDArray[np.object_]:
        """The values that ranks stand for, as objects; `missing` where there is none."""
        values = np.empty(len(self.categories[column] or ()) + 1, object)
        values[:] = [*(self.categories[column] or ()), missing]
        found: NDArray[np.object_] = values[codes_of(ranks, len(values) - 1)]
        return found

    def decoded(self, rows: NDArray[Any], missing: Any = None) -> NDArray[np.object_]:
        """Rows with the values that ranks stand for, as objects; `missing` for a category that is none."""
        out = rows.astype(object)
        for j in np.flatnonzero(self.categorical).tolist():
            out[:, j] = self.values(j, rows[:, j], missing)
        return out

    def to_json(self) -> list[Any]:
        """What JSON holds, each value with its type: the columns, then whether values may be missing."""
        return [[None if v is None else written_values(v) for v in self.categories], self.missing]

    @classmethod
    def from_json(cls, held: Any) -> "Kinds":
        """What `to_json` wrote; ValueError for anything else."""
        try:
            columns, missing = held
            read = tuple(None if v is None else read_values(v) for v in columns)
        except TypeError as error:
            raise ValueError(f"no categories are written so: {error}") from None
        if not isinstance(missing, bool) or any(not _same(v, v and dictionary_of(v)) for v in read):
            raise ValueError("no categories are written so: they are in another order")
        return cls(read, missing)


def dictionary_of(values: Iterable[Any]) -> Dictionary:
    """Values as a dictionary holds them: in order, each once, whatever order they come in."""
    # Of values that are equal, as 1 and 1.0 are, one is chosen by its type.
    chosen: dict[Any, Any] = {}
    for value in map(_kept, values):
        held = chosen.setdefault(value, value)
        if held is not value and _shown(value) < _shown(held):
            chosen[value] = value
    return tuple(sorted(chosen.values(), key=value_order))


def ranks_in(dictionary: Dictionary, values: Iterable[Any], *, known: bool = False) -> NDArray[np.float64]:
    """The rank of each value in a dictionary, then NaN: that of number -1.

    KeyError for a value that it lacks; with `known` such a one is NaN too.
    """
    at: dict[Any, float] = {value: rank for rank, value in enumerate(dictionary)}
    kept = map(_kept, values)
    ranks = (at.get(value, np.nan) for value in kept) if known else (at[value] for value in kept)
    return np.array([*ranks, np.nan], np.float64)


def _shown(value: Any) -> tuple[str, str]:
    return type(value).__name__, str(value)


def codes_of(ranks: NDArray[Any], missing: int = -1) -> NDArray[np.int64]:
    """Ranks as whole numbers, `missing` for NaN."""
    codes: NDArray[np.int64] = np.where(np.isnan(ranks), missing, ranks).astype(np.int64)
    return codes


def joined_kinds(first: Kinds | None, second: Kinds | None, names: Names | None = None) -> Kinds | None:
    """The union of kinds, of which None are numbers alone."""
    if first is None or second is None:
        known = first or second
        if known is None:
            return None
        return known.union(Kinds((None,) * len(known), known.missing), names)
    return first.union(second, names)


def categories_told(names: Names, kinds: Kinds | None) -> dict[str, int]:
    """How many values each column of categories has."""
    if kinds is None:
        return {}
    pairs = zip(names, kinds.categories, strict=True)
    return {str(name): len(values) for name, values in pairs if values is not None}


def same_kinds(first: Kinds | None, second: Kinds | None) -> bool:
    """Whether both say the same of all columns, but for the values that were seen."""
    if first is None or second is None:
        return first is second
    same = np.array_equal(first.categorical, second.categorical)
    return same and first.missing == second.missing


def _same(mine: Dictionary | None, theirs: Dictionary | None) -> bool:
    """Whether two dictionaries are one, 1 and 1.0 being two values."""
    if mine is theirs:
        return True
    return mine == theirs and [*map(type, mine or ())] == [*map(type, theirs or ())]


def _united(mine: Dictionary, theirs: Dictionary) -> Dictionary:
    held = dict(zip(mine, map(type, mine), strict=True))
    # Most often nothing is new.
    if all(held.get(value) is type(value) for value in theirs):
        return mine
    return dictionary_of((*mine, *theirs))


def _kept(value: Any) -> Any:
    """A value as it can be kept: what no file holds as the text that shows it."""
    if type(value) is float:
        return value + 0.0
    if type(value) is Decimal:
        number = float(value)
        return number + 0.0 if Decimal(str(number)) == value else value
    return value if type(value) in _KEPT else str(value)


def written_values(values: Dictionary) -> list[list[Any]]:
    """Values as JSON holds them, each with its type."""
    return [*map(_written, values)]


def read_values(held: Any) -> Dictionary:
    """What `written_values` wrote; ValueError for anything else."""
    try:
        return tuple(_read(*item) for item in held)
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise ValueError(f"no categories are written so: {error}") from None


def _written(value: Any) -> list[Any]:
    kind = type(value).__name__
    return [kind, value if kind in _PLAIN else _AS_TEXT[kind][1](value)]


def _read(kind: str, held: Any) -> Any:
    if kind in _PLAIN and type(held) is not _PLAIN[kind]:
        raise ValueError(f"{held!r} is no {kind}")
    return held if kind in _PLAIN else _AS_TEXT[kind][2](held)
