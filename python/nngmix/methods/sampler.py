"""What all samplers share: the contract of imbalanced-learn, amounts and labels."""

import inspect
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.parameters.amount import Amount
from nngmix.parameters.seed import RandomState
from nngmix.plan import Plan
from nngmix.rows.scaling import concatenated

__all__ = ["Sampler"]


class Sampler(ABC):
    """Adds rows to a labelled data set; subclasses say which.

    Their parameters are those of their own ``__init__``, kept as they come and checked when they are used.
    """

    sampling_strategy: float | None
    multiplier: float | None
    n_samples: int | None
    anomaly_label: Any
    unlabeled_label: Any
    random_state: RandomState
    n_threads: int | None

    @abstractmethod
    def _new_rows(self, X: ArrayLike, is_anomaly: NDArray[np.bool_]) -> tuple[NDArray[Any], Plan]:
        """New anomalies, and their plan with anchors and partners as rows of `X`."""

    def fit_resample(self, X: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return `X` and `y` with the new rows behind them.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Finite real numbers.
        y : array-like of shape (n_rows,)
            `anomaly_label` for labelled anomalies, `unlabeled_label` for all other rows.

        Returns
        -------
        X_resampled : ndarray of shape (n_rows + n_samples_, n_features)
            The rows of `X`, unchanged, then the new ones; float32 if `X` is, else float64.
        y_resampled : ndarray of shape (n_rows + n_samples_,)
            `y`, then `anomaly_label` for every new row.
        """
        labels = np.asarray(y)
        is_anomaly = self._is_anomaly(labels)
        made, self.plan_ = self._new_rows(X, is_anomaly)
        self.n_samples_, self.n_features_in_ = made.shape
        new_labels = np.full(self.n_samples_, labels[is_anomaly][0], labels.dtype)
        X_resampled = concatenated([np.asarray(X), made], n_threads=self.n_threads)
        return X_resampled, np.concatenate([labels, new_labels])

    def _amount(self) -> Amount:
        if self.sampling_strategy is None and self.multiplier is None and self.n_samples is None:
            return Amount(share=0.1)
        return Amount(self.multiplier, self.sampling_strategy, self.n_samples)

    def _is_anomaly(self, labels: NDArray[Any]) -> NDArray[np.bool_]:
        if labels.ndim != 1:
            raise ValueError(f"y must be 1-D, got shape {labels.shape}")
        if labels.dtype.kind == "f" and np.isnan(labels).any():
            row = int(np.flatnonzero(np.isnan(labels))[0])
            raise ValueError(
                f"y must not be NaN, got NaN at row {row}; mark unlabelled rows as {self.unlabeled_label}"
            )
        anomaly: NDArray[np.bool_] = np.asarray(labels == self.anomaly_label)
        unlabeled = np.asarray(labels == self.unlabeled_label)
        known = anomaly | unlabeled
        if not known.all():
            row = int(np.flatnonzero(~known)[0])
            raise ValueError(
                f"y must hold {self.anomaly_label!r} (labelled anomaly) and {self.unlabeled_label!r} "
                f"(unlabelled), got {labels[[row]].tolist()[0]!r} at row {row}; libraries "
                "disagree on other values, so declare yours with anomaly_label and unlabeled_label"
            )
        if not anomaly.any() or not unlabeled.any():
            missing = self.unlabeled_label if anomaly.any() else self.anomaly_label
            raise ValueError(f"y must hold both classes, got no {missing!r}")
        return anomaly

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name, as scikit-learn's `clone` wants them."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"unknown parameter {name!r}, expected one of {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = (
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        )
        return f"{type(self).__name__}({', '.join(changed)})"
