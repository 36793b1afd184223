"""Cutout: a window of columns set to 0."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.methods.function import Arrays, Options, make_rows
from nngmix.methods.parents import Parents, ParentsRecipe, Shape
from nngmix.methods.sampler import Sampler
from nngmix.parameters.checks import check_widths
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import CutoutPlan
from nngmix.rows.asked_columns import Clip, Features, Missing

__all__ = ["Cutout", "CutoutRecipe", "cutout"]

Matrix = NDArray[Any]


class _Choices(NamedTuple):
    n_anomalies: int
    n_features: int
    min_width: float
    max_width: float


@dataclass(frozen=True)
class CutoutRecipe(ParentsRecipe[CutoutPlan]):
    """Cutout with its parameters."""

    min_width: float = 0.1
    max_width: float = 0.3

    def __post_init__(self) -> None:
        low, high = check_widths(self.min_width, self.max_width)
        object.__setattr__(self, "min_width", low)
        object.__setattr__(self, "max_width", high)

    def plan_rows(
        self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None
    ) -> CutoutPlan:
        choices = _Choices(shape.n_anomalies, shape.n_features, self.min_width, self.max_width)
        return CutoutPlan(start, **_core.plan_cutout(key, start, n_samples, choices, n_threads))

    def make_rows(self, plan: CutoutPlan, parents: Parents, unlabeled: Matrix, out: Matrix) -> None:
        missing = parents.kinds is not None and parents.kinds.missing
        _core.cutout(out, parents.anomalies, plan, parents.n_threads, parents.mixed, missing)

    def replaced(self, plan: CutoutPlan, n_features: int) -> NDArray[np.bool_]:
        return plan.replaced(n_features)


class CutoutOptions(Options, total=False):
    """Keywords of `cutout`."""

    min_width: float
    max_width: float


@overload
def cutout(
    X_anomaly: Arrays,
    n_samples: int,
    *,
    return_plan: Literal[False] = False,
    **options: Unpack[CutoutOptions],
) -> Matrix: ...


@overload
def cutout(
    X_anomaly: Arrays,
    n_samples: int,
    *,
    return_plan: Literal[True],
    **options: Unpack[CutoutOptions],
) -> tuple[Matrix, CutoutPlan]: ...


@overload
def cutout(
    X_anomaly: Any,
    n_samples: int,
    *,
    return_plan: bool = False,
    **options: Unpack[CutoutOptions],
) -> Any: ...


def cutout(
    X_anomaly: Any,
    n_samples: int,
    *,
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
    """Make pseudo-anomalies by cutout.

    Each new row is a random labelled anomaly in which a window of neighbouring columns is 0. The 0 is meant
    in columns scaled to 0..1, as in the paper's protocol, where it is the smallest value of each column:
    scale them first (`Cutout` does). The row carries the anomaly's label, and all other values are the
    anomaly's, bit for bit.

    The published script does the same, with these differences. Its windows reach from ``width // 2`` columns
    before a random centre to as many after it and are cut off at the ends of the row, so that odd widths are
    one short, a width of 1 cuts nothing, and outer columns are cut less often; ours are exactly as wide as
    drawn, and every place where they fit is equally likely. The script by default cuts unlabelled rows as
    well and calls them anomalies; here rows start from a labelled anomaly, as with its
    ``--use_anomaly_only``.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    n_samples : int
        Rows to make.
    min_width, max_width : float, default=0.1, 0.3
        The width is a uniform share of the columns between the two, rounded down, but at least one column.
    categorical_features, missing
        See `nngmix.nng_mix`. Categories stay those of the anomaly; with ``missing="keep"`` the whole
        window is missing instead of 0, so that columns of NumPy's integers and booleans, which cannot miss a
        value, come back as floats and as objects; those of pandas' own types, polars and Arrow stay what
        they are.
    whole_features, clip
        See `nngmix.nng_mix`.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: the parts of any split concatenate to the whole.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `nngmix.plan.CutoutPlan`: anchor and window of every row.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray or frame of shape (n_samples, n_features)
        A frame, or an Arrow table, if `X_anomaly` is one, with its names and types but that columns of other
        numbers than floats become floats; `out` if it is given; else an array, float32 if the input is (or
        float16), else float64.
    plan : CutoutPlan
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
    DeVries, Taylor: Improved Regularization of Convolutional Neural Networks with Cutout. arXiv 1708.04552.

    Dong, Frusque, Zhao, Chatzi, Fink: NNG-Mix: Improving Semi-supervised Anomaly Detection with
    Pseudo-anomaly Generation. IEEE TNNLS 2025, arXiv 2311.11961, which compares it in its ``NNG_Mix.py``.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> X_anomaly = np.random.default_rng(0).random((5, 20))
    >>> X_new, plan = nngmix.cutout(X_anomaly, 50, random_state=0, return_plan=True)
    >>> bool(((X_new == 0) == plan.replaced(20)).all())
    True
    """
    return make_rows(
        CutoutRecipe(min_width, max_width),
        X_anomaly,
        None,
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
class Cutout(Sampler):
    """Add pseudo-anomalies to a data set by cutout.

    See `nngmix.cutout` for the method and its differences from the published one. Values outside the window
    stay those of the anomaly, bit for bit; within it they are what 0 is in the input's units: the smallest
    value of the column with ``scale="minmax"``, its mean with ``"standard"``.

    Parameters
    ----------
    sampling_strategy, multiplier, n_samples
        How many new rows, said in one of three ways: see `nngmix.NNGMix`.
    min_width, max_width
        See `nngmix.cutout`.
    scale : {'minmax', 'standard', None}, default='minmax'
        How columns are scaled, which says what 0 is, fitted on the rows that take part.
    anomaly_label, unlabeled_label, normal_label
        Who is an anomaly, who is unlabelled, and who takes no part: see `nngmix.NNGMix`.
    categorical_features, whole_features, clip, missing
        What columns hold, and what becomes of missing values: see `nngmix.NNGMix`; with ``missing="keep"``
        windows are missing, see `nngmix.cutout` for columns that cannot miss a value.
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
    plan_ : CutoutPlan
        What each new row is made of; `anchor` is a row of the `X` that was passed.
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

    recipe: ClassVar[type[CutoutRecipe]] = CutoutRecipe

    min_width: float = 0.1
    max_width: float = 0.3
    scale: str | None = "minmax"
