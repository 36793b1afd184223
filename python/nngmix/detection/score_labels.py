"""Who is who in the rows of a fit: anomalies, unlabelled rows, and rows known to be normal."""

from typing import Any

from nngmix.parameters.warnings import warn
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_default import TiedLabels, default_rule
from nngmix.rows.labels import LabelRule, Labels

__all__ = ["score_rule", "warn_of_normal"]


def score_rule(labels: Labels, anomaly: Any, unlabeled: Any, normal: Any) -> LabelRule:
    """The rule for declared labels, or for those of no declaration that are not known to be normal.

    Of two labels that are equally frequent the first is the unlabelled one, with a UserWarning: no row is
    made, and the ranking shows at once if it is the wrong one.
    """
    counts = LabelCounts()
    counts.add(labels.counts())
    others = labels
    if normal is not None:
        warn_of_normal(normal, "y", counts, labels.written)
        others = labels.without(LabelRule.of(normal, None).anomaly or ())
    if anomaly is not None or unlabeled is not None:
        LabelRule.of(anomaly, unlabeled).check_some_met("y", counts, labels.written)
        return LabelRule.of(anomaly, unlabeled, normal)
    try:
        rule = _by_name(others) or default_rule(others)
    except TiedLabels as tie:
        warn(f"{tie}; until then {others.values[0]!r} is taken for it")
        rule = LabelRule(None, (others.values[0],))
    return rule if normal is None else LabelRule.of(rule.anomaly, rule.unlabeled, normal)


def warn_of_normal(normal: Any, where: str, counts: LabelCounts, written: bool) -> None:
    """A UserWarning for labels of normal rows that no row has: in a first round none may be known yet."""
    try:
        if normal is not None:
            LabelRule.of(normal, None).check_met(where, counts, written)
    except ValueError as absent:
        warn(str(absent))


def _by_name(labels: Labels) -> LabelRule | None:
    """1 is the anomaly and 0 is not, even if 1 is the more frequent; None for other labels."""
    rule = LabelRule((1,), (0,))
    if not all(
        rule.is_anomaly(value, labels.written) or rule.is_unlabeled(value, labels.written)
        for value in labels.values
    ):
        return None
    ones, zeros = (int(there.sum()) for there in (rule.split(labels).anomaly, rule.split(labels).unlabeled))
    if ones and zeros < ones:
        warn(f"{labels.name} holds 1, the anomaly, {ones} times, and 0 or no label {zeros} times")
    return rule if ones and zeros else None
