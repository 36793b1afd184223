"""Duplication: labelled anomalies drawn again, the control of every comparison."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Unpack, overload

from numpy.typing import NDArray

from nngmix import _core
from nngmix.methods.function import Arrays, Options, make_rows
from nngmix.methods.parents import Parents, ParentsRecipe, Shape
from nngmix.methods.sampler import Sampler
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import Plan
from nngmix.rows.asked_columns import Clip, Features, Missing

__all__ = ["Duplicate", "DuplicateRecipe", "duplicate"]

Matrix = NDArray[Any]


@dataclass(frozen=True)
class DuplicateRecipe(ParentsRecipe[Plan]):
    """Duplication, which has no parameters."""

    def plan_rows(self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None) -> Plan:
        return Plan(start, _core.plan_duplicate(key, start, n_samples, shape.n_anomalies, n_threads))

    def make_rows(self, plan: Plan, parents: Parents, unlabeled: Matrix, out: Matrix) -> None:
        missing = parents.kinds is not None and parents.kinds.missing
        _core.duplicate(out, parents.anomalies, plan.anchor, parents.n_threads, missing)


@overload
def duplicate(
    X_anomaly: Arrays,
    n_samples: int,
    *,
    return_plan: Literal[False] = False,
    **options: Unpack[Options],
) -> Matrix: ...


@overload
def duplicate(
    X_anomaly: Arrays,
    n_samples: int,
    *,
    return_plan: Literal[True],
    **options: Unpack[Options],
) -> tuple[Matrix, Plan]: ...


@overload
def duplicate(
    X_anomaly: Any,
    n_samples: int,
    *,
    return_plan: bool = False,
    **options: Unpack[Options],
) -> Any: ...


def duplicate(
    X_anomaly: Any,
    n_samples: int,
    *,
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
    """Repeat labelled anomalies, drawn with replacement.

    Each new row is a random labelled anomaly, bit for bit. What a method gains over this is what its new rows
    say; what it gains over nothing at all may be the weight of the anomalies alone. The published script has
    no such control.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    n_samples : int
        Rows to make.
    categorical_features, missing
        See `nngmix.nng_mix`. Categories, and values that are missing, are those of the anomaly.
    whole_features, clip
        See `nngmix.nng_mix`.
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
    X_new : ndarray or frame of shape (n_samples, n_features)
        A frame, or an Arrow table, if `X_anomaly` is one, with its names and types but that columns of other
        numbers than floats become floats; `out` if it is given; else an array, float32 if the input is (or
        float16), else float64.
    plan : Plan
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
        DuplicateRecipe(),
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
class Duplicate(Sampler):
    """Add copies of labelled anomalies to a data set, drawn with replacement.

    See `nngmix.duplicate`. Nothing is scaled: the copies are those of the rows of `X`, bit for bit.

    Parameters
    ----------
    sampling_strategy, multiplier, n_samples
        How many new rows, said in one of three ways: see `nngmix.NNGMix`.
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
    plan_ : Plan
        What each new row is made of; `anchor` is a row of the `X` that was passed.
    sample_indices_ : ndarray of int64
        Which row of `X` each row that came back is.
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

    recipe: ClassVar[type[DuplicateRecipe]] = DuplicateRecipe
    _copies: ClassVar[bool] = True
