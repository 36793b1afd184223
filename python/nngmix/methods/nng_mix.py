"""NNG-Mix: a labelled anomaly mixed with one of its nearest neighbours, and Gaussian noise."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Unpack, overload

from numpy.typing import ArrayLike, NDArray

from nngmix.methods.function import Arrays, NeighborOptions, make_rows
from nngmix.methods.nng_mix_recipe import NNGMixRecipe
from nngmix.methods.noise import noise_ratio
from nngmix.methods.resample import Prepared
from nngmix.methods.sampler import Sampler
from nngmix.parameters.mixture import Noise
from nngmix.parameters.progress import Callback
from nngmix.parameters.seed import RandomState
from nngmix.plan import MixPlan
from nngmix.rows.asked_columns import Clip, Features, Missing

__all__ = ["NNGMix", "nng_mix"]


@overload
def nng_mix(
    X_anomaly: Arrays,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: Literal[False] = False,
    **options: Unpack[NeighborOptions],
) -> NDArray[Any]: ...


@overload
def nng_mix(
    X_anomaly: Arrays,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: Literal[True],
    **options: Unpack[NeighborOptions],
) -> tuple[NDArray[Any], MixPlan]: ...


@overload
def nng_mix(
    X_anomaly: Any,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    return_plan: bool = False,
    **options: Unpack[NeighborOptions],
) -> Any: ...


def nng_mix(
    X_anomaly: Any,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    noise_std: Noise = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    missing: Missing = "error",
    whole_features: Features = None,
    clip: Clip | None = None,
    random_state: RandomState = None,
    start: int = 0,
    out: NDArray[Any] | None = None,
    return_plan: bool = False,
    callback: Callback | None = None,
    verbose: bool = False,
    n_threads: int | None = None,
) -> Any:
    """Make pseudo-anomalies by nearest-neighbour Gaussian mixup.

    Each new row is ``lam * (a + e1) + (1 - lam) * (p + e2)``: `a` a random labelled anomaly, `p` one of its
    nearest neighbours, `lam` a Beta variate, `e1` and `e2` Gaussian noise. Rows are taken as they are: scale
    the columns first (`NNGMix` does), for distances and noise know nothing of units.

    With categories or missing values neighbours are found as by `kneighbors`, and each row has a *donor*: the
    anchor with probability `lam`, else the partner. All of its categories, and which of its values are
    missing, come from there, so that no row holds a combination that no real row has. A number that the other
    parent misses is the donor's, with noise.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    X_unlabeled : array-like or frame of shape (n_unlabeled, n_features) or None
        Unlabelled rows, mostly normal. Never copied whole. Columns are matched by name where both sides have
        names. None only with ``unlabeled_fraction=0``.
    n_samples : int
        Rows to make.
    n_neighbors : int or float, default=10
        The partner is one of this many nearest unlabelled rows; a float means that multiple of n_anomalies.
        Clamped to the rows there are, with a UserWarning.
    n_neighbors_anomaly : int or float, default=10
        The same among the anomalies, counting the anchor itself: 10 means 9 others.
    noise_std : float or 'auto', default=0.01
        Standard deviation of the noise on anchor and on partner, in the units of the columns. 'auto': what
        `NeighborTable.noise` finds in the distances to the neighbours, for networks on embeddings.
    alpha, beta : float, default=0.2
        Parameters of the Beta distribution of lam, the weight of the anchor; at most 1e6.
    unlabeled_fraction : float, default=0.5
        Probability that the partner is an unlabelled row and not another anomaly.
    categorical_features : list, 'auto' or None
        Columns whose values are the same or not: by name, by position or as a mask of bools; 'auto' for those
        whose type is of categories, texts or booleans. A new row has the values of its donor.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance; see `kneighbors`. Needed with categories and
        with ``missing="keep"``.
    missing : {'error', 'keep'}, default='error'
        Whether missing values (NaN, None, NA, null) are refused, or are values like others. Infinity is
        refused.
    whole_features : list, 'auto' or None, default=None
        Columns of whole numbers, as names, positions or a mask: new rows are rounded there, and a column of
        integers, or of dates or durations that is named, comes back as one. 'auto': those in which every
        value is whole. With it or `clip` a column of one value has that value in new rows.
    clip : {'unlabeled', 'anomaly', None}, default=None
        Keep new rows within the range of the unlabelled rows, or of the anomalies, column by column.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: ``nng_mix(..., n, start=0)`` is the concatenation of any of its parts.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `MixPlan`: anchor, partner, pool and lam of every row.
    callback : callable, optional
        Called after each part with the stage, "search" or "mix", rows done and rows in all. An exception in
        it ends the call.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray or frame of shape (n_samples, n_features)
        A frame, or an Arrow table, if `X_anomaly` is one, with its names and types but that columns of other
        numbers than floats become floats; `out` if it is given; else an array, float32 if both inputs are (or
        float16), else float64; of objects if there are categories of texts.
    plan : MixPlan
        Only with ``return_plan=True``.

    Raises
    ------
    ValueError
        For columns or parameters that do not fit, NaN or infinity (named by row and column), or no unlabelled
        rows while `unlabeled_fraction` is above 0.
    TypeError
        For what holds neither real numbers nor categories that are asked for, or parameters of another type.
    MemoryError
        If the rows would not fit into this machine's memory.

    References
    ----------
    Dong, Frusque, Zhao, Chatzi, Fink: NNG-Mix: Improving Semi-supervised Anomaly Detection with
    Pseudo-anomaly Generation. IEEE TNNLS 2025, arXiv 2311.11961.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> rng = np.random.default_rng(0)
    >>> X_unlabeled, X_anomaly = rng.random((1000, 4)), rng.random((5, 4)) + 1
    >>> nngmix.nng_mix(X_anomaly, X_unlabeled, 50, random_state=0).shape
    (50, 4)
    """
    return make_rows(
        NNGMixRecipe(n_neighbors, n_neighbors_anomaly, noise_std, alpha, beta, unlabeled_fraction),
        X_anomaly,
        X_unlabeled,
        n_samples,
        categorical_features=categorical_features,
        categorical_weight=categorical_weight,
        missing=missing,
        whole_features=whole_features,
        clip=clip,
        random_state=random_state,
        start=start,
        out=out,
        return_plan=return_plan,
        callback=callback,
        verbose=verbose,
        n_threads=n_threads,
    )


@dataclass(kw_only=True, repr=False, eq=False)
class NNGMix(Sampler):
    """Add pseudo-anomalies to a data set by nearest-neighbour Gaussian mixup.

    Columns are scaled for the search and the noise; new rows come back in the input's units. Give at most
    one of `sampling_strategy`, `multiplier` and `n_samples`.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, optional
        As in imbalanced-learn: the share of anomalies, labelled and new, over the unlabelled rows (at most
        1); 'auto' or 'not majority' (all classes get as many rows as the largest), 'minority', 'not
        minority'; a dict of the rows that classes shall have, or a function of `y` that gives it. Default:
        0.1, unless one of the next two is given.
    multiplier, n_samples : float and int, optional
        This many new rows for each labelled anomaly, and in all.
    n_neighbors, n_neighbors_anomaly, noise_std, alpha, beta, unlabeled_fraction
        See `nng_mix`. `noise_std` is in units of the scaled columns.
    scale : {'minmax', 'standard', None}, default='minmax'
        How columns are scaled, fitted on the rows that take part.
    anomaly_label, unlabeled_label : scalar or list, optional
        Values of `y` that are labelled anomalies, and unlabelled rows. If one is given, all other values are
        of the other kind; if both are, rows with a third value stay in the output and take no part. If none
        is: of 0 and 1, or False and True, 1 is the anomaly; else the most frequent value is the unlabelled
        one. -1 has to be declared, for libraries disagree on what it means. Each value of anomalies is a
        class: its rows are made within it.
    normal_label : scalar or list, optional
        Values of rows known to be normal, which stay where they were and take no part: they are no anchors,
        no partners, and none of the unlabelled rows that an amount is a share of.
    categorical_features, clip
        See `nng_mix`.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance. Default: 1 where columns are scaled; else it
        is needed with categories and with ``missing="keep"``.
    whole_features : list, 'auto' or None, default='auto'
        Columns of whole numbers, as names, positions or a mask: new rows are rounded there, and a column of
        integers, or of dates or durations that is named, comes back as one. 'auto': those in which every
        value of `X` is whole. Unless it, `scale` and `clip` are None, a column of one value keeps it in new
        rows.
    missing : {'error', 'skip', 'keep'}, default='error'
        Rows that are not finite are refused, or take no part, are counted and stay where they were; or
        missing values, not infinite ones, are values like others: see `nng_mix`.
    append : bool, default=True
        Whether the rows of `X` come back before the new ones.
    callback : callable, optional
        Called after each part with the stage, "scale", "search" or "mix", rows done and rows in all. An
        exception in it ends the call. Best a plain function: `clone` copies other objects.
    verbose, random_state, n_threads
        See `nng_mix`.

    Attributes
    ----------
    plan_ : MixPlan
        What each new row is made of; `anchor` and `partner` are rows of `X`.
    n_samples_, n_missing_ : int
        New rows made, or that `fit_resample` would make; rows of `X` that are not finite and took no part.
    anomaly_labels_ : list
        Labels of the classes that rows were made of, in the order of the new rows.
    synthetic_mask_ : ndarray of bool
        Which of the rows that came back are new.
    sampling_strategy_ : dict
        New rows of each class.
    sample_weight_ : ndarray
        Weights of all rows that came back, if `X` had some: a new row has its anchor's.
    noise_std_, noise_ratio_ : float
        The standard deviation of the noise, as given or found, and its length over the median distance from
        an anomaly to its nearest unlabelled row, NaN if none was looked for: from 10 on rows are lost in it.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Columns of `X`, and their names if it has them.

    Examples
    --------
    >>> import numpy as np, nngmix
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.random((1000, 4)), np.arange(1000) < 5
    >>> X_new, y_new = nngmix.NNGMix(multiplier=10, random_state=0).fit_resample(X, y)
    >>> X_new.shape, int(y_new.sum())
    ((1050, 4), 55)
    """

    recipe: ClassVar[type[NNGMixRecipe]] = NNGMixRecipe

    n_neighbors: float = 10
    n_neighbors_anomaly: float = 10
    noise_std: Noise = 0.01
    alpha: float = 0.2
    beta: float = 0.2
    unlabeled_fraction: float = 0.5
    categorical_weight: float | None = None
    scale: str | None = "minmax"

    def _prepared_for(self, *given: Any, **options: Any) -> Prepared[Any]:
        prepared = super()._prepared_for(*given, **options)
        self.noise_std_ = prepared.fitted.table.noise(self.noise_std)
        self.noise_ratio_ = noise_ratio(prepared.fitted.table, self.noise_std_)
        return prepared
