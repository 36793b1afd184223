"""Samplers with the contract of imbalanced-learn: ``fit_resample(X, y)``."""

import inspect
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.amount import Amount
from nngmix.resample import resample
from nngmix.seeding import RandomState

__all__ = ["NNGMix"]


class NNGMix:
    """Add pseudo-anomalies to a data set by nearest-neighbour Gaussian mixup.

    Columns are scaled for the search and the noise, and new rows come back in the input's units. Say how
    many rows to make with one of `sampling_strategy`, `multiplier` and `n_samples`; with none of them,
    anomalies are brought to a tenth of the unlabelled rows.

    Parameters
    ----------
    sampling_strategy : float, optional
        Share of anomalies, labelled and new, over the unlabelled rows, as in imbalanced-learn.
        Default: 0.1, unless one of the next two is given.
    multiplier : float, optional
        So many new rows for each labelled anomaly.
    n_samples : int, optional
        So many new rows.
    n_neighbors, n_neighbors_anomaly, noise_std, alpha, beta, unlabeled_fraction
        See `nng_mix`. `noise_std` is in units of the scaled columns.
    scale : {'minmax', 'standard', None}, default='minmax'
        How columns are scaled, fitted on all rows of `X`.
    anomaly_label, unlabeled_label : default=1, 0
        The two values of `y`. Others are refused: libraries disagree on what -1 means, so say it.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Attributes
    ----------
    plan_ : MixPlan
        What each new row is made of; `anchor` and `partner` are rows of the `X` that was passed.
    n_samples_ : int
        New rows made.
    n_features_in_ : int
        Columns of `X`.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.random((1000, 4)), np.arange(1000) < 5
    >>> X_new, y_new = nngmix.NNGMix(multiplier=10, random_state=0).fit_resample(X, y)
    >>> X_new.shape, int(y_new.sum())
    ((1050, 4), 55)
    """

    def __init__(
        self,
        sampling_strategy: float | None = None,
        *,
        multiplier: float | None = None,
        n_samples: int | None = None,
        n_neighbors: float = 10,
        n_neighbors_anomaly: float = 10,
        noise_std: float = 0.01,
        alpha: float = 0.2,
        beta: float = 0.2,
        unlabeled_fraction: float = 0.5,
        scale: str | None = "minmax",
        anomaly_label: Any = 1,
        unlabeled_label: Any = 0,
        random_state: RandomState = None,
        n_threads: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.multiplier = multiplier
        self.n_samples = n_samples
        self.n_neighbors = n_neighbors
        self.n_neighbors_anomaly = n_neighbors_anomaly
        self.noise_std = noise_std
        self.alpha = alpha
        self.beta = beta
        self.unlabeled_fraction = unlabeled_fraction
        self.scale = scale
        self.anomaly_label = anomaly_label
        self.unlabeled_label = unlabeled_label
        self.random_state = random_state
        self.n_threads = n_threads

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
        made = resample(
            X,
            is_anomaly,
            self._amount(),
            n_neighbors=self.n_neighbors,
            n_neighbors_anomaly=self.n_neighbors_anomaly,
            noise_std=self.noise_std,
            alpha=self.alpha,
            beta=self.beta,
            unlabeled_fraction=self.unlabeled_fraction,
            scale=self.scale,
            random_state=self.random_state,
            n_threads=self.n_threads,
            keep_input=True,
        )
        self.plan_ = made.plan
        self.n_samples_ = len(made.rows)
        self.n_features_in_ = made.rows.shape[1]
        new_labels = np.full(self.n_samples_, labels[is_anomaly][0], labels.dtype)
        return made.with_input, np.concatenate([labels, new_labels])

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
