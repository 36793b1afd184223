"""Who is who to a detector: labelled anomalies, unlabelled rows, and rows that are known to be normal."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.warnings import warn
from nngmix.rows.labels import LabelRule, Labels, read_labels

__all__ = ["Roles", "roles"]


@dataclass(frozen=True, eq=False)
class Roles:
    """Who is who.

    Attributes
    ----------
    labels : Labels
    rule : LabelRule
        Its anomalies and unlabelled rows; rows of other labels are neither.
    anomaly, unlabeled, normal : ndarray of int64
        The rows of each kind, ascending.
    """

    labels: Labels
    rule: LabelRule
    anomaly: NDArray[np.int64]
    unlabeled: NDArray[np.int64]
    normal: NDArray[np.int64]


def roles(y: Any, anomaly_label: Any, unlabeled_label: Any, normal_label: Any) -> Roles:
    """Tell anomalies, unlabelled rows and known normals apart.

    Without a declaration there are two labels beside those of known normals. Of 0 and 1, or False and True,
    1 is the anomaly; else it is the rarer one, and the second of two that are equally frequent: to a
    classifier labels are names.

    Raises
    ------
    ValueError
        For labels that are missing, a kind of row that there is not, a label of two kinds, and more than two
        labels without a declaration.
    """
    labels = read_labels("y", y)
    without = np.flatnonzero(labels.codes < 0)
    if len(without) > 0:
        raise ValueError(
            f"y must not contain NaN or other missing labels, got one at row {without[0]}; mark unlabelled "
            "rows with a label of their own"
        )
    normal = np.zeros(len(labels), bool)
    if normal_label is not None:
        normal = LabelRule.of(normal_label, None).split(labels).anomaly
    rest = np.bincount(labels.codes[~normal], minlength=len(labels.values))
    if anomaly_label is None and unlabeled_label is None:
        anomaly, unlabeled = _two(labels, rest)
    else:
        who = LabelRule.of(anomaly_label, unlabeled_label).split(labels)
        if anomaly_label is not None and (who.anomaly & normal).any():
            raise ValueError("a label cannot be both anomaly_label and normal_label")
        anomaly, unlabeled = (
            np.unique(labels.codes[there & ~normal]) for there in (who.anomaly, who.unlabeled)
        )
    for name, codes in (("labelled anomaly", anomaly), ("unlabelled row", unlabeled)):
        if len(codes) == 0:
            raise ValueError(
                f"y must hold labels of anomalies and of unlabelled rows, got no {name} among {labels.values}; "
                "declare yours with anomaly_label and unlabeled_label"
            )
    values = [tuple(labels.values[code] for code in codes) for codes in (anomaly, unlabeled)]
    of_kind = [np.flatnonzero(np.isin(labels.codes, codes)) for codes in (anomaly, unlabeled)]
    return Roles(labels, LabelRule(*values), *of_kind, np.flatnonzero(normal))


def _two(labels: Labels, counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes of anomalies and of unlabelled rows where nobody said."""
    there = np.flatnonzero(counts)
    if len(there) < 2:
        raise ValueError(
            f"y must hold labels of anomalies and of unlabelled rows, got {len(there)} class; declare yours "
            "with anomaly_label and unlabeled_label"
        )
    if len(there) > 2:
        raise ValueError(
            "Only binary classification is supported. The type of the target is multiclass unless "
            "anomaly_label or unlabeled_label says which of its labels are anomalies, and normal_label which "
            f"are known to be normal; y holds {[labels.values[code] for code in there]}"
        )
    first, second = there[:1], there[1:]
    if [labels.values[code] for code in there] == [0, 1]:
        if counts[second[0]] > counts[first[0]]:
            warn("y holds 1, the anomaly, more often than 0: if the anomalies are the 0, say anomaly_label=0")
        return second, first
    return (second, first) if counts[second[0]] <= counts[first[0]] else (first, second)
