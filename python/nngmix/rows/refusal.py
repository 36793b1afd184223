"""What is refused at the door, in words: what came, what was expected, the way out."""

import os
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["IN_MEMORY", "Advice", "no_numbers", "one_thing", "short"]


@dataclass(frozen=True)
class Advice:
    """The ways out that errors name: they differ between a call in Python and the shell.

    Attributes
    ----------
    types : str
        For columns that hold no numbers.
    values : str
        For rows that are not finite.
    warn_index : bool
        Warn of columns that look like an index which became a column.
    categories : str
        For columns of texts, categories or booleans, how they are asked for; empty where they cannot be.
    dates : str
        For columns of dates and durations, how they are asked for; empty where they cannot be.
    """

    types: str
    values: str
    warn_index: bool = False
    categories: str = ""
    dates: str = ""

    def of_file(self, lacks: Sequence[str]) -> "Advice":
        """The ways out for rows of a file that lacks some columns which other files have."""
        if not lacks:
            return self
        columns = f"column{'s' * (len(lacks) > 1)} {', '.join(map(repr, lacks[:8]))}"
        return replace(self, values=f"the file has no {columns}, which others have: {self.values}")


IN_MEMORY = Advice(
    "convert it first, for instance with X.astype(float), and drop columns that are not features",
    "drop or impute such rows with NaN or infinity, or say missing='skip' to leave them out where samplers "
    "and streams can, or missing='keep' to keep missing values",
    warn_index=True,
    categories='texts and categories are features with categorical_features="auto"',
    dates="whole_features=[{}]",
)

# What each library calls types with a way out of their own.
_CATEGORY = "category|categorical|dictionary|enum"
_TEXT = r"(large_|object )?str(?!uct)|utf8"
_WAYS_OUT = (
    ("date|time|duration|period|month_?day_?nano", "a date or duration becomes a number of seconds or days"),
    (
        r"^(void|record)\d+",
        "a structured array becomes a matrix by numpy.lib.recfunctions.structured_to_unstructured(X)",
    ),
    (
        r"list|array|struct|\bmap<|\bdict\b",
        "a nested column becomes one column for each number that it holds",
    ),
    ("complex", "a complex number becomes two columns, real and imaginary part"),
)


def no_numbers(
    name: str, got: str, kinds: Iterable[object], advice: Advice, dates: Sequence[Hashable] = ()
) -> TypeError:
    """The error for types that hold no real numbers; `dates` are columns that can be asked for as such."""
    types = [str(kind).lower() for kind in kinds]
    text = " ".join(types)
    ways = "".join(f"; {way}" for words, way in _WAYS_OUT if re.search(words, text))
    if dates and advice.dates:
        asked = advice.dates.format(", ".join(map(repr, dates)))
        ways += f", or stays one where new rows are made with {asked}"
    if advice.categories and any(re.search(_CATEGORY, kind) or re.match(_TEXT, kind) for kind in types):
        ways = f"; {advice.categories}{ways}"
    elif re.search(_CATEGORY, text):
        ways = f"; a category becomes one column of 0 and 1 for each of its values{ways}"
    return TypeError(
        f"{name} must hold real numbers (float32, float64 or integers), got {got}; {advice.types}{ways}"
    )


def one_thing(got: Any, expected: str) -> str:
    """One thing where many were expected, as messages show it, with the way to what it may hold or name."""
    way = ""
    if isinstance(got, str | os.PathLike):
        way = "; a path or the name of a column is no data: read the file, or take the column"
    elif isinstance(got, Mapping):
        way = "; make a frame of it, for instance pandas.DataFrame(...)"
    elif isinstance(got, Set) or hasattr(got, "__next__"):
        way = "; make a list of it, with its rows in order"
    return f"{short(repr(got))}; expected {expected}{way}"


def short(kind: object, most: int = 60) -> str:
    """The name of a type, which may list all its fields or categories."""
    text = str(kind)
    return text if len(text) <= most else f"{text[: most - 3]}..."
