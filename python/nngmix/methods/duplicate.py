"""Duplication: labelled anomalies drawn again, the control of every comparison."""

from dataclasses import dataclass
from typing import Any, Literal, overload

from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.methods.recipe import Recipe, Shape
from nngmix.methods.recipe_sampler import RecipeSampler
from nngmix.methods.spans import make_rows
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import Plan

__all__ = ["Duplicate", "duplicate"]

Rows = NDArray[Any]


@dataclass(frozen=True)
class _Recipe(Recipe[Plan]):
    def draw(self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None) -> Plan:
        return Plan(start, _core.plan_duplicate(key, start, n_samples, shape.n_anomalies, n_threads))

    def make(self, plan: Plan, anomalies: Rows, unlabeled: Rows, out: Rows, n_threads: int | None) -> None:
        _core.duplicate(out, anomalies, plan.anchor, n_threads)


@overload
def duplicate(
    X_anomaly: ArrayLike,
    n_samples: int,
    *,
    random_state: RandomState = None,
    start: int = 0,
    out: Rows | None = None,
    return_plan: Literal[False] = False,
    n_threads: int | None = None,
) -> Rows: ...


@overload
def duplicate(
    X_anomaly: ArrayLike,
    n_samples: int,
    *,
    random_state: RandomState = None,
    start: int = 0,
    out: Rows | None = None,
    return_plan: Literal[True],
    n_threads: int | None = None,
) -> tuple[Rows, Plan]: ...


def duplicate(
    X_anomaly: ArrayLike,
    n_samples: int,
    *,
    random_state: RandomState = None,
    start: int = 0,
    out: Rows | None = None,
    return_plan: bool = False,
    n_threads: int | None = None,
) -> Rows | tuple[Rows, Plan]:
    """Repeat labelled anomalies, drawn with replacement.

    Each new row is a random labelled anomaly, bit for bit. What a method gains over this is what its new rows
    say; what it gains over nothing at all may be the weight of the anomalies alone. The published script has
    no such control.

    Parameters
    ----------
    X_anomaly : array-like of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    n_samples : int
        Rows to make.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: the parts of any split concatenate to the whole.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `nngmix.plan.Plan`: anchor of every row.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray of shape (n_samples, n_features)
        float32 if the input is, else float64.
    plan : Plan
        Only with ``return_plan=True``.

    Raises
    ------
    ValueError
        For shapes or parameters that do not fit, or NaN or infinity (named by row and column).
    TypeError
        For arrays that do not hold real numbers.
    MemoryError
        If the rows would not fit into this machine's memory.

    References
    ----------
    Known as random oversampling: Batista, Prati, Monard: A Study of the Behavior of Several Methods for
    Balancing Machine Learning Training Data. SIGKDD Explorations 6(1), 2004.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> X_anomaly = np.random.default_rng(0).random((5, 4))
    >>> X_new, plan = nngmix.duplicate(X_anomaly, 50, random_state=0, return_plan=True)
    >>> bool((X_new == X_anomaly[plan.anchor]).all())
    True
    """
    return make_rows(
        _Recipe(),
        X_anomaly,
        None,
        n_samples,
        random_state=random_state,
        start=start,
        out=out,
        return_plan=return_plan,
        n_threads=n_threads,
    )


class Duplicate(RecipeSampler):
    """Add copies of labelled anomalies to a data set, drawn with replacement.

    See `nngmix.duplicate`. Nothing is scaled: the copies are those of the rows of `X`, bit for bit.

    Parameters
    ----------
    sampling_strategy, multiplier, n_samples
        How many new rows, said in one of three ways: see `nngmix.NNGMix`.
    anomaly_label, unlabeled_label : default=1, 0
        The two values of `y`. Others are refused: libraries disagree on what -1 means, so say it.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Attributes
    ----------
    plan_ : Plan
        What each new row is made of; `anchor` is a row of the `X` that was passed.
    n_samples_ : int
        New rows made.
    n_features_in_ : int
        Columns of `X`.
    """

    def __init__(
        self,
        sampling_strategy: float | None = None,
        *,
        multiplier: float | None = None,
        n_samples: int | None = None,
        anomaly_label: Any = 1,
        unlabeled_label: Any = 0,
        random_state: RandomState = None,
        n_threads: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.multiplier = multiplier
        self.n_samples = n_samples
        self.anomaly_label = anomaly_label
        self.unlabeled_label = unlabeled_label
        self.random_state = random_state
        self.n_threads = n_threads

    def _recipe(self) -> _Recipe:
        return _Recipe()
