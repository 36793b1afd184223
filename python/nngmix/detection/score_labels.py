"""Who is who in the rows of a fit: anomalies, unlabelled rows, and rows known to be normal."""

from dataclasses import replace
from typing import Any

import numpy as np

from nngmix.parameters.warnings import warn
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.labels import LabelRule, Labels, TiedLabels, default_rule

__all__ = ["score_rule"]


def score_rule(labels: Labels, anomaly: Any, unlabeled: Any, normal: Any) -> LabelRule:
    """The rule for declared labels, or for those of no declaration that are not known to be normal.

    Of two labels that are equally frequent the first is the unlabelled one, with a UserWarning: no row is
    made, and the ranking shows at once if it is the wrong one.
    """
    counts = LabelCounts()
    counts.add(labels.counts())
    if anomaly is not None or unlabeled is not None:
        rule = LabelRule.of(anomaly, unlabeled, normal)
        rule.check_some_met("y", counts)
        return rule
    known = LabelRule.of(normal, None) if normal is not None else None
    if known is not None:
        known.check_some_met("y", counts)
    open_ = _without(labels, known)
    try:
        rule = _by_name(open_) or default_rule(open_)
    except TiedLabels as tie:
        warn(f"{tie}; until then {open_.values[0]!r} is taken for it")
        rule = LabelRule(None, (open_.values[0],))
    return rule if known is None else replace(rule, normal=known.anomaly or ())


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


def _without(labels: Labels, known: LabelRule | None) -> Labels:
    """The labels of the rows that are not known to be normal."""
    if known is None:
        return labels
    who = known.split(labels)
    codes = labels.codes[~who.anomaly]
    kept = [code for code, value in enumerate(labels.values) if not known.is_anomaly(value, labels.written)]
    new = np.full(len(labels.values) + 1, -1, np.int64)
    new[kept] = np.arange(len(kept))
    return Labels(labels.name, [labels.values[code] for code in kept], new[codes], labels.written)
