"""What a sampler was asked for: the amount, the labels, who is who, the weights; each checked once."""

from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.methods.strategy import balanced, is_by_class
from nngmix.parameters.amount import Amount, check_share
from nngmix.parameters.errors import ParameterError
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_default import TiedLabels, default_rule
from nngmix.rows.labels import LabelRule, Labels, read_labels, several
from nngmix.rows.one_hot import from_one_hot

__all__ = ["asked_amount", "asked_labels", "asked_rule", "asked_weights"]

# New rows bring anomalies to this share of the unlabelled rows where no amount is given.
_DEFAULT_SHARE = 0.1


def asked_amount(sampling_strategy: Any, multiplier: Any, n_samples: Any) -> Amount | None:
    """How many rows in all; None if it is said class by class."""
    amounts = {"sampling_strategy": sampling_strategy, "multiplier": multiplier, "n_samples": n_samples}
    given = [name for name, value in amounts.items() if value is not None]
    if not given:
        return Amount(share=_DEFAULT_SHARE)
    if len(given) > 1:
        raise ValueError(f"give exactly one amount, got {', '.join(given)}")
    if sampling_strategy is None:
        return Amount(multiplier, None, n_samples)
    return None if is_by_class(sampling_strategy) else Amount(share=_share(sampling_strategy))


def _share(value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ParameterError(
            "sampling_strategy",
            "be a number, the share of anomalies, labelled and new, over the unlabelled rows, above 0 and at "
            "most 1, or one of 'auto', 'minority', 'not minority' and 'not majority', a dict of labels and "
            "their rows, or a function of y that gives one",
            repr(value),
            "other amounts are said by multiplier (of the labelled anomalies) or n_samples",
        )
    try:
        return check_share("sampling_strategy", value)
    except ParameterError as error:
        if not isinstance(value, Integral) or int(value) < 0:
            raise
        advice = "; ".join(filter(None, [error.advice, f"if it is a seed, say random_state={value}"]))
        raise ParameterError(error.name, error.expected, error.got, advice) from None


def asked_labels(y: Any) -> Labels:
    """A label in every row; one-hot rows are labels too."""
    if y is None:
        raise ValueError("fit_resample requires y to be passed, but the target y is None")
    return read_labels("y", from_one_hot(y))


def asked_rule(n_rows: int, labels: Labels, declared: tuple[Any, Any, Any], *, by_class: bool) -> LabelRule:
    """Who is who, by the labels declared to be of anomalies, unlabelled rows and normal ones."""
    if n_rows == 0:
        raise ValueError("X must have at least one row, got none")
    if len(labels) != n_rows:
        raise ValueError(
            f"X and y must have the same number of rows, got {n_rows} rows in X and {len(labels)} labels in y"
        )
    without = np.flatnonzero(labels.codes < 0)
    if len(without) > 0:
        raise ValueError(
            f"y must not be missing, got no label at row {without[0]} ({len(without)} rows in all); mark "
            "unlabelled rows with a label of their own"
        )
    anomaly, unlabeled, normal = map(several, declared)
    if anomaly is None and unlabeled is None:
        rule = replace(_default_rule(labels, normal, by_class), normal=normal)
    else:
        rule = LabelRule(anomaly, unlabeled, normal)
    counts = LabelCounts()
    counts.add(labels.counts())
    rule.check_some_met("y", counts)
    return rule


def _default_rule(labels: Labels, normal: tuple[Any, ...] | None, by_class: bool) -> LabelRule:
    others = labels if normal is None else labels.without(normal)
    try:
        return default_rule(others, by_frequency=by_class)
    except TiedLabels:
        # Classes that are balanced already get no rows, whichever of them is the unlabelled one.
        if not (by_class and balanced(labels)):
            raise
        return LabelRule.of(None, others.values[0])


def asked_weights(sample_weight: Any, n_rows: int) -> NDArray[Any]:
    """A weight for each row."""
    weights = np.asarray(sample_weight)
    if weights.shape != (n_rows,):
        raise ValueError(
            f"sample_weight must be one for each of the {n_rows} rows, got shape {weights.shape}"
        )
    return weights
