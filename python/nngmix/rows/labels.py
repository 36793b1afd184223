"""Labels: which values there are, and which rows they make anomalies or unlabelled rows.

Values are compared as the user sees them, whatever their type and width: the text "1", the integer 1, the
float 1.0 and the boolean true are one answer to "which label?". Blanks count, and messages show them.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Number
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.factorize import factorize
from nngmix.rows.names import listed

__all__ = ["LabelCounts", "LabelRule", "Labels", "Who", "default_rule", "read_labels", "same_label"]

_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of labels.

    Attributes
    ----------
    name : str
        What messages call it.
    values : list
        The distinct values, as Python has them.
    codes : ndarray of int64, shape (n_rows,)
        Which of the values each row has; -1 for none.
    written : bool
        The values are texts of a file that has no types: 1 and 1.0 are the same there.
    """

    name: str
    values: list[Any]
    codes: NDArray[np.int64]
    written: bool = False

    def __len__(self) -> int:
        return len(self.codes)

    def counts(self) -> dict[Any, int]:
        """How many rows each value has; None for rows without one."""
        counted = np.bincount(self.codes + 1, minlength=len(self.values) + 1).tolist()
        there = dict(zip(self.values, counted[1:], strict=True))
        return there | ({None: counted[0]} if counted[0] else {})


def read_labels(name: str, y: Any, *, written: bool = False) -> Labels:
    """Labels of any dtype, as array, list, Series or one-column frame or table.

    Raises
    ------
    ValueError
        For more than one column.
    """
    codes, values = factorize(name, y)
    return Labels(name, values, codes, written)


def same_label(asked: Any, there: Any, written: bool = False) -> bool:
    """Whether a label is the one that was asked for."""
    if isinstance(asked, str) and isinstance(there, str):
        if asked == there or not written:
            return asked == there
        number = _number(asked)
        return number is not None and number == _number(there)
    if isinstance(asked, str):
        return _number(asked) == there if isinstance(there, Number) else asked == str(there)
    if isinstance(there, str):
        return isinstance(asked, Number) and _number(there) == asked
    return bool(asked == there)


def _number(text: str) -> Number | None:
    """The number or boolean that a text shows."""
    word = text.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return None


@dataclass(frozen=True, eq=False)
class Who:
    """Who is who among some rows.

    Attributes
    ----------
    anomaly, unlabeled : ndarray of bool, shape (n_rows,)
        Rows that are neither are kept, but take no part.
    kinds : ndarray of int64, shape (n_anomalies,)
        For each anomaly, in order, which value of `values` it carries.
    values : list
        Values of labels.
    """

    anomaly: NDArray[np.bool_]
    unlabeled: NDArray[np.bool_]
    kinds: NDArray[np.int64]
    values: list[Any]


@dataclass(frozen=True)
class LabelRule:
    """Which values mean a labelled anomaly, and which an unlabelled row.

    Attributes
    ----------
    anomaly, unlabeled : tuple or None
        Values. If one is None all other values, and rows without a label, are of that kind; if neither is,
        third values are of no kind.
    """

    anomaly: tuple[Any, ...] | None
    unlabeled: tuple[Any, ...] | None

    def __post_init__(self) -> None:
        if self.anomaly is None and self.unlabeled is None:
            raise ValueError("say which labels are anomalies, or which are unlabelled")
        for values, what in ((self.anomaly, "anomaly"), (self.unlabeled, "unlabeled")):
            if values is not None and len(values) == 0:
                raise ValueError(f"at least one {what} label is needed, got none")
        for value in self.anomaly or ():
            if any(same_label(value, other) for other in self.unlabeled or ()):
                raise ValueError(f"the label {value!r} cannot be both anomaly and unlabelled")

    @classmethod
    def of(cls, anomaly: Any, unlabeled: Any) -> Self:
        """The rule for values, each one alone or several in a list, tuple, set or array."""
        return cls(_several(anomaly), _several(unlabeled))

    def is_anomaly(self, value: Any, written: bool = False) -> bool:
        """Whether a label is that of an anomaly."""
        if self.anomaly is not None:
            return any(same_label(asked, value, written) for asked in self.anomaly)
        return not any(same_label(asked, value, written) for asked in self.unlabeled or ())

    def is_unlabeled(self, value: Any, written: bool = False) -> bool:
        """Whether a label is that of an unlabelled row."""
        if self.unlabeled is not None:
            return any(same_label(asked, value, written) for asked in self.unlabeled)
        return not self.is_anomaly(value, written)

    def split(self, labels: Labels) -> Who:
        """Which rows are what; a row without a label is unlabelled."""
        anomaly = np.array([*(self.is_anomaly(v, labels.written) for v in labels.values), False], bool)
        unlabeled = np.array([*(self.is_unlabeled(v, labels.written) for v in labels.values), True], bool)
        marked = anomaly[labels.codes]
        return Who(marked, unlabeled[labels.codes], labels.codes[marked], labels.values)

    def missing_label(self, where: str, counts: "LabelCounts") -> ValueError:
        """The error for data in which no row has one of the anomalies' labels."""
        if self.anomaly is None:
            said = f"every row of {where} has {_or(self.unlabeled or ())}, or no label: none is an anomaly"
        else:
            said = f"no row has {_or(self.anomaly)} in {where}"
        close = [
            value
            for value in counts.counts
            if isinstance(value, str)
            and any(str(asked).strip().lower() == value.strip().lower() for asked in self.anomaly or ())
        ]
        hint = f"; did you mean {_or(close)}?" if close else ""
        return ValueError(f"{said}; it holds {counts}{hint}")


