"""Amounts in imbalanced-learn's terms, a class at a time."""

from collections.abc import Callable, Mapping
from typing import Any

from nngmix.parameters.checks import check_count
from nngmix.parameters.errors import ParameterError
from nngmix.rows.labels import LabelRule, Labels, same_label
from nngmix.rows.names import listed

__all__ = ["Strategy", "balanced", "class_amounts", "is_by_class"]

Strategy = float | str | Mapping[Any, int] | Callable[[Any], Mapping[Any, int]]

_REFUSED = {
    "all": "the unlabelled rows are no class that rows can be made of: 'not majority' brings all others up",
    "majority": "rows are added, and the majority has the most already: use 'auto' or 'minority'",
}
_NAMES = ("auto", "minority", "not minority", "not majority")


def is_by_class(strategy: Any) -> bool:
    """Whether an amount is said class by class, and not as a share for all together.

    Raises
    ------
    ValueError
        For a word that is no strategy here, with the reason.
    """
    if isinstance(strategy, str):
        if strategy in _REFUSED:
            raise ValueError(f"sampling_strategy={strategy!r} is refused: {_REFUSED[strategy]}")
        if strategy not in _NAMES:
            known = listed(map(repr, _NAMES))
            raise ParameterError("sampling_strategy", f"be one of {known}", repr(strategy))
        return True
    return isinstance(strategy, Mapping) or callable(strategy)


def balanced(labels: Labels) -> bool:
    """Whether all classes are equally frequent, so that no strategy but a dict makes rows.

    Values that occur once each are those of a measurement and no classes.
    """
    counts = {*labels.counts().values()}
    return len(counts) == 1 and counts != {1}


def class_amounts(strategy: Any, labels: Labels, rule: LabelRule, y: Any) -> dict[Any, int]:
    """How many rows to make of each class of anomalies.

    Raises
    ------
    TypeError
        For a function that gives no dict.
    ValueError
        For labels that no row has, or fewer rows than there are.
    """
    counts = {value: n_rows for value, n_rows in labels.counts().items() if value is not None}
    anomalies = {value: n_rows for value, n_rows in counts.items() if rule.is_anomaly(value)}
    if callable(strategy):
        strategy = strategy(y)
        if not isinstance(strategy, Mapping):
            raise ParameterError("sampling_strategy", "give a dict of labels and rows", repr(strategy))
    if isinstance(strategy, Mapping):
        return _asked(strategy, counts, anomalies)
    n_most = max(counts.values())
    # A class may be as frequent as the one that is first among the least or the most frequent ones.
    least = min(anomalies, key=anomalies.__getitem__)
    chosen = {
        "minority": [least],
        "not minority": [value for value in anomalies if value != least],
    }.get(strategy, list(anomalies))
    return {value: n_most - counts[value] for value in chosen}


def _asked(strategy: Mapping[Any, int], counts: dict[Any, int], anomalies: dict[Any, int]) -> dict[Any, int]:
    """New rows where the numbers of all rows, old and new, were asked for."""
    new: dict[Any, int] = {}
    for asked, wanted in strategy.items():
        value = next((there for there in counts if same_label(asked, there)), None)
        if value is None:
            raise ValueError(
                f"sampling_strategy names the class {asked!r}, which no row has; there are "
                f"{listed(map(repr, counts))}"
            )
        more = check_count(f"sampling_strategy[{asked!r}]", wanted) - counts[value]
        if more < 0:
            raise ValueError(
                f"sampling_strategy asks for {wanted} rows of the class {asked!r}, which has "
                f"{counts[value]}: rows are added, and none taken away"
            )
        if more and value not in anomalies:
            raise ValueError(
                f"sampling_strategy asks for new rows of the class {asked!r}, which holds no anomalies: rows "
                "are made of anomalies alone"
            )
        if value in anomalies:
            new[value] = more
    return new
