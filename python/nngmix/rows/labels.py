"""Labels: which values there are, and which rows they make anomalies or unlabelled rows.

Values are compared as the user sees them (`same_label`), and messages show their blanks.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.warnings import warn
from nngmix.rows.factorize import as_shown, factorize, is_missing_value
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_values import number_shown, same_label
from nngmix.rows.names import either, nearest

__all__ = [
    "LabelRule",
    "Labels",
    "Who",
    "read_labels",
    "same_label",
    "several",
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

    @property
    def one(self) -> bool:
        """Whether all rows have the first value, as nearly all parts of large data do."""
        return len(self.values) > 0 and not self.codes.any()

    def without(self, values: Sequence[Any]) -> "Labels":
        """The labels of the rows that have none of these values."""
        left = [i for i, there in enumerate(self.values) if not _among(values, there, self.written)]
        # The last is that of rows without a label.
        number = np.full(len(self.values) + 1, -2)
        number[[*left, -1]] = [*range(len(left)), -1]
        codes = number[self.codes]
        return Labels(self.name, [self.values[i] for i in left], codes[codes > -2], self.written)

    def counts(self) -> dict[Any, int]:
        """How many rows each value has; None for rows without one."""
        if self.one:
            return {self.values[0]: len(self)}
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
    anomaly, unlabeled, normal : ndarray of bool, shape (n_rows,)
        Rows that are none of these are kept, but take no part.
    kinds : ndarray of int64, shape (n_anomalies,)
        For each anomaly, in order, which value of `values` it carries.
    values : list
        Values of labels.
    """

    anomaly: NDArray[np.bool_]
    unlabeled: NDArray[np.bool_]
    normal: NDArray[np.bool_]
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
        kinds = {"anomaly": self.anomaly, "unlabeled": self.unlabeled, "normal": self.normal}
        for what, values in kinds.items():
            if values is not None and len(values) == 0:
                raise ValueError(f"at least one {what} label is needed, got none")
            if any(map(is_missing_value, values or ())):
                raise ValueError(
                    f"a missing value is no {what} label: rows without a label are unlabelled as they are"
                )
        for (one, values), (other, others) in combinations(kinds.items(), 2):
            for value in values or ():
                if _among(others, value):
                    both = f"{one} and {other}".replace("unlabeled", "unlabelled")
                    raise ValueError(f"the label {value!r} cannot be both {both}")

    @classmethod
    def of(cls, anomaly: Any, unlabeled: Any, normal: Any = None) -> Self:
        """The rule for values, each one alone or several in a list, tuple, set or array."""
        return cls(several(anomaly), several(unlabeled), several(normal))

    def is_anomaly(self, value: Any, written: bool = False) -> bool:
        """Whether a label is that of an anomaly."""
        if self.anomaly is not None:
            return _among(self.anomaly, value, written)
        return not (_among(self.unlabeled, value, written) or _among(self.normal, value, written))

    def is_unlabeled(self, value: Any, written: bool = False) -> bool:
        """Whether a label is that of an unlabelled row."""
        if self.unlabeled is not None:
            return _among(self.unlabeled, value, written)
        return not (self.is_anomaly(value, written) or _among(self.normal, value, written))

    def split(self, labels: Labels) -> Who:
        """Which rows are what; a row without a label is unlabelled."""
        are_anomalies = [self.is_anomaly(there, labels.written) for there in labels.values]
        are_unlabeled = [self.is_unlabeled(there, labels.written) for there in labels.values]
        for value, *both in zip(labels.values, are_anomalies, are_unlabeled, strict=True):
            if all(both):
                raise ValueError(f"the label {value!r} of {labels.name} is both anomaly and unlabelled")
        anomaly = np.array([*are_anomalies, False], bool)
        unlabeled = np.array([*are_unlabeled, True], bool)
        normal = np.array([*(_among(self.normal, there, labels.written) for there in labels.values), False])
        codes = labels.codes
        if labels.one:
            marked, free, ordinary = (np.full(len(codes), which[0]) for which in (anomaly, unlabeled, normal))
            return Who(marked, free, ordinary, codes[marked], labels.values)
        marked = anomaly[codes]
        return Who(marked, unlabeled[codes], normal[codes], codes[marked], labels.values)

    def missing_label(self, where: str, counts: LabelCounts) -> ValueError:
        """The error for data in which no row has one of the anomalies' labels."""
        if self.anomaly is None:
            return ValueError(
                f"every row of {where} has {either((*(self.unlabeled or ()), *(self.normal or ())))}, or no "
                f"label: none is an anomaly; it holds {counts}"
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
        for asked in (self.anomaly, self.unlabeled, self.normal):
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
            if not _among(there, asked, written)
        ]


def _not_met(asked: Sequence[Any], where: str, counts: LabelCounts) -> ValueError:
    texts = [value for value in counts.counts if isinstance(value, str)]
    close = dict.fromkeys(value for value in asked for value in nearest(value, texts))
    hint = f"; did you mean {either(close)}?" if close else ""
    return ValueError(f"no row has {either(asked)} in {where}; it holds {counts}{hint}")


def _among(values: Iterable[Any] | None, value: Any, written: bool = False) -> bool:
    return any(same_label(one, value, written) for one in values or ())


def several(values: Any) -> tuple[Any, ...] | None:
    """Values as a tuple, for one alone or several in a list, tuple, set or array; None for none."""
    if values is None:
        return None
    if isinstance(values, np.ndarray):
        values = values.ravel()
    elif isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        values = [values]
    return tuple(as_shown(value) for value in values)


def spelled_once(values: Sequence[Any]) -> list[Any]:
    """Written labels, of which those that show one number are spelled as the first of them."""
    spelling: dict[Hashable, Any] = {}
    known: dict[Any, Any] = {}
    for value in values:
        if value not in known:
            number = number_shown(value)
            known[value] = spelling.setdefault(value if number is None else number, value)
    return [known[value] for value in values]
