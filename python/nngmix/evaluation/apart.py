"""What keeps rows apart when a table is split: groups that stay together, times, kinds that are hidden."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.labels import LabelRule, Labels, Who, read_labels

__all__ = ["Apart", "codes_of", "hidden_rows"]


@dataclass(frozen=True)
class Apart:
    """How rows are kept apart beyond the random split.

    Attributes
    ----------
    column : str or None
        No feature: what tells the groups, or the times.
    by : {'group', 'time'} or None
        Rows of one group are on one side of the split; of times the last are the test.
    hidden : tuple of str
        Labels of anomalies that are never labelled and alone are judged.
    """

    column: str | None = None
    by: Literal["group", "time"] | None = None
    hidden: tuple[str, ...] = ()

    @classmethod
    def of(cls, group: str | None, time: str | None, hidden: Any) -> "Apart":
        """From what a user names, of group and time at most one."""
        if group is not None and time is not None:
            raise ValueError(f"split by group or by time, not by both: got {group!r} and {time!r}")
        if group is not None:
            return cls(group, "group", tuple(hidden))
        return cls(time, None if time is None else "time", tuple(hidden))


def codes_of(where: str, column: Any, by: str) -> NDArray[np.int64]:
    """A number for each row: of its group, or where its time stands among the times.

    Raises
    ------
    ValueError
        For a row without a value, and texts that are neither numbers nor dates as ISO 8601 writes them.
    """
    labels = read_labels(where, column)
    without = np.flatnonzero(labels.codes < 0)
    if len(without):
        raise ValueError(f"{where} must have a value in every row, got none at row {without[0]}")
    if by == "group":
        return labels.codes
    return np.unique(_times(where, labels.values), return_inverse=True)[1].ravel()[labels.codes]


def _times(where: str, values: list[Any]) -> NDArray[Any]:
    if not any(isinstance(value, str) for value in values):
        return np.array(values)
    for dtype in ("float64", "datetime64[us]"):
        try:
            return np.array(values, str).astype(dtype)
        except ValueError:
            continue
    raise ValueError(
        f"{where} must hold numbers, or dates and times such as 2024-05-01 or 2024-05-01T12:30, got "
        f"{values[0]!r}"
    )


def hidden_rows(hidden: tuple[str, ...], where: str, labels: Labels, who: Who) -> NDArray[np.bool_]:
    """Which rows are anomalies of the hidden kinds.

    Raises
    ------
    ValueError
        For a kind that is not there, or is none of anomalies, and if no kind is left to be labelled.
    """
    rule = LabelRule.of(list(hidden), None)
    counts = LabelCounts()
    counts.add(labels.counts())
    rule.check_met(where, counts, labels.written)
    found = rule.split(labels).anomaly
    asked = ", ".join(map(repr, hidden))
    if (found & ~who.anomaly).any():
        raise ValueError(
            f"only labels of anomalies can be hidden, got {asked} for {where}: declare all anomalies"
        )
    if not (who.anomaly & ~found).any():
        raise ValueError(f"hiding {asked} leaves no anomaly of {where} to be labelled: declare all anomalies")
    return found
