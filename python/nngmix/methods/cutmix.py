"""CutMix: a window of one row's columns pasted into another."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.methods.function import Arrays, Options, make_rows
from nngmix.methods.parents import Parents, ParentsRecipe, Shape
from nngmix.methods.partners import AllRows, Partners, check_partners, numbered, split_partner
from nngmix.methods.sampler import Sampler
from nngmix.parameters.checks import check_widths
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import CutMixPlan
from nngmix.rows.asked_columns import Clip, Features, Missing

__all__ = ["CutMix", "CutMixRecipe", "cutmix"]

Matrix = NDArray[Any]


class _Choices(NamedTuple):
    n_anomalies: int
    n_rows: int
    n_features: int
    min_width: float
    max_width: float


class _Columns(NamedTuple):
    anchor: NDArray[np.int64]
    number: NDArray[np.int64]
    origin: NDArray[np.int64]
    begin: NDArray[np.int64]
    width: NDArray[np.int64]


@dataclass(frozen=True)
class CutMixRecipe(ParentsRecipe[CutMixPlan]):
    """CutMix with its parameters."""

    partners: Partners = "anomaly"
    min_width: float = 0.1
    max_width: float = 0.3

    def __post_init__(self) -> None:
        check_partners(self.partners)
        low, high = check_widths(self.min_width, self.max_width)
        object.__setattr__(self, "min_width", low)
        object.__setattr__(self, "max_width", high)

    @property
    def takes_unlabeled(self) -> bool:
        return self.partners == "all"

    def plan_rows(
        self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None
    ) -> CutMixPlan:
        n_rows, widths = shape.n_rows(self.partners), (self.min_width, self.max_width)
        choices = _Choices(shape.n_anomalies, n_rows, shape.n_features, *widths)
        # A category has a meaning in its own column alone.
        in_place = shape.kinds is not None and bool(shape.kinds.categorical.any())
        drawn = _core.plan_cutmix(key, start, n_samples, choices, n_threads, in_place=in_place)
        unlabeled, partner = split_partner(drawn["number"], shape.n_anomalies)
        window = drawn["origin"], drawn["begin"], drawn["width"]
        return CutMixPlan(start, drawn["anchor"], unlabeled, partner, *window)

    def make_rows(self, plan: CutMixPlan, parents: Parents, unlabeled: Matrix, out: Matrix) -> None:
        number = numbered(plan, len(parents.anomalies))
        columns = _Columns(plan.anchor, number, plan.origin, plan.begin, plan.width)
        rows = AllRows(parents.anomalies, unlabeled, parents.mixed)
        _core.cutmix(out, rows, columns, parents.n_threads)

    def replaced(self, plan: CutMixPlan, n_features: int) -> NDArray[np.bool_]:
        return plan.replaced(n_features)


class CutMixOptions(Options, total=False):
    """Keywords of `cutmix`."""

    partners: Partners
    min_width: float
    max_width: float


@overload
def cutmix(
    X_anomaly: Arrays,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: Literal[False] = False,
    **options: Unpack[CutMixOptions],
) -> Matrix: ...


@overload
def cutmix(
    X_anomaly: Arrays,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: Literal[True],
    **options: Unpack[CutMixOptions],
) -> tuple[Matrix, CutMixPlan]: ...


@overload
def cutmix(
    X_anomaly: Any,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: bool = False,
    **options: Unpack[CutMixOptions],
) -> Any: ...


def cutmix(
    X_anomaly: Any,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    partners: Partners = "anomaly",
    min_width: float = 0.1,
    max_width: float = 0.3,
    categorical_features: Features = None,
    missing: Missing = "error",
    whole_features: Features = None,
    clip: Clip | None = None,
    random_state: RandomState = None,
    start: int = 0,
    out: Matrix | None = None,
    return_plan: bool = False,
    n_threads: int | None = None,
) -> Any:
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
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    X_unlabeled : array-like or frame of shape (n_unlabeled, n_features) or None
        Unlabelled rows, mostly normal. Never copied whole. Columns are matched by name
        where both sides have names. Needed, and read, only with ``partners="all"``.
    n_samples : int
        Rows to make.
    partners : {'anomaly', 'all'}, default='anomaly'
        Where partners come from: the other labelled anomalies, or these and the unlabelled rows. A single
        anomaly without unlabelled rows is its own partner.
    min_width, max_width : float, default=0.1, 0.3
        The width is a uniform share of the columns between the two, rounded down, but at least one column.
    categorical_features, missing
        See `nngmix.nng_mix`. Where there are categories, the window is pasted at the columns that it
        was taken from.
    whole_features, clip
        See `nngmix.nng_mix`.
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
    X_new : ndarray or frame of shape (n_samples, n_features)
        A frame, or an Arrow table, if `X_anomaly` is one, with its names and types but that columns of other
        numbers than floats become floats; `out` if it is given; else an array, float32 if both inputs are (or
        float16), else float64.
    plan : CutMixPlan
        Only with ``return_plan=True``.

    Raises
    ------
    ValueError
        For columns or parameters that do not fit, or NaN or infinity (named by row and column).
    TypeError
        For what does not hold real numbers, or parameters of another type.
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
        CutMixRecipe(partners, min_width, max_width),
        X_anomaly,
        X_unlabeled,
        n_samples,
        categorical_features=categorical_features,
        missing=missing,
        whole_features=whole_features,
        clip=clip,
        random_state=random_state,
        start=start,
        out=out,
        return_plan=return_plan,
        n_threads=n_threads,
    )


@dataclass(kw_only=True, repr=False, eq=False)
class CutMix(Sampler):
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
        How columns are scaled before values go from column to column, fitted on the rows that take part.
    anomaly_label, unlabeled_label, normal_label
        Who is an anomaly, who is unlabelled, and who takes no part: see `nngmix.NNGMix`.
    categorical_features, whole_features, clip, missing
        What columns hold, and what becomes of missing values: see `nngmix.NNGMix`.
    append : bool, default=True
        Whether the rows of `X` come back before the new ones.
    callback : callable, optional
        Called after each part with the stage, "scale" or "mix", rows done and rows in all. An
        exception in it ends the call. Best a plain function: `clone` copies other objects.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Attributes
    ----------
    plan_ : CutMixPlan
        What each new row is made of; `anchor` and `partner` are rows of the `X` that was passed.
    n_samples_ : int
        New rows made, or that `fit_resample` would make.
    n_missing_ : int
        Rows of `X` that took no part because they are not finite.
    anomaly_labels_ : list
        Labels of the classes that rows were made of, in the order of the new rows.
    synthetic_mask_ : ndarray of bool
        Which of the rows that came back are new.
    sampling_strategy_ : dict
        New rows of each class.
    sample_weight_ : ndarray
        Weights of all rows that came back, if `X` had some: a new row has its anchor's.
    n_features_in_ : int
        Columns of `X`.
    feature_names_in_ : ndarray of str
        Names of the columns, if `X` has them.
    """

    recipe: ClassVar[type[CutMixRecipe]] = CutMixRecipe

    partners: Partners = "anomaly"
    min_width: float = 0.1
    max_width: float = 0.3
    scale: str | None = "minmax"
