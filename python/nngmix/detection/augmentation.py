"""How a classifier augments what it is fitted on: which sampler, who is who, and what new rows take over."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from nngmix.methods.nng_mix import NNGMix
from nngmix.methods.registry import METHODS
from nngmix.methods.sampler import Sampler
from nngmix.rows.labels import LabelRule, read_labels

__all__ = ["Augmented", "augmented", "chosen_sampler"]


class Augmented:
    """Rows with new ones behind them, and where the new ones come from.

    Attributes
    ----------
    X, y
        The rows as the sampler gives them, and the codes of their classes.
    anchors : ndarray of int64 or None
        For each new row the row it starts from; None if the sampler does not tell.
    """

    def __init__(self, X: Any, y: NDArray[np.int64], anchors: NDArray[np.int64] | None) -> None:
        self.X, self.y, self.anchors = X, y, anchors

    def extended(self, name: str, values: Any) -> NDArray[Any]:
        """What each row carries, and each new row what its anchor does."""
        if self.anchors is None:
            raise ValueError(
                f"{name} cannot be given to new rows, for the sampler does not tell which rows they start "
                "from (no plan_ or sample_indices_); use a sampler of nngmix"
            )
        there = np.asarray(values)
        return np.concatenate([there, there[self.anchors]])


def chosen_sampler(sampler: Any, random_state: Any) -> Any:
    """A sampler of one's own for None, a name or an instance, with the seed if one is given."""
    if sampler is None:
        made: Any = NNGMix()
    elif isinstance(sampler, str):
        made = _by_name(sampler)
    elif hasattr(sampler, "fit_resample"):
        made = clone(sampler)
    else:
        raise TypeError(
            f"sampler must be None, a name or an object with fit_resample, got {type(sampler).__name__}"
        )
    if random_state is not None and "random_state" in made.get_params():
        made.set_params(random_state=random_state)
    return made


def _by_name(name: str) -> Any:
    if name in METHODS:
        return METHODS[name].sampler()
    if name != "smote":
        raise ValueError(f"sampler must be one of {', '.join([*METHODS, 'smote'])}, got {name!r}")
    try:
        from imblearn.over_sampling import SMOTE
    except ImportError as error:
        raise ImportError(
            "sampler='smote' is imbalanced-learn's: pip install imbalanced-learn, or take "
            "NNGMix(unlabeled_fraction=0, alpha=1, beta=1, noise_std=0), which mixes anomalies alone"
        ) from error
    return SMOTE()


def augmented(sampler: Any, X: Any, codes: NDArray[np.int64], classes: Sequence[Any]) -> Augmented:
    """Rows and the codes of their classes, with the new rows of a sampler behind them."""
    if isinstance(sampler, Sampler):
        who = _who(sampler, codes, classes)
        if who is None:
            return Augmented(X, codes, np.empty(0, np.int64))
        sampler.set_params(anomaly_label=who[0], unlabeled_label=who[1])
    X_resampled, y_resampled = sampler.fit_resample(X, codes)
    return Augmented(X_resampled, np.asarray(y_resampled), _anchors(sampler, len(codes)))


def _who(
    sampler: Sampler, codes: NDArray[np.int64], classes: Sequence[Any]
) -> tuple[list[int], list[int]] | None:
    """The codes of anomalies and those of unlabelled rows; None where there are no two kinds.

    Where the sampler does not say, the most frequent class is the unlabelled one: a classifier takes its
    labels as names.
    """
    if sampler.anomaly_label is None and sampler.unlabeled_label is None:
        most = int(np.bincount(codes).argmax())
        anomaly, unlabeled = [code for code in range(len(classes)) if code != most], [most]
    else:
        rule = LabelRule.of(sampler.anomaly_label, sampler.unlabeled_label)
        split = rule.split(read_labels("y", np.asarray(classes)))
        anomaly, unlabeled = np.flatnonzero(split.anomaly).tolist(), np.flatnonzero(split.unlabeled).tolist()
    return (anomaly, unlabeled) if anomaly and unlabeled else None


def _anchors(sampler: Any, n_rows: int) -> NDArray[np.int64] | None:
    if isinstance(sampler, Sampler):
        anchors: NDArray[np.int64] = sampler.plan_.anchor
        return anchors
    indices = getattr(sampler, "sample_indices_", None)
    if indices is None or not np.array_equal(indices[:n_rows], np.arange(n_rows)):
        return None
    return np.asarray(indices[n_rows:])
