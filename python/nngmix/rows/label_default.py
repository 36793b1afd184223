"""Who is who among labels of which nobody said what they mean."""

from collections.abc import Hashable
from typing import Any

from nngmix.rows.label_values import number_shown
from nngmix.rows.labels import LabelRule, Labels
from nngmix.rows.names import either

__all__ = ["TiedLabels", "default_rule"]


class TiedLabels(ValueError):
    """Two labels are the most frequent, so that neither can be taken for the unlabelled one.

    It matters only if rows are to be made.
    """


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
        there = either(values[0] for values, _ in groups) or "nothing"
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
