"""NNG-Mix on Dask: the search as a tree reduction of tables, the new rows as a lazy DataFrame or Array.

Works with every scheduler; on `distributed` nothing but tables travels, for a partition is read and searched
in one task. The bytes are those of `nng_mix`, whatever the partitions, the workers and the faults on the way:
a worker that is lost, or a task that is done again, changes no byte.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nngmix.engines.maker import Maker, n_parts_for, with_threads
from nngmix.engines.partitions import Partitions, split_row_id
from nngmix.engines.roles import ADVICE, Roles, agreed, given_anomalies, not_of
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.seed import RandomState
from nngmix.rows.asked_columns import Clip, ColumnsAsked, Features, Missing
from nngmix.rows.column_types import joined_types
from nngmix.rows.finish import common_limits
from nngmix.rows.kinds import joined_kinds
from nngmix.rows.rows import Known, Rows, as_rows, common_dtype
from nngmix.rows.unscaled import asked_columns, check_weighed

try:
    import dask.array as da
    import dask.dataframe as dd

    from nngmix.engines.dask_augment import augment
    from nngmix.engines.dask_collection import feature_types, made_array, made_frame, runner
    from nngmix.engines.dask_rows import new_features
except ImportError as error:
    raise ImportError(f"nngmix.dask needs {error.name}: pip install 'nngmix[dask]'") from error

__all__ = ["augment", "fit", "generate", "split_row_id"]


def fit(
    X_anomaly: ArrayLike,
    X_unlabeled: Any,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    *,
    features: Sequence[Hashable] | None = None,
    ignore: Sequence[Hashable] = (),
    scale: str | None = None,
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    whole_features: Features = "auto",
    clip: Clip | None = None,
    missing: Missing = "error",
    skip_bad: bool = False,
    callback: Callback | None = None,
    verbose: bool = False,
    n_threads: int | None = 1,
) -> NeighborTable:
    """Search the nearest unlabelled rows of every anomaly in a Dask collection.

    Computes at once, with the scheduler Dask is set to: one pass over the data, or two with `scale`. Each
    partition is searched where it is read, and the small tables merge; rows are neither shuffled nor
    collected.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies. Columns are matched by name where both sides have names, in the order of the
        anomalies, or in that of `features`, besides which the anomalies may then have other columns.
    X_unlabeled : dask DataFrame or dask Array of shape (n_unlabeled, n_features)
        Unlabelled rows. The table is float32 if float32 holds all columns of both, else float64.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`.
    features : sequence of names, optional
        Columns of a DataFrame that are features; default: all that are not in `ignore`.
    ignore : sequence of names, default=()
        Columns of a DataFrame that are no features.
    scale : {None, 'minmax', 'standard'}, default=None
        Scale the columns for search and noise, fitted on anomalies and unlabelled rows; new rows come back
        in the input's units.
    categorical_features : list, 'auto' or None, default=None
        Columns whose values are the same or not, by the names or positions that they have in `X_anomaly`, or
        as a mask; 'auto' for those whose type, there and in the frame, is of categories, texts or booleans.
        Partitions may have categories of their own.
    categorical_weight : float, optional
        What a category that differs adds to a squared distance. Default: 1 with a scale; else it is needed
        with categories and with ``missing="keep"``.
    whole_features : list, 'auto' or None, default='auto'
        Columns of whole numbers, which new rows hold there too, as names, positions or a mask; 'auto' for
        those in which every value is whole; None for none. Columns of dates or durations that are named are
        numbers within, and dates in what is made of the table by name. Unless it, `scale` and `clip` are
        None, a column of one value keeps it in new rows.
    clip : {'unlabeled', 'anomaly', None}, default=None
        Keep new values within the range that the column has among the unlabelled rows, or the anomalies.
    missing : {'error', 'skip', 'keep'}, default='error'
        What to do with unlabelled rows in which a value is missing, NaN or infinite: refuse the first of
        them, or leave them out of scale and search, with a UserWarning that counts them, or keep missing
        values, not infinite ones, as values like others: see `nng_mix`.
    skip_bad : bool, default=False
        Leave out partitions that cannot be read or do not hold numbers, with a UserWarning that names them.
        By default the first of them is an error. Rows are the business of `missing`. A partition that shares
        its inputs with others or is persisted is read by Dask, whose own error is raised.
    callback : callable, optional
        Called after each partition with the stage, "scale" or "search", partitions done and partitions in
        all. An exception in it ends the call and what runs on a cluster for it.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    n_threads : int, default=1
        Threads of each task; the scheduler runs as many tasks as there are cores.

    Returns
    -------
    NeighborTable
        Its row ids are ``partition * 2**40 + row``, see `split_row_id`.

    Raises
    ------
    ValueError, TypeError
        For parameters, names and types that do not fit, before any work, and for values that are not finite
        or cannot be read: the message names partition, row and column.

    Examples
    --------
    >>> import dask.dataframe as dd, numpy as np, pandas as pd
    >>> import nngmix.dask
    >>> rng = np.random.default_rng(0)
    >>> X_anomaly, X_unlabeled = rng.random((5, 3)) + 1, rng.random((1000, 3))
    >>> ddf = dd.from_pandas(pd.DataFrame(X_unlabeled, columns=["a", "b", "c"]), npartitions=4)
    >>> table = nngmix.dask.fit(X_anomaly, ddf)  # or of dd.read_parquet("data/"), or of a dask Array
    >>> more = nngmix.dask.generate(table, 100, columns=["a", "b", "c"], random_state=0)  # lazy
    >>> expected = nngmix.nng_mix(X_anomaly, X_unlabeled, 100, random_state=0)
    >>> np.array_equal(more.compute(), expected)  # the same bytes
    True
    """
    asked = asked_columns(
        categorical_weight,
        categorical_features=categorical_features,
        whole_features=whole_features,
        missing=missing,
        clip=clip,
    )
    roles = _roles(X_unlabeled, features, ignore)
    given = given_anomalies(X_anomaly, roles, asked)
    like = _types(X_unlabeled, roles, asked.of_others, Known.of(given))
    given, like, roles = agreed(given, like, roles)
    kinds = joined_kinds(like.kinds, given.kinds, like.names)
    if scale is None:
        check_weighed(kinds, categorical_weight)
    spec = FitSpec(
        like.n_features,
        common_dtype(given, like),
        None if like.names is None or roles is None else roles.features,
        scale=scale,
        columns=asked,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        n_threads=n_threads,
        limits=common_limits(given.limits, like.limits),
        kinds=kinds,
        types=joined_types(given.types, like.types),
    )
    with reported(callback, verbose, "partitions") as report:
        run = runner(X_unlabeled, like.n_features, roles, report=report)
        return Partitions(run, skip_bad).fit(spec, given).table


def generate(
    table: NeighborTable,
    n_samples: int,
    npartitions: int | None = None,
    *,
    columns: Sequence[Hashable] | None = None,
    plan: bool = False,
    start: int = 0,
    noise_std: Noise = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Make pseudo-anomalies lazily: every partition is made where and when it is needed.

    Parameters
    ----------
    table : NeighborTable
        From `fit`, or from anywhere else.
    n_samples : int
        Rows to make.
    npartitions : int, optional
        Default: as many as keep a partition below 64 MiB.
    columns : sequence of names, optional
        Names of the features, for a DataFrame; without them the result is an Array, which holds no
        categories and no dates. In a DataFrame the former are of the categorical type, the latter what they
        were.
    plan : bool, default=False
        Add the columns row, anchor, partner, pool, lam and, with categories or missing values, donor to a
        DataFrame: what each row is made of. Anchors
        are rows of the table's anomalies, partners of the unlabelled pool are row ids, see `split_row_id`.
    start : int, default=0
        Number of the first row.
    noise_std : float or 'auto', default=0.01
    alpha, beta, unlabeled_fraction : float
        As in `nng_mix`.
    random_state : int, SeedSequence, Generator, RandomState or None
        As in `nng_mix`. A generator or None is asked once, here, so that all partitions belong together.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    dask DataFrame or dask Array of shape (n_samples, n_features)
        With known divisions (the index is the number of the row) or chunks.

    Raises
    ------
    ValueError, TypeError
        For parameters that do not fit, before any work.

    Examples
    --------
    >>> import dask.array as da, numpy as np, nngmix.dask
    >>> rng = np.random.default_rng(0)
    >>> table = nngmix.dask.fit(rng.random((5, 3)) + 1, da.from_array(rng.random((1000, 3)), chunks=(250, 3)))
    >>> nngmix.dask.generate(table, 1000, 4, random_state=0).chunks
    ((250, 250, 250, 250), (3,))
    >>> made = nngmix.dask.generate(table, 8, columns=["a", "b", "c"], plan=True, random_state=0).compute()
    >>> list(made.columns)
    ['a', 'b', 'c', 'row', 'anchor', 'partner', 'pool', 'lam']
    """
    mixture = Mixture(noise_std, alpha, beta, unlabeled_fraction)
    new = NewRows(with_threads(table, n_threads), mixture, random_state=random_state)
    maker = Maker(new, columns, plan=plan)
    n_samples, n_parts, start = n_parts_for(maker, n_samples, npartitions, start, "npartitions")
    if columns is None:
        if maker.categories or maker.dates:
            raise ValueError(
                "the table has columns of categories or dates: give the names of its features with columns"
            )
        return made_array(maker, n_samples, n_parts, start)
    return made_frame(maker, n_samples, n_parts, start, new_features)


def _roles(collection: Any, features: Sequence[Hashable] | None, ignore: Sequence[Hashable]) -> Roles | None:
    """The roles of a DataFrame's columns, None for an Array."""
    if isinstance(collection, dd.DataFrame):
        return Roles.of("X_unlabeled", list(collection.columns), features, ignore)
    if not isinstance(collection, da.Array):
        raise not_of("X_unlabeled", "a dask DataFrame or Array", collection)
    if features is not None or ignore:
        raise ValueError("features and ignore are names of columns: an Array has none, pass its columns")
    if collection.ndim != 2 or not collection.shape[1] >= 1:
        raise ValueError(
            f"X_unlabeled must be 2-D (rows x columns) with at least one column, got shape {collection.shape}"
        )
    return None


def _types(collection: Any, roles: Roles | None, asked: ColumnsAsked, known: Known) -> Rows:
    """No rows of the types of the features."""
    if roles is not None:
        return feature_types(collection, roles, "X_unlabeled", asked, known)
    none = np.empty((0, collection.shape[1]), collection.dtype)
    return as_rows("X_unlabeled", none, asked=asked, known=known, advice=ADVICE)
