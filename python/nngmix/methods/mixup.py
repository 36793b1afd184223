"""Mixup: a weighted mean of two rows."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngmix import _core
from nngmix.methods.function import Arrays, Options, make_rows
from nngmix.methods.parents import Parents, ParentsRecipe, Shape
from nngmix.methods.partners import AllRows, Partners, check_partners, numbered, split_partner
from nngmix.methods.sampler import Sampler
from nngmix.parameters.mixture import check_weight
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import MixupPlan
from nngmix.rows.asked_columns import Clip, Features, Missing

__all__ = ["Mixup", "MixupRecipe", "mixup"]

Matrix = NDArray[Any]


class _Choices(NamedTuple):
    n_anomalies: int
    n_rows: int
    alpha: float
    beta: float


class _Columns(NamedTuple):
    anchor: NDArray[np.int64]
    number: NDArray[np.int64]
    lam: NDArray[np.float64]
    donor_is_anchor: NDArray[np.bool_] | None


@dataclass(frozen=True)
class MixupRecipe(ParentsRecipe[MixupPlan]):
    """Mixup with its parameters."""

    partners: Partners = "anomaly"
    alpha: float = 0.2
    beta: float = 0.2

    def __post_init__(self) -> None:
        check_partners(self.partners)
        object.__setattr__(self, "alpha", check_weight("alpha", self.alpha))
        object.__setattr__(self, "beta", check_weight("beta", self.beta))

    @property
    def takes_unlabeled(self) -> bool:
        return self.partners == "all"

    def plan_rows(
        self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None
    ) -> MixupPlan:
        choices = _Choices(shape.n_anomalies, shape.n_rows(self.partners), self.alpha, self.beta)
        drawn = _core.plan_mixup(key, start, n_samples, choices, n_threads, donors=shape.kinds is not None)
        unlabeled, partner = split_partner(drawn["number"], shape.n_anomalies)
        donor = drawn.get("donor_is_anchor")
        return MixupPlan(start, drawn["anchor"], unlabeled, partner, drawn["lam"], donor_is_anchor=donor)

    def make_rows(self, plan: MixupPlan, parents: Parents, unlabeled: Matrix, out: Matrix) -> None:
        number = numbered(plan, len(parents.anomalies))
        columns = _Columns(plan.anchor, number, plan.lam, plan.donor_is_anchor)
        rows = AllRows(parents.anomalies, unlabeled, parents.mixed)
        _core.mixup(out, rows, columns, parents.n_threads)


class MixupOptions(Options, total=False):
    """Keywords of `mixup`."""

    partners: Partners
    alpha: float
    beta: float


@overload
def mixup(
    X_anomaly: Arrays,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: Literal[False] = False,
    **options: Unpack[MixupOptions],
) -> Matrix: ...


@overload
def mixup(
    X_anomaly: Arrays,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: Literal[True],
    **options: Unpack[MixupOptions],
) -> tuple[Matrix, MixupPlan]: ...


@overload
def mixup(
    X_anomaly: Any,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: bool = False,
    **options: Unpack[MixupOptions],
) -> Any: ...


def mixup(
    X_anomaly: Any,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    partners: Partners = "anomaly",
    alpha: float = 0.2,
    beta: float = 0.2,
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
    """Make pseudo-anomalies by mixup.

    Each new row is ``lam * a + (1 - lam) * p``: `a` a random labelled anomaly, `p` any other row of the pool
    and `lam` a Beta variate. It carries the anomaly's label.

    The published script does the same, with these differences: lam is always the weight of the anchor here,
    with its ``--use_anomaly_only`` the script gives it to the partner; and the anchor is never its own
    partner while there is another row, which the script allows when there is one anomaly. The script's
    default is ``partners="all"``.

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
    alpha, beta : float, default=0.2
        Parameters of the Beta distribution of lam, the weight of the anchor; at most 1e6.
    categorical_features, missing
        See `nngmix.nng_mix`. Each row has a donor, `a` with probability `lam`, else `p`: its categories,
        and which of its values are missing, come from there.
    whole_features, clip
        See `nngmix.nng_mix`.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: the parts of any split concatenate to the whole.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `nngmix.plan.MixupPlan`: anchor, partner, pool and lam of every row.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray or frame of shape (n_samples, n_features)
        A frame, or an Arrow table, if `X_anomaly` is one, with its names and types but that columns of other
        numbers than floats become floats; `out` if it is given; else an array, float32 if both inputs are (or
        float16), else float64.
    plan : MixupPlan
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
    Zhang, Cisse, Dauphin, Lopez-Paz: mixup: Beyond Empirical Risk Minimization. ICLR 2018, arXiv 1710.09412.

    Dong, Frusque, Zhao, Chatzi, Fink: NNG-Mix: Improving Semi-supervised Anomaly Detection with
    Pseudo-anomaly Generation. IEEE TNNLS 2025, arXiv 2311.11961, which compares it in its ``NNG_Mix.py``.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> X_anomaly = np.random.default_rng(0).random((5, 4))
    >>> nngmix.mixup(X_anomaly, None, 50, random_state=0).shape
    (50, 4)
    """
    return make_rows(
        MixupRecipe(partners, alpha, beta),
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
class Mixup(Sampler):
    """Add pseudo-anomalies to a data set by mixup.

    See `nngmix.mixup` for the method and its differences from the published one.

    Parameters
    ----------
    sampling_strategy, multiplier, n_samples
        How many new rows, said in one of three ways: see `nngmix.NNGMix`.
    partners, alpha, beta
        See `nngmix.mixup`.
    scale : {'minmax', 'standard', None}, default='minmax'
        How columns are scaled, fitted on the rows that take part.
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
    plan_ : MixupPlan
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

    recipe: ClassVar[type[MixupRecipe]] = MixupRecipe

    partners: Partners = "anomaly"
    alpha: float = 0.2
    beta: float = 0.2
    scale: str | None = "minmax"
