"""The types that columns came in, by the names that Arrow has for them, whatever the library was.

They are what a table keeps of its columns besides their values, so that rows made of it later are columns of
the same types.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nngmix.rows.factorize import as_shown, is_missing_value
from nngmix.rows.frame import library
from nngmix.rows.kinds import Dictionary, Kinds, dictionary_of, read_values, written_values
from nngmix.rows.numbers import integer_limits

__all__ = [
    "ColumnType",
    "ColumnTypes",
    "DateType",
    "Units",
    "column_type",
    "date_types",
    "joined_types",
    "read_types",
    "units_of",
    "written_types",
]

_UNITS = "(s|ms|us|ns)"
_NAME = re.compile(
    r"u?int(8|16|32|64)|halffloat|float|double|bool|(large_)?(string|binary)|decimal\d+\(\d+, -?\d+\)|"
    rf"date(32\[day\]|64\[ms\])|(time(32|64)|duration)\[{_UNITS}\]|timestamp\[{_UNITS}(, tz=[^\]]+)?\]"
)
_CODES = re.compile("u?int(8|16|32|64)")
_DATE = re.compile(r"(date|timestamp|duration)(?:32|64)?\[(\w+)(?:, tz=(.*))?\]")


# What the numbers of each column of dates count, None for other columns; None if there are no dates.
Units = tuple[str | None, ...] | None


@dataclass(frozen=True)
class ColumnType:
    """The type of a column.

    Attributes
    ----------
    name : str
        As Arrow calls it: 'int8', 'string', 'timestamp[us, tz=UTC]'; that of the values of a dictionary,
        empty if they tell it themselves.
    codes : str or None
        The type of the codes of a dictionary of categories; None for what is none.
    values : tuple
        Those of the dictionary in their order, used or not.
    ordered : bool
        Whether that order means anything.
    """

    name: str
    codes: str | None = None
    values: Dictionary = ()
    ordered: bool = False


# For each column its type, None where nobody knows it.
ColumnTypes = tuple[ColumnType | None, ...]


class DateType(NamedTuple):
    """A type of dates.

    Attributes
    ----------
    family : {'date', 'timestamp', 'duration'}
    given : str
        The unit, as NumPy calls it.
    zone : str or None
    """

    family: str
    given: str
    zone: str | None

    @classmethod
    def of(cls, kind: ColumnType | None) -> "DateType | None":
        """That of a column; None for one that is not of dates."""
        found = None if kind is None or kind.codes is not None else _DATE.fullmatch(kind.name)
        if found is None:
            return None
        return cls(found[1], "D" if found[1] == "date" else found[2], found[3])

    @property
    def counted(self) -> str:
        """The unit of the numbers."""
        return "us" if self.given == "ns" else self.given

    @property
    def unit(self) -> str:
        """What the numbers count: only columns of one can be mixed."""
        return f"{'zoned ' if self.zone else ''}{self.family}[{self.counted}]"

    @property
    def numpy(self) -> str:
        """The family as NumPy calls it."""
        return "timedelta64" if self.family == "duration" else "datetime64"


def column_type(native: Any) -> ColumnType | None:
    """The type of a column as its library has it; None for objects, texts without a type, and whatever else
    has no name here."""
    found = _TYPE.get(library(native), _numpy)(native)
    return found if found is None or found.codes is not None or _NAME.fullmatch(found.name) else None


def _numpy(values: Any) -> ColumnType | None:
    return _of_dtype(values.dtype)


def _of_dtype(kind: Any) -> ColumnType | None:
    if not isinstance(kind, np.dtype):
        return None
    if kind.kind in "mM":
        return ColumnType(f"{'duration' if kind.kind == 'm' else 'timestamp'}[{np.datetime_data(kind)[0]}]")
    names = {"float16": "halffloat", "float32": "float", "float64": "double"}
    return ColumnType(names.get(kind.name, kind.name))


def _pandas(series: Any) -> ColumnType | None:
    kind = series.dtype
    if hasattr(kind, "pyarrow_dtype"):
        return _arrow(series.array.__arrow_array__())
    if hasattr(kind, "categories") and hasattr(kind, "ordered"):
        return ColumnType("", str(series.cat.codes.dtype), _kept(kind.categories), bool(kind.ordered))
    if hasattr(kind, "tz") and hasattr(kind, "unit"):
        return ColumnType(f"timestamp[{kind.unit}, tz={_zone(kind.tz)}]")
    if str(kind) in ("str", "string"):
        return ColumnType("large_string")
    return None if hasattr(kind, "fill_value") else _of_dtype(getattr(kind, "numpy_dtype", kind))


def _zone(zone: Any) -> str:
    """A time zone as Arrow calls it: by its name, or as +01:00."""
    fixed = re.fullmatch(r"(?:UTC|pytz\.FixedOffset\()?([+-]\d\d:\d\d)\)?", str(zone))
    return fixed[1] if fixed else str(zone)


def _polars(series: Any) -> ColumnType | None:
    kind, name = series.dtype, str(series.dtype.base_type())
    if name == "Enum":
        return ColumnType("", "uint32", tuple(kind.categories))
    if name == "Categorical":
        return ColumnType("", "uint32")
    if name in ("Datetime", "Duration"):
        zone = getattr(kind, "time_zone", None)
        family = "timestamp" if name == "Datetime" else "duration"
        return ColumnType(f"{family}[{kind.time_unit}{'' if zone is None else f', tz={zone}'}]")
    names = {
        "Date": "date32[day]",
        "Boolean": "bool",
        "String": "large_string",
        "Float32": "float",
        "Float64": "double",
    }
    return ColumnType(names.get(name, name.lower()))


def _arrow(values: Any) -> ColumnType:
    from pyarrow import types

    kind = values.type
    if types.is_dictionary(kind):
        chunks = getattr(values, "chunks", [values])
        held = _kept(value for chunk in chunks for value in chunk.dictionary.to_pylist())
        return ColumnType(_plain(kind.value_type), str(kind.index_type), held, kind.ordered)
    return ColumnType(_plain(kind.value_type if types.is_run_end_encoded(kind) else kind))


def _plain(kind: Any) -> str:
    return str(kind).removesuffix("_view")


def _kept(values: Iterable[Any]) -> Dictionary:
    """Values as a dictionary holds them, in their own order."""
    there = (as_shown(value) for value in values if not is_missing_value(value))
    return tuple(dict.fromkeys(held for value in there for held in dictionary_of([value])))


_TYPE: dict[str, Callable[[Any], ColumnType | None]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _arrow,
}


def units_of(types: ColumnTypes | None, kinds: Kinds | None = None) -> Units:
    """The units of columns of some types, of which `kinds` says which hold categories."""
    if types is None:
        return None
    dates = date_types(types, kinds)
    return tuple(dates[j].unit if j in dates else None for j in range(len(types))) if dates else None


def date_types(types: ColumnTypes | None, kinds: Kinds | None = None) -> dict[int, DateType]:
    """The columns of dates among columns of some types, by their positions."""
    categories = (None,) * len(types or ()) if kinds is None else kinds.categories
    found = {j: DateType.of(kind) for j, kind in enumerate(types or ()) if categories[j] is None}
    return {j: kind for j, kind in found.items() if kind is not None}


def joined_types(first: ColumnTypes | None, second: ColumnTypes | None) -> ColumnTypes | None:
    """The types that hold the columns of both, whatever their order; None for a column that has none."""
    if first is None or second is None:
        return None
    return tuple(map(_joined, first, second))


def _joined(first: ColumnType | None, second: ColumnType | None) -> ColumnType | None:
    if first is None or second is None or first == second:
        return first if first == second else None
    if first.codes is not None and second.codes is not None and first.name == second.name:
        low, high = sorted((first, second), key=lambda kind: (len(kind.values), str(kind)), reverse=True)
        more = set(high.values).difference(low.values)
        values = (*low.values, *(value for value in high.values if value in more))
        codes = low.codes if low.codes == high.codes and not more else "int32"
        return ColumnType(low.name, codes, values, low.ordered and high.ordered and not more)
    dates = DateType.of(first), DateType.of(second)
    if dates[0] is not None and dates[1] is not None and dates[0].unit == dates[1].unit:
        return min(first, second, key=str)
    for wide, narrow in ((first, second), (second, first)):
        outer, inner = integer_limits(wide.name), integer_limits(narrow.name)
        if None in (outer, inner) or wide.codes != narrow.codes:
            return None
        if outer[0] <= inner[0] and inner[1] <= outer[1]:  # type: ignore[index]
            return wide
    return None


def written_types(types: ColumnTypes) -> list[Any]:
    """What JSON holds of them."""
    return [kind and [kind.name, kind.codes, written_values(kind.values), kind.ordered] for kind in types]


def read_types(held: Any, n_features: int) -> ColumnTypes:
    """What `written_types` wrote of this many columns; ValueError for anything else."""
    if not isinstance(held, list) or len(held) != n_features:
        raise ValueError(f"there must be the types of {n_features} columns")
    return tuple(map(_read, held))


def _read(held: Any) -> ColumnType | None:
    if held is None:
        return None
    try:
        name, codes, values, ordered = held
        known = (
            isinstance(name, str) and isinstance(ordered, bool) and (codes is None or isinstance(codes, str))
        )
        if not known or not (_NAME.fullmatch(name) or (name == "" and codes)):
            raise ValueError(f"{name!r} is no type of a column that this version knows")
        if codes is not None and not _CODES.fullmatch(codes):
            raise ValueError(f"{codes!r} is no type of codes")
        return ColumnType(name, codes, read_values(values), ordered)
    except TypeError as error:
        raise ValueError(f"no type is written so: {error}") from None
