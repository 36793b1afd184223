"""Names of columns: which there are, which are meant, and how a message shows them."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

__all__ = [
    "check_free",
    "check_known",
    "check_unique",
    "either",
    "listed",
    "looks_like_index",
    "missing_column",
    "nearest",
    "order",
]

Name = Hashable

# What pandas calls an index that it wrote as a column: nothing, "Unnamed: 0", or "__index_level_0__".
_NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?\s*")
_INDEX = re.compile(r"\s*|Unnamed: \d+(\.\d+|_level_\d+)?|__index_level_\d+__")


def listed(items: Iterable[object], most: int = 12) -> str:
    """The items as a message shows them, the first `most` of them."""
    shown = [str(item) for item in items]
    more = f", and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def either(values: Iterable[object]) -> str:
    """The values as a message shows them, of which any one would do."""
    shown = list(map(repr, values))
    return listed(shown, 8) if len(shown) > 8 else " or ".join(shown)


def nearest(name: object, names: Iterable[object], most: int = 3) -> list[object]:
    """The names most like `name`, those that differ in blanks and case alone first."""
    # Needed for a message alone.
    import difflib

    names = list(names)
    wanted = str(name)
    same = [there for there in names if str(there).strip().lower() == wanted.strip().lower()]
    texts = {str(there): there for there in names}
    close = difflib.get_close_matches(wanted, list(texts), most)
    return list(dict.fromkeys([*same, *(texts[text] for text in close)]))[:most]


def missing_column(where: str, name: object, names: Sequence[object]) -> ValueError:
    """The error for a column that is not there: what is nearest to it, with blanks made visible."""
    close = nearest(name, names)
    if close:
        hint = f"the nearest {'is' if len(close) == 1 else 'are'} {listed(map(repr, close))}"
    else:
        hint = _there(names) if names else "there is none"
    return ValueError(f"{where}: there is no column {name!r}; {hint}")


def check_known(where: str, asked: Iterable[object], names: Sequence[object]) -> None:
    """ValueError for columns that are not there, all of them in one."""
    there = set(names)
    absent = [name for name in dict.fromkeys(asked) if name not in there]
    if not absent:
        return
    if len(absent) == 1:
        raise missing_column(where, absent[0], names)
    said = []
    for name in absent:
        close = nearest(name, names)
        said.append(f"{name!r} (nearest: {listed(map(repr, close))})" if close else repr(name))
    raise ValueError(f"{where}: there are no columns {listed(said)}; {_there(names)}")


def _there(names: Sequence[object]) -> str:
    """Which columns there are; a first line of numbers is no header."""
    numbers = all(isinstance(name, str) and _NUMBER.fullmatch(name) for name in names)
    return f"there are {listed(map(repr, names))}" + ", which are numbers: is there no header line?" * numbers


def check_unique(where: str, names: Sequence[object]) -> None:
    """ValueError for names that occur more than once."""
    if len(set(names)) == len(names):
        return
    twice = [repr(name) for name, count in Counter(names).items() if count > 1]
    raise ValueError(
        f"{where}: these column names occur more than once: {listed(twice)}; rename them, so that each "
        "column can be told from the others"
    )


def check_free(where: str, added: Sequence[object], names: Iterable[object]) -> None:
    """ValueError for columns that would be added to a table which has one of that name, or twice."""
    check_unique(f"the columns added to {where}", added)
    taken = set(added).intersection(names)
    if taken:
        raise ValueError(
            f"{where}: the columns {listed(map(repr, added))} would be added, but there is "
            f"{listed(repr(name) for name in added if name in taken)} already; rename it"
        )


def looks_like_index(name: object) -> bool:
    """Whether a column has the name of an index that pandas wrote, and not one that anybody chose."""
    return name is None or (isinstance(name, str) and _INDEX.fullmatch(name) is not None)


def _positions(where: str, there: Sequence[Name], wanted: Sequence[Name], reference: str) -> list[int]:
    """Where the `wanted` columns of `reference` stand in `there`, which must hold no others."""
    at = {name: position for position, name in enumerate(there)}
    lacking = [repr(name) for name in wanted if name not in at]
    known = set(wanted)
    besides = [repr(name) for name in there if name not in known]
    if lacking or besides:
        said = " and ".join(
            part
            for part in (
                f"lacks {listed(lacking, 8)}" if lacking else "",
                f"has {listed(besides, 8)} besides" if besides else "",
            )
            if part
        )
        raise ValueError(
            f"{where} must have the columns of {reference}, but it {said}; columns are matched by name"
        )
    return [at[name] for name in wanted]


def order(
    where: str, there: Sequence[Name] | None, wanted: Sequence[Name] | None, reference: str
) -> list[int] | None:
    """Where the columns of `reference` stand in `there`; None if the columns are taken as they stand.

    Columns without names stand as they are counted: the integers 0, 1, 2 and so on, in whatever order, are
    their names wherever the other side has integers for names.
    """
    if there == wanted:
        return None
    if there is None or wanted is None:
        numbers = tuple(range(len((wanted if there is None else there) or ())))
        if {*(wanted or ()), *(there or ())} != {*numbers}:
            return None
        there, wanted = there or numbers, wanted or numbers
        if tuple(there) == tuple(wanted):
            return None
    return _positions(where, there, wanted, reference)
