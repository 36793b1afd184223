"""Gaussian noise: a labelled anomaly, jittered."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Unpack, overload

from numpy.typing import NDArray

from nngmix import _core
from nngmix.methods.function import Arrays, Options, make_rows
from nngmix.methods.parents import Parents, ParentsRecipe, Shape
from nngmix.methods.sampler import Sampler
from nngmix.parameters.mixture import check_noise
from nngmix.parameters.seed import Key, RandomState
from nngmix.plan import NoisePlan
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.kinds import Mixed

__all__ = ["GaussianNoise", "GaussianNoiseRecipe", "gaussian_noise"]

Matrix = NDArray[Any]


class _Sources(NamedTuple):
    anomalies: Matrix
    noise_std: float
    mixed: Mixed | None


@dataclass(frozen=True)
class GaussianNoiseRecipe(ParentsRecipe[NoisePlan]):
    """Gaussian noise with its parameter."""

    noise_std: float = 0.01

    def __post_init__(self) -> None:
        object.__setattr__(self, "noise_std", check_noise("noise_std", self.noise_std))

    def plan_rows(
        self, key: Key, start: int, n_samples: int, shape: Shape, n_threads: int | None
    ) -> NoisePlan:
        anchor = _core.plan_gaussian_noise(key, start, n_samples, shape.n_anomalies, n_threads)
        return NoisePlan(start, anchor, key)

    def make_rows(self, plan: NoisePlan, parents: Parents, unlabeled: Matrix, out: Matrix) -> None:
        sources = _Sources(parents.anomalies, self.noise_std, parents.mixed)
        _core.gaussian_noise(out, sources, plan.key, plan.start, plan.anchor, parents.n_threads)


class GaussianNoiseOptions(Options, total=False):
    """Keywords of `gaussian_noise`."""

    noise_std: float


@overload
def gaussian_noise(
    X_anomaly: Arrays,
    n_samples: int,
    *,
    return_plan: Literal[False] = False,
    **options: Unpack[GaussianNoiseOptions],
) -> Matrix: ...


@overload
def gaussian_noise(
    X_anomaly: Arrays,
    n_samples: int,
    *,
    return_plan: Literal[True],
    **options: Unpack[GaussianNoiseOptions],
) -> tuple[Matrix, NoisePlan]: ...


@overload
def gaussian_noise(
    X_anomaly: Any,
    n_samples: int,
    *,
    return_plan: bool = False,
    **options: Unpack[GaussianNoiseOptions],
) -> Any: ...


def gaussian_noise(
    X_anomaly: Any,
    n_samples: int,
    *,
    noise_std: float = 0.01,
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
    """Make pseudo-anomalies by adding Gaussian noise to labelled ones.

    Each new row is ``a + e``: `a` a random labelled anomaly, `e` Gaussian noise. Rows are taken as they are:
    scale the columns first (`GaussianNoise` does), for noise knows nothing of units.

    The published script does the same. Its ``gaussian_var`` is the standard deviation, too, and 1.0 by
    default, as large as the whole range of a scaled column; ours is the 0.01 that its README sets for
    NNG-Mix.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    n_samples : int
        Rows to make.
    noise_std : float, default=0.01
        Standard deviation of the noise, in the units of the columns.
    categorical_features, missing
        See `nngmix.nng_mix`. Categories, and values that are missing, stay those of the anomaly.
    whole_features, clip
        See `nngmix.nng_mix`.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: the parts of any split concatenate to the whole.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `nngmix.plan.NoisePlan`: anchor of every row.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray or frame of shape (n_samples, n_features)
        A frame, or an Arrow table, if `X_anomaly` is one, with its names and types but that columns of other
        numbers than floats become floats; `out` if it is given; else an array, float32 if the input is (or
        float16), else float64.
    plan : NoisePlan
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
    Dong, Frusque, Zhao, Chatzi, Fink: NNG-Mix: Improving Semi-supervised Anomaly Detection with
    Pseudo-anomaly Generation. IEEE TNNLS 2025, arXiv 2311.11961, which compares it in its ``NNG_Mix.py``.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> X_anomaly = np.random.default_rng(0).random((5, 4))
    >>> X_new, plan = nngmix.gaussian_noise(X_anomaly, 50, random_state=0, return_plan=True)
    >>> bool(abs(X_new - X_anomaly[plan.anchor]).max() < 0.05)
    True
    """
    return make_rows(
        GaussianNoiseRecipe(noise_std),
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
class GaussianNoise(Sampler):
    """Add pseudo-anomalies to a data set by jittering labelled ones.

    See `nngmix.gaussian_noise` for the method and its difference from the published one.

    Parameters
    ----------
    sampling_strategy, multiplier, n_samples
        How many new rows, said in one of three ways: see `nngmix.NNGMix`.
    noise_std : float, default=0.01
        Standard deviation of the noise, in units of the scaled columns.
    scale : {'minmax', 'standard', None}, default='minmax'
        How columns are scaled for the noise, fitted on the rows that take part.
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
    plan_ : NoisePlan
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

    recipe: ClassVar[type[GaussianNoiseRecipe]] = GaussianNoiseRecipe

    noise_std: float = 0.01
    scale: str | None = "minmax"
