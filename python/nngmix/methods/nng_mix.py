"""From arrays to new rows in one call."""

from typing import Any, Literal, overload

from numpy.typing import ArrayLike, NDArray

from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_count, check_neighbors, check_span, clamp_neighbors
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import RandomState, key_from
from nngmix.plan import MixPlan
from nngmix.rows.arrays import check_out
from nngmix.rows.rows import as_rows, common_dtype, matched

__all__ = ["nng_mix"]


@overload
def nng_mix(
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    start: int = 0,
    out: NDArray[Any] | None = None,
    return_plan: Literal[False] = False,
    n_threads: int | None = None,
) -> NDArray[Any]: ...


@overload
def nng_mix(
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    start: int = 0,
    out: NDArray[Any] | None = None,
    return_plan: Literal[True],
    n_threads: int | None = None,
) -> tuple[NDArray[Any], MixPlan]: ...


def nng_mix(
    X_anomaly: ArrayLike,
    X_unlabeled: ArrayLike | None,
    n_samples: int,
    *,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    start: int = 0,
    out: NDArray[Any] | None = None,
    return_plan: bool = False,
    n_threads: int | None = None,
) -> NDArray[Any] | tuple[NDArray[Any], MixPlan]:
    """Make pseudo-anomalies by nearest-neighbour Gaussian mixup.

    Each new row is ``lam * (a + e1) + (1 - lam) * (p + e2)``: `a` a random labelled anomaly, `p` one of its
    nearest neighbours, `lam` a Beta variate, `e1` and `e2` Gaussian noise. Rows are taken as they are: scale
    the columns first (`NNGMix` does), for distances and noise know nothing of units.

    Parameters
    ----------
    X_anomaly : array-like of shape (n_anomalies, n_features)
        Labelled anomalies, at least one. Finite real numbers.
    X_unlabeled : array-like of shape (n_unlabeled, n_features) or None
        Unlabelled rows, mostly normal. Never copied whole. None only with ``unlabeled_fraction=0``.
    n_samples : int
        Rows to make.
    n_neighbors : int or float, default=10
        The partner is one of so many nearest unlabelled rows; a float means that multiple of n_anomalies.
        Clamped to the rows there are, with a UserWarning.
    n_neighbors_anomaly : int or float, default=10
        The same among the anomalies, counting the anchor itself: 10 means 9 others.
    noise_std : float, default=0.01
        Standard deviation of the noise on anchor and on partner, in the units of the columns.
    alpha, beta : float, default=0.2
        Parameters of the Beta distribution of lam, the weight of the anchor; at most 1e6.
    unlabeled_fraction : float, default=0.5
        Probability that the partner is an unlabelled row and not another anomaly.
    random_state : int, SeedSequence, Generator, RandomState or None
        An int gives the same bytes on every machine. A generator is asked once. None takes fresh entropy.
    start : int, default=0
        Number of the first row: ``nng_mix(..., n, start=0)`` is the concatenation of any of its parts.
    out : ndarray of shape (n_samples, n_features), optional
        Where to put the rows; C-contiguous, of the result's dtype.
    return_plan : bool, default=False
        Also return the `MixPlan`: anchor, partner, pool and lam of every row.
    n_threads : int, optional
        Default: all the system offers. The result does not depend on it.

    Returns
    -------
    X_new : ndarray of shape (n_samples, n_features)
        float32 if both inputs are, else float64.
    plan : MixPlan
        Only with ``return_plan=True``.

    Raises
    ------
    ValueError
        For shapes or parameters that do not fit, NaN or infinity (named by row and column), or no unlabelled
        rows while `unlabeled_fraction` is above 0.
    TypeError
        For arrays that do not hold real numbers.
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
    n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
    mixture = Mixture(noise_std, alpha, beta, unlabeled_fraction)
    anomalies = as_rows("X_anomaly", X_anomaly)
    unlabeled = None if X_unlabeled is None else matched(as_rows("X_unlabeled", X_unlabeled), anomalies)
    n_unlabeled = 0 if unlabeled is None else len(unlabeled)
    dtype = anomalies.dtype if unlabeled is None else common_dtype(anomalies, unlabeled)
    n_neighbors = check_neighbors("n_neighbors", n_neighbors, len(anomalies))
    # The table keeps no more than will be used.
    if mixture.unlabeled_fraction == 0:
        n_neighbors = 1
    elif n_unlabeled > 0:
        n_neighbors = clamp_neighbors("n_neighbors", n_neighbors, n_unlabeled)
    table = NeighborTable(anomalies.cast(dtype), n_neighbors, n_neighbors_anomaly, n_threads=n_threads)
    if mixture.unlabeled_fraction > 0 and n_unlabeled == 0:
        raise ValueError("X_unlabeled has no rows: pass some, or set unlabeled_fraction=0")
    out = check_out(out, n_samples, table.n_features, dtype)
    check_span(start, start + n_samples, table.n_features)
    if unlabeled is not None and mixture.unlabeled_fraction > 0:
        table.update(unlabeled)
    key = key_from(random_state)
    if return_plan:
        plan = table.draw(start, n_samples, mixture, key)
        return table.mix(plan, noise_std=mixture.noise_std, out=out), plan
    table.fill(out, start, mixture, key)
    return out
