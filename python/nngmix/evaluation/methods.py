"""The ways of treating the few labelled anomalies, by name."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import nngmix
from nngmix.evaluation.specs import Spec

__all__ = ["METHODS", "Method", "check_method", "make_method"]

Rows = NDArray[np.float64]


class Method(ABC):
    """A way of treating the labelled anomalies; subclasses are found by `name`.

    Parameters
    ----------
    **settings
        Passed on to the function that makes the rows.
    """

    name: ClassVar[str]
    makes_rows: ClassVar[bool] = True
    balances: ClassVar[bool] = False

    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    @abstractmethod
    def rows(self, X_anomaly: Rows, X_unlabeled: Rows, n_samples: int, random_state: int) -> Rows:
        """`n_samples` new anomalies from rows scaled to 0..1."""


class Nothing(Method):
    """The data as they are."""

    name = "none"
    makes_rows = False

    def __init__(self) -> None:
        super().__init__()

    def rows(self, X_anomaly: Rows, X_unlabeled: Rows, n_samples: int, random_state: int) -> Rows:
        """No rows."""
        return X_anomaly[:0]


class ClassWeight(Nothing):
    """No rows, but both classes weigh the same in the detector's loss."""

    name = "class_weight"
    balances = True


class Made(Method):
    """Rows of a function of nngmix, on one thread."""

    function: ClassVar[Callable[..., Any]]
    takes_unlabeled: ClassVar[bool] = False

    def rows(self, X_anomaly: Rows, X_unlabeled: Rows, n_samples: int, random_state: int) -> Rows:
        """Rows of the function."""
        arrays = (X_anomaly, X_unlabeled) if self.takes_unlabeled else (X_anomaly,)
        new: Rows = type(self).function(
            *arrays, n_samples, random_state=random_state, n_threads=1, **self.settings
        )
        return new


class Duplicate(Made):
    """Copies drawn with replacement: the control."""

    name = "duplicate"
    function = staticmethod(nngmix.duplicate)


class Mixup(Made):
    """Mixup; ``partners=all`` also mixes with unlabelled rows, as the published script does."""

    name = "mixup"
    function = staticmethod(nngmix.mixup)
    takes_unlabeled = True


class Cutout(Made):
    """A window of columns set to zero."""

    name = "cutout"
    function = staticmethod(nngmix.cutout)


class CutMix(Made):
    """A window of columns of another row; ``partners=all`` as for mixup."""

    name = "cutmix"
    function = staticmethod(nngmix.cutmix)
    takes_unlabeled = True


class GaussianNoise(Made):
    """An anomaly and Gaussian noise."""

    name = "gaussian_noise"
    function = staticmethod(nngmix.gaussian_noise)


class NNGMix(Made):
    """Nearest-neighbour Gaussian mixup."""

    name = "nng_mix"
    function = staticmethod(nngmix.nng_mix)
    takes_unlabeled = True


class SMOTE(Method):
    """SMOTE of imbalanced-learn: between two labelled anomalies (Chawla et al., JAIR 2002)."""

    name = "smote"

    def rows(self, X_anomaly: Rows, X_unlabeled: Rows, n_samples: int, random_state: int) -> Rows:
        """Rows between neighbouring labelled anomalies; fewer than `k_neighbors` + 1 of them clamp it."""
        from imblearn import over_sampling

        n_anomalies = len(X_anomaly)
        if n_anomalies < 2:
            raise ValueError(f"SMOTE needs at least 2 labelled anomalies, got {n_anomalies}")
        settings = dict(self.settings)
        settings["k_neighbors"] = min(settings.get("k_neighbors", 5), n_anomalies - 1)
        sampler = over_sampling.SMOTE(
            sampling_strategy={1: n_anomalies + n_samples}, random_state=random_state, **settings
        )
        X = np.concatenate([X_unlabeled, X_anomaly])
        y = np.repeat([0, 1], [len(X_unlabeled), n_anomalies])
        made: Rows = sampler.fit_resample(X, y)[0][len(X) :]
        return made


METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        Nothing,
        ClassWeight,
        Duplicate,
        SMOTE,
        Mixup,
        Cutout,
        CutMix,
        GaussianNoise,
        NNGMix,
    )
}


def make_method(spec: Spec) -> Method:
    """The method of that name with its settings."""
    if spec.name not in METHODS:
        raise ValueError(f"there is no method {spec.name!r}; there are {', '.join(METHODS)}")
    try:
        return METHODS[spec.name](**dict(spec.settings))
    except TypeError as error:
        raise ValueError(f"method {str(spec)!r} takes no such settings: {error}") from error


def check_method(spec: Spec) -> None:
    """Try the method on a few rows, so that wrong settings are found before any work."""
    rows = np.random.default_rng(0).random((100, 8))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            make_method(spec).rows(rows[:20], rows[20:], 2, random_state=0)
    except (TypeError, ValueError) as error:
        raise ValueError(f"method {str(spec)!r}: {error}") from error
