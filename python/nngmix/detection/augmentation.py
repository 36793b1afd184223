"""How a classifier augments what it is fitted on: which sampler, who is who, and what new rows take over."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from nngmix.methods.auto import Choice, choose, family_of
from nngmix.methods.nng_mix import NNGMix
from nngmix.methods.registry import METHODS
from nngmix.methods.sampler import Sampler
from nngmix.parameters.amount import Amount
from nngmix.rows.columns import NotNumbers
from nngmix.rows.frame import column_names, frame_columns, is_frame, known_frame
from nngmix.rows.labels import LabelRule, Labels, several
from nngmix.rows.names import listed

__all__ = [
    "Augmented",
    "augmented",
    "auto_choice",
    "check_classifier",
    "chosen_sampler",
    "encoder_advised",
    "text_columns",
]


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


def auto_choice(estimator: Any, codes: NDArray[np.int64], n_features: int) -> Choice:
    """What helps an estimator; the most frequent class is the unlabelled one."""
    n_unlabeled = int(np.bincount(codes).max(initial=0))
    return choose(family_of(estimator), len(codes) - n_unlabeled, n_unlabeled, n_features)


def check_classifier(estimator: Any, *methods: str) -> None:
    """TypeError for what is no classifier to fit, or has none of these methods."""
    there = hasattr(estimator, "fit") and any(hasattr(estimator, name) for name in methods)
    if isinstance(estimator, type) or not there:
        raise TypeError(
            f"estimator must be a classifier with fit and {' or '.join(methods)}, such as "
            f"LogisticRegression(), got {estimator!r}"
        )


def chosen_sampler(sampler: Any, random_state: Any) -> Any:
    """A sampler of one's own for None, a name, a choice or an instance, with the seed if one is given.

    None for the choice to add nothing.
    """
    if isinstance(sampler, Choice):
        if sampler.method == "none":
            return None
        share = Amount.parse(sampler.amount).share
        made: Any = METHODS[sampler.method].sampler(sampling_strategy=share, **sampler.settings)
    elif sampler is None:
        made = NNGMix()
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


def text_columns(X: Any) -> list[Any]:
    """The columns of a frame that hold no numbers, which may be categories; none of anything else."""
    if not is_frame(X):
        return []
    frame = known_frame(X)
    columns = zip(column_names("X", frame) or range(X.shape[1]), frame_columns(frame), strict=True)
    return [name for name, column in columns if isinstance(column, NotNumbers)]


@contextmanager
def encoder_advised(estimator: Any, X: Any) -> Iterator[None]:
    """Within, an estimator is fitted on `X`: if it refuses columns of texts, the way out is named."""
    try:
        yield
    except (TypeError, ValueError) as error:
        texts = text_columns(X)
        if not texts:
            raise
        raise type(error)(
            f"{type(estimator).__name__} refuses rows with columns that hold no numbers "
            f"({listed(map(repr, texts))}): {error}; put an encoder before it, such as "
            "make_pipeline(make_column_transformer(...), estimator), or give "
            "HistGradientBoostingClassifier columns of the categorical type"
        ) from error


def _by_name(name: str) -> Any:
    if name in METHODS:
        return METHODS[name].sampler()
    if name != "smote":
        raise ValueError(f"sampler must be one of {', '.join([*METHODS, 'smote', 'auto'])}, got {name!r}")
    try:
        from imblearn.over_sampling import SMOTE
    except ImportError as error:
        raise ImportError(
            "sampler='smote' is imbalanced-learn's (extra: evaluate): pip install imbalanced-learn, or take "
            "NNGMix(unlabeled_fraction=0, alpha=1, beta=1, noise_std=0), which mixes anomalies alone"
        ) from error
    return SMOTE()


def augmented(sampler: Any, X: Any, codes: NDArray[np.int64], classes: Sequence[Any]) -> Augmented:
    """Rows and the codes of their classes, with the new rows of a sampler behind them, if there is one."""
    if sampler is None:
        return Augmented(X, codes, np.empty(0, np.int64))
    if isinstance(sampler, Sampler):
        who = _who(sampler, codes, classes)
        if not (who["anomaly_label"] and who["unlabeled_label"]):
            return Augmented(X, codes, np.empty(0, np.int64))
        sampler.set_params(**who)
    X_resampled, y_resampled = sampler.fit_resample(X, codes)
    return Augmented(X_resampled, np.asarray(y_resampled), _anchors(sampler, len(codes)))


def _who(sampler: Sampler, codes: NDArray[np.int64], classes: Sequence[Any]) -> dict[str, list[int] | None]:
    """The labels of a sampler as codes, those that no row has left out.

    Where the sampler does not say, the most frequent class that is not known to be normal is the unlabelled
    one: a classifier takes its labels as names.
    """
    anomaly, unlabeled, normal = sampler.anomaly_label, sampler.unlabeled_label, sampler.normal_label
    if anomaly is None and unlabeled is None:
        counts = Labels("y", list(classes), codes).without(several(normal) or ()).counts()
        unlabeled = max(counts, key=counts.__getitem__, default=classes[0])
    rule = LabelRule.of(anomaly, unlabeled, normal)
    kinds: dict[str, list[int] | None] = {
        "anomaly_label": [code for code, there in enumerate(classes) if rule.is_anomaly(there)],
        "unlabeled_label": [code for code, there in enumerate(classes) if rule.is_unlabeled(there)],
    }
    if normal is not None:
        # Third values of no kind take no part either.
        kinds["normal_label"] = [
            code
            for code, there in enumerate(classes)
            if not (rule.is_anomaly(there) or rule.is_unlabeled(there))
        ] or None
    return kinds


def _anchors(sampler: Any, n_rows: int) -> NDArray[np.int64] | None:
    if isinstance(sampler, Sampler):
        anchors: NDArray[np.int64] = sampler.plan_.anchor
        return anchors
    indices = getattr(sampler, "sample_indices_", None)
    if indices is None or not np.array_equal(indices[:n_rows], np.arange(n_rows)):
        return None
    return np.asarray(indices[n_rows:])