@dataclass
class LabelCounts:
    """How often each label was met: small, whatever the number of rows, and mergeable."""

    counts: Counter[Hashable] = field(default_factory=Counter)
    rest: int = 0

    def add(self, counts: Mapping[Any, int]) -> None:
        """Count some more; beyond a few thousand labels the rest is counted together."""
        for value, n_rows in counts.items():
            if value in self.counts or len(self.counts) < _MOST_LABELS:
                self.counts[value] += n_rows
            else:
                self.rest += n_rows

    def merge(self, other: Self) -> None:
        self.add(other.counts)
        self.rest += other.rest

    def __str__(self) -> str:
        there = sorted(self.counts.items(), key=lambda item: (-item[1], repr(item[0])))
        said = listed((f"{_shown(value)} ({n_rows} rows)" for value, n_rows in there), most=8)
        return said or "nothing"


# Labels told apart in messages; a column with more of them is none of labels.
_MOST_LABELS = 4096


def _shown(value: Any) -> str:
    return "no label" if value is None else repr(value)


def _or(values: Iterable[Any]) -> str:
    return " or ".join(map(repr, values))


def _several(values: Any) -> tuple[Any, ...] | None:
    if values is None:
        return None
    if isinstance(values, np.ndarray):
        return tuple(values.ravel().tolist())
    if isinstance(values, list | tuple | set | frozenset):
        return tuple(_plain(value) for value in values)
    return (_plain(values),)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def default_rule(labels: Labels) -> LabelRule:
    """Who is who where nobody said: 0 and 1 mean what they say, else the most frequent label is unlabelled.

    Raises
    ------
    ValueError
        For -1, on which libraries disagree, for 1 where most rows have it, and for a tie.
    """
    counts = {value: n_rows for value, n_rows in labels.counts().items() if value is not None}
    declare = "declare yours with anomaly_label and unlabeled_label"
    if any(same_label(-1, value) for value in counts if isinstance(value, Number)):
        raise ValueError(
            f"{labels.name} holds -1, which means anomaly in one library and unlabelled or normal in another; "
            f"{declare}"
        )
    if len(counts) < 2:
        there = _or(counts) or "nothing"
        raise ValueError(f"{labels.name} must hold labels of anomalies and of unlabelled rows, got {there}")
    if all(value in (0, 1) for value in counts if isinstance(value, Number)) and all(
        isinstance(value, Number) for value in counts
    ):
        ones = sum(n_rows for value, n_rows in counts.items() if value == 1)
        zeros = sum(n_rows for value, n_rows in counts.items() if value == 0)
        if ones > zeros:
            raise ValueError(
                f"{labels.name} holds 1, the anomaly, {ones} times and 0 {zeros} times; if the anomalies are "
                f"the many, {declare}"
            )
        return LabelRule((1,), (0,))
    most, second = sorted(counts.items(), key=lambda item: -item[1])[:2]
    if most[1] == second[1]:
        raise ValueError(
            f"{labels.name} holds {most[0]!r} and {second[0]!r} equally often, {most[1]} times: which of them "
            f"is unlabelled? {declare[0].upper()}{declare[1:]}"
        )
    return LabelRule(tuple(value for value in counts if value != most[0]), (most[0],))
