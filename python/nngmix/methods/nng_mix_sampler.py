"""The sampler of NNG-Mix: ``fit_resample(X, y)``."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix.methods.resample import resample
from nngmix.methods.sampler import Sampler
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import RandomState
from nngmix.plan import MixPlan
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows

__all__ = ["NNGMix"]


class NNGMix(Sampler):
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

    def _new_rows(self, X: ArrayLike, is_anomaly: NDArray[np.bool_]) -> tuple[NDArray[Any], MixPlan]:
        rows, labels = as_rows("X", X), read_labels("y", is_anomaly)
        mixture = Mixture(self.noise_std, self.alpha, self.beta, self.unlabeled_fraction)
        spec = FitSpec(
            rows.n_features,
            rows.dtype,
            rows.names,
            LabelRule((True,), (False,)),
            "y",
            self.scale,
            n_neighbors=self.n_neighbors,
            n_neighbors_anomaly=self.n_neighbors_anomaly,
            unlabeled_fraction=mixture.unlabeled_fraction,
            amount=self._amount(),
            n_threads=self.n_threads,
        )
        made = resample(rows, labels, spec, mixture, random_state=self.random_state)
        return made.rows, made.plan
