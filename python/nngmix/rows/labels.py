"""Labels: which values there are, and which rows they make anomalies or unlabelled rows.

Values are compared as the user sees them (`same_label`), and messages show their blanks.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.warnings import warn
from nngmix.rows.factorize import as_shown, factorize, is_missing_value
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_values import number_shown, same_label
from nngmix.rows.names import listed, nearest

__all__ = [
    "LabelRule",
    "Labels",
    "TiedLabels",
    "Who",
    "default_rule",
    "read_labels",
    "same_label",
    "spelled_once",
]


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of labels.

    Attributes
    ----------
    name : str
        What messages call it.
    values : list
        The distinct values, as Python has them: numbers, texts and all else, each in their order.
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

    def without(self, values: Sequence[Any]) -> "Labels":
        """The labels of the rows that have none of these values."""
        asked = [any(same_label(one, there, self.written) for one in values) for there in self.values]
        left = np.flatnonzero(~np.array(asked, bool)).tolist()
        # The last is that of rows without a label.
        number = np.full(len(self.values) + 1, -2)
        number[[*left, -1]] = [*range(len(left)), -1]
        codes = number[self.codes]
        return Labels(self.name, [self.values[i] for i in left], codes[codes > -2], self.written)

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
        Values. If one is None all other values are of that kind; if neither is, third values are of no kind.
        Rows without a label are unlabelled.
    normal : tuple or None
        Values of rows known to be normal, which are of neither kind.
    """

    anomaly: tuple[Any, ...] | None
    unlabeled: tuple[Any, ...] | None
    normal: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        if self.anomaly is None and self.unlabeled is None:
            raise ValueError("say which labels are anomalies, or which are unlabelled")
        for values, what in ((self.anomaly, "anomaly"), (self.unlabeled, "unlabeled")):
            if values is not None and len(values) == 0:
                raise ValueError(f"at least one {what} label is needed, got none")
            if any(map(is_missing_value, values or ())):
                raise ValueError(
                    f"a missing value is no {what} label: rows without a label are unlabelled as they are"
                )
        for value in self.anomaly or ():
            if any(same_label(value, other) for other in self.unlabeled or ()):
                raise ValueError(f"the label {value!r} cannot be both anomaly and unlabelled")
        for value in self.normal or ():
            for values, what in ((self.anomaly, "anomaly"), (self.unlabeled, "unlabelled")):
                if any(same_label(value, other) for other in values or ()):
                    raise ValueError(f"the label {value!r} cannot be both normal and {what}")

    @classmethod
    def of(cls, anomaly: Any, unlabeled: Any, normal: Any = None) -> Self:
        """The rule for values, each one alone or several in a list, tuple, set or array."""
        return cls(_several(anomaly), _several(unlabeled), _several(normal))

    def is_anomaly(self, value: Any, written: bool = False) -> bool:
        """Whether a label is that of an anomaly."""
        if self.anomaly is not None:
            return any(same_label(asked, value, written) for asked in self.anomaly)
        return not any(
            same_label(asked, value, written) for asked in (*(self.unlabeled or ()), *(self.normal or ()))
        )

    def is_unlabeled(self, value: Any, written: bool = False) -> bool:
        """Whether a label is that of an unlabelled row."""
        if self.unlabeled is not None:
            return any(same_label(asked, value, written) for asked in self.unlabeled)
        normal = any(same_label(asked, value, written) for asked in self.normal or ())
        return not (normal or self.is_anomaly(value, written))

    def split(self, labels: Labels) -> Who:
        """Which rows are what; a row without a label is unlabelled."""
        are_anomalies = self._asked(self.anomaly, labels)
        are_unlabeled = self._asked(self.unlabeled, labels)
        are_normal = self._asked(self.normal, labels)
        if self.anomaly is None:
            are_anomalies = [not any(other) for other in zip(are_unlabeled, are_normal, strict=True)]
        if self.unlabeled is None:
            are_unlabeled = [not any(other) for other in zip(are_anomalies, are_normal, strict=True)]
        for value, *both in zip(labels.values, are_anomalies, are_unlabeled, strict=True):
            if all(both):
                raise ValueError(f"the label {value!r} of {labels.name} is both anomaly and unlabelled")
        anomaly = np.array([*are_anomalies, False], bool)
        unlabeled = np.array([*are_unlabeled, True], bool)
        marked = anomaly[labels.codes]
        return Who(marked, unlabeled[labels.codes], labels.codes[marked], labels.values)

    @staticmethod
    def _asked(values: tuple[Any, ...] | None, labels: Labels) -> list[bool]:
        """Which values of the labels are among those asked for."""
        asked = values or ()
        return [any(same_label(one, there, labels.written) for one in asked) for there in labels.values]

    def missing_label(self, where: str, counts: LabelCounts) -> ValueError:
        """The error for data in which no row has one of the anomalies' labels."""
        if self.anomaly is None:
            return ValueError(
                f"every row of {where} has {_or(self.unlabeled or ())}, or no label: none is an anomaly; it "
                f"holds {counts}"
            )
        return _not_met(self.anomaly, where, counts)

    def check_met(self, where: str, counts: LabelCounts, written: bool = False) -> None:
        """ValueError for values that were asked for by name and that no row has: they may be misspelt.

        For those who have all rows: part of them may well lack one.
        """
        absent = self._absent(counts, written)
        if absent:
            raise _not_met(absent, where, counts)

    def check_some_met(self, where: str, counts: LabelCounts, written: bool = False) -> None:
        """A UserWarning where `check_met` has an error, if other values of the same kind are there.

        For those who may have a part of all rows, one fold of a cross-validation for instance.
        """
        absent = self._absent(counts, written)
        for asked in (self.anomaly, self.unlabeled):
            if asked and all(value in absent for value in asked):
                raise _not_met(absent, where, counts)
        if absent:
            warn(str(_not_met(absent, where, counts)))

    def _absent(self, counts: LabelCounts, written: bool) -> list[Any]:
        """The values that were asked for by name and that no row has, as far as it can be told."""
        if counts.rest:
            return []
        there = [value for value in counts.counts if value is not None]
        return [
            asked
            for asked in (*(self.anomaly or ()), *(self.unlabeled or ()), *(self.normal or ()))
            if not any(same_label(asked, value, written) for value in there)
        ]


