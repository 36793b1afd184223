"""Who is who to a detector: labelled anomalies, unlabelled rows, and rows that are known to be normal."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from nngmix.parameters.warnings import warn
from nngmix.rows.labels import LabelRule, Labels, read_labels

__all__ = ["Roles", "class_labels", "roles"]


@dataclass(frozen=True, eq=False)
class Roles:
    """Who is who.

    Attributes
    ----------
    labels : Labels
    rule : LabelRule
    anomaly, unlabeled, normal : ndarray of int64
        The rows of each kind, ascending.
    """

    labels: Labels
    rule: LabelRule
    anomaly: NDArray[np.int64]
    unlabeled: NDArray[np.int64]
    normal: NDArray[np.int64]


def class_labels(y: Any) -> NDArray[Any]:
    """Labels as scikit-learn takes them for classes; objects that are all integers or truths become such."""
    labels = np.asarray(column_or_1d(y, warn=True))
    if labels.dtype == object and all(isinstance(value, Integral | np.bool_) for value in labels):
        labels = np.array(labels.tolist())
    check_classification_targets(labels)
    return labels


def roles(y: Any, anomaly_label: Any, unlabeled_label: Any, normal_label: Any) -> Roles:
    """Tell anomalies, unlabelled rows and known normals apart.

    Without a declaration there are two labels beside those of known normals. Of 0 and 1, or False and True,
    1 is the anomaly; else it is the rarer one, and the second of two that are equally frequent: to a
    classifier labels are names.

    Raises
    ------
    ValueError
        For labels that are missing, no anomaly or less than two unlabelled rows, a label of two kinds, and
        more than two labels without a declaration.
    """
    labels = read_labels("y", y)
    without = np.flatnonzero(labels.codes < 0)
    if len(without) > 0:
        raise ValueError(
            f"y must not contain NaN or other missing labels, got one at row {without[0]}; mark unlabelled "
            "rows with a label of their own"
        )
    if anomaly_label is None and unlabeled_label is None:
        rule = _two(labels, normal_label)
    else:
        rule = LabelRule.of(anomaly_label, unlabeled_label, normal_label)
    who = rule.split(labels)
    for name, there in (("labelled anomaly", who.anomaly), ("unlabelled row", who.unlabeled)):
        if not there.any():
            raise ValueError(
                f"y must hold labels of anomalies and of unlabelled rows, got no {name}: it has the labels "
                f"{labels.values}; declare yours with anomaly_label and unlabeled_label"
            )
    if np.count_nonzero(who.unlabeled) < 2:
        raise ValueError("y must leave at least 2 rows unlabelled, got 1")
    return Roles(labels, rule, *map(np.flatnonzero, (who.anomaly, who.unlabeled, who.normal)))


def _two(labels: Labels, normal_label: Any) -> LabelRule:
    """The rule where nobody said which labels are anomalies."""
    known = None if normal_label is None else LabelRule.of(normal_label, None)
    counts = {
        value: n_rows
        for value, n_rows in labels.counts().items()
        if n_rows and (known is None or not known.is_anomaly(value))
    }
    if len(counts) < 2:
        raise ValueError(
            f"y must hold labels of anomalies and of unlabelled rows, got {len(counts)} class; declare yours "
            "with anomaly_label and unlabeled_label"
        )
    if len(counts) > 2:
        raise ValueError(
            "Only binary classification is supported. The type of the target is multiclass: say by "
            "anomaly_label or unlabeled_label which labels are anomalies, by normal_label which are known to "
            f"be normal; y holds {list(counts)}"
        )
    (first, n_first), (second, n_second) = counts.items()
    if [first, second] == [0, 1]:
        if n_second > n_first:
            warn("y holds 1, the anomaly, more often than 0: if the anomalies are the 0, say anomaly_label=0")
    elif n_first < n_second:
        first, second = second, first
    return LabelRule.of(second, first, normal_label)
