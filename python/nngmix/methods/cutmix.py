"""CutMix: a window of one row's columns pasted into another."""

from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.methods.recipe import (
    AllRows,
    Partners,
    Recipe,
    Shape,
    check_partners,
    check_widths,
    numbered,
    split_partner,
)
from nngmix.methods.recipe_sampler import RecipeSampler
from nngmix.methods.spans import make_rows
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import CutMixPlan

__all__ = ["CutMix", "cutmix"]

Rows = NDArray[Any]


@dataclass(frozen=True)
class _Choices:
    n_anomalies: int
    n_rows: int
    n_features: int
    min_width: float
    max_width: float


@dataclass(frozen=True, eq=False)
class _Columns:
    anchor: NDArray[np.int64]
    number: NDArray[np.int64]
    origin: NDArray[np.int64]
    begin: NDArray[np.int64]
    width: NDArray[np.int64]


@dataclass(frozen=True)
class _Recipe(Recipe[CutMixPlan]):
    partners: Partners
    min_width: float
    max_width: float

    def __post_init__(self) -> None:
        check_partners(self.partners)
        check_widths(self.min_width, self.max_width)

    @property
    def takes_unlabeled(self) -> bool:
        return self.partners == "all"

    def draw(self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None) -> CutMixPlan:
        n_rows, widths = shape.n_rows(self.partners), check_widths(self.min_width, self.max_width)
        choices = _Choices(shape.n_anomalies, n_rows, shape.n_features, *widths)
        drawn = _core.plan_cutmix(key, start, n_samples, choices, n_threads)
        unlabeled, partner = split_partner(drawn["number"], shape.n_anomalies)
        window = drawn["origin"], drawn["begin"], drawn["width"]
        return CutMixPlan(start, drawn["anchor"], unlabeled, partner, *window)

    def make(
        self, plan: CutMixPlan, anomalies: Rows, unlabeled: Rows, out: Rows, n_threads: int | None
    ) -> None:
        number = numbered(plan, len(anomalies))
        columns = _Columns(plan.anchor, number, plan.origin, plan.begin, plan.width)
        _core.cutmix(out, AllRows(anomalies, unlabeled), columns, n_threads)

    def replaced(self, plan: CutMixPlan, n_features: int) -> NDArray[np.bool_]:
        return plan.replaced(n_features)


@overload
def cutmix(
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    partners: Partners = "anomaly",
    min_width: float = 0.1,
    max_width: float = 0.3,
    random_state: RandomState = None,
    start: int = 0,
    out: Rows | None = None,
    return_plan: Literal[False] = False,
    n_threads: int | None = None,
) -> Rows: ...


@overload
def cutmix(
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    partners: Partners = "anomaly",
    min_width: float = 0.1,
    max_width: float = 0.3,
    random_state: RandomState = None,
    start: int = 0,
    out: Rows | None = None,
    return_plan: Literal[True],
    n_threads: int | None = None,
) -> tuple[Rows, CutMixPlan]: ...


def cutmix(
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    partners: Partners = "anomaly",
    min_width: float = 0.1,
    max_width: float = 0.3,
    random_state: RandomState = None,
    start: int = 0,
    out: Rows | None = None,
    return_plan: bool = False,
    n_threads: int | None = None,
) -> Rows | tuple[Rows, CutMixPlan]:
    """Make pseudo-anomalies by CutMix.

    Each new row is a random labelled anomaly in which a window of neighbouring columns is replaced by as many
    neighbouring columns of another row of the pool, taken from a place of its own: columns are mixed up as
    well as rows, so scale them first (`CutMix` does). It carries the anomaly's label, and all other values
    are the anomaly's, bit for bit.

    The published script does the same, with these differences. Its windows reach from ``width // 2`` columns
    before a random centre to as many after it and are cut off at the ends of the row, so that odd widths are
    one short, a width of 1 pastes nothing, and outer columns are taken less often; ours are exactly as wide
    as drawn, and every place where they fit is equally likely, the last included, where the script never
    pastes. The anchor is never its own partner while there is another row, which the script allows when there
    is one anomaly. The script's default is ``partners="all"``.

    Parameters
    ----------
    X_anomaly : array-like of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    X_unlabeled : array-like of shape (n_unlabeled, n_features) or None
        Unlabelled rows, mostly normal. Never copied whole. Needed, and read, only with ``partners="all"``.
    n_samples : int
        Rows to make.
    partners : {'anomaly', 'all'}, default='anomaly'
        Where partners come from: the other labelled anomalies, or these and the unlabelled rows. A single
        anomaly without unlabelled rows is its own partner.
    min_width, max_width : float, default=0.1, 0.3
        The width is a uniform share of the columns between the two, rounded down, but at least one column.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: the parts of any split concatenate to the whole.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `nngmix.plan.CutMixPlan`: anchor, partner, pool and window of every row.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray of shape (n_samples, n_features)
        float32 if both inputs are, else float64.
    plan : CutMixPlan
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
    Yun, Han, Oh, Chun, Choe, Yoo: CutMix: Regularization Strategy to Train Strong Classifiers with
    Localizable Features. ICCV 2019, arXiv 1905.04899.

    Dong, Frusque, Zhao, Chatzi, Fink: NNG-Mix: Improving Semi-supervised Anomaly Detection with
    Pseudo-anomaly Generation. IEEE TNNLS 2025, arXiv 2311.11961, which compares it in its ``NNG_Mix.py``.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> X_anomaly = np.random.default_rng(0).random((5, 20))
    >>> X_new, plan = nngmix.cutmix(X_anomaly, None, 50, random_state=0, return_plan=True)
    >>> bool((X_new == X_anomaly[plan.anchor])[~plan.replaced(20)].all())
    True
    """
    return make_rows(
        _Recipe(partners, min_width, max_width),
        X_anomaly,
        X_unlabeled,
        n_samples,
        random_state=random_state,
        start=start,
        out=out,
        return_plan=return_plan,
        n_threads=n_threads,
    )


class CutMix(RecipeSampler):
    """Add pseudo-anomalies to a data set by CutMix.

    See `nngmix.cutmix` for the method and its differences from the published one. Values outside the window
    stay those of the anomaly, bit for bit.

    Parameters
    ----------
    sampling_strategy, multiplier, n_samples
        How many new rows, said in one of three ways: see `nngmix.NNGMix`.
    partners, min_width, max_width
        See `nngmix.cutmix`.
    scale : {'minmax', 'standard', None}, default='minmax'
        How columns are scaled before values go from column to column, fitted on all rows of `X`.
    anomaly_label, unlabeled_label : default=1, 0
        The two values of `y`. Others are refused: libraries disagree on what -1 means, so say it.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Attributes
    ----------
    plan_ : CutMixPlan
        What each new row is made of; `anchor` and `partner` are rows of the `X` that was passed.
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
        partners: Partners = "anomaly",
        min_width: float = 0.1,
        max_width: float = 0.3,
        scale: str | None = "minmax",
        anomaly_label: Any = 1,
        unlabeled_label: Any = 0,
        random_state: RandomState = None,
        n_threads: int | None = None,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.multiplier = multiplier
        self.n_samples = n_samples
        self.partners = partners
        self.min_width = min_width
        self.max_width = max_width
        self.scale = scale
        self.anomaly_label = anomaly_label
        self.unlabeled_label = unlabeled_label
        self.random_state = random_state
        self.n_threads = n_threads

    def _recipe(self) -> _Recipe:
        return _Recipe(self.partners, self.min_width, self.max_width)