def _not_met(asked: Sequence[Any], where: str, counts: LabelCounts) -> ValueError:
    texts = [value for value in counts.counts if isinstance(value, str)]
    close = dict.fromkeys(value for value in asked for value in nearest(value, texts))
    hint = f"; did you mean {_or(close)}?" if close else ""
    return ValueError(f"no row has {_or(asked)} in {where}; it holds {counts}{hint}")


def _or(values: Iterable[Any]) -> str:
    shown = list(map(repr, values))
    return listed(shown, 8) if len(shown) > 8 else " or ".join(shown)


def _several(values: Any) -> tuple[Any, ...] | None:
    if values is None:
        return None
    if isinstance(values, np.ndarray):
        values = values.ravel()
    elif isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        values = [values]
    return tuple(as_shown(value) for value in values)


class TiedLabels(ValueError):
    """Two labels are the most frequent, so that neither can be taken for the unlabelled one.

    It matters only if rows are to be made.
    """


def spelled_once(values: Sequence[Any]) -> list[Any]:
    """Written labels, of which those that show one number are spelled as the first of them."""
    spelling: dict[Hashable, Any] = {}
    known: dict[Any, Any] = {}
    for value in values:
        if value not in known:
            number = number_shown(value)
            known[value] = spelling.setdefault(value if number is None else number, value)
    return [known[value] for value in values]


def default_rule(labels: Labels, *, by_frequency: bool = False) -> LabelRule:
    """Who is who where nobody said: 0 and 1 mean what they say, else the most frequent label is unlabelled.

    Parameters
    ----------
    labels : Labels
    by_frequency : bool, default=False
        Whether 0 and 1 too are told apart by their frequency alone, where 1 is the more frequent.

    Raises
    ------
    TiedLabels
        For a tie.
    ValueError
        For -1, on which libraries disagree, for 1 where most rows have it, and for a single label.
    """
    declare = "declare yours with anomaly_label and unlabeled_label"
    groups, n_without = _groups(labels)
    numbers = [number_shown(values[0]) for values, _ in groups]
    if -1 in numbers:
        raise ValueError(
            f"{labels.name} holds -1, which means anomaly in one library and unlabelled or normal in "
            f"another; {declare}"
        )
    if groups and all(number in (0, 1) for number in numbers):
        ones = sum(n_rows for number, (_, n_rows) in zip(numbers, groups, strict=True) if number == 1)
        others = len(labels) - ones
        if ones and others:
            if ones <= others:
                return LabelRule((1,), (0,))
            if by_frequency and n_without < others:
                return LabelRule((0,), (1,))
            raise ValueError(
                f"{labels.name} holds 1, the anomaly, {ones} times, and 0 or no label {others} times; if the "
                f"anomalies are the many, {declare}"
            )
    if len(groups) < 2:
        there = _or(values[0] for values, _ in groups) or "nothing"
        alone = f", and {n_without} rows without a label" if n_without else " alone: one class"
        raise ValueError(
            f"{labels.name} must hold labels of anomalies and of unlabelled rows, got {there}{alone}; "
            f"{declare}"
        )
    (most, n_most), (second, n_second) = groups[:2]
    if n_most == n_second:
        raise TiedLabels(
            f"{labels.name} holds {most[0]!r} and {second[0]!r} equally often, {n_most} times: which of them "
            f"is unlabelled? {declare[0].upper()}{declare[1:]}"
        )
    return LabelRule(tuple(value for values, _ in groups[1:] for value in values), tuple(most))


def _groups(labels: Labels) -> tuple[list[tuple[list[Any], int]], int]:
    """Values that are one label and how many rows have them, the most frequent first; rows without any."""
    together: dict[Hashable, tuple[list[Any], int]] = {}
    counts = labels.counts()
    n_without = counts.pop(None, 0)
    for value, n_rows in counts.items():
        number = number_shown(value) if labels.written else None
        values, before = together.get(value if number is None else number, ([], 0))
        together[value if number is None else number] = ([*values, value], before + n_rows)
    return sorted(together.values(), key=lambda group: -group[1]), n_without
