"""NNG-Mix on Spark: the search and the new rows by ``mapInArrow``, without a shuffle of rows.

The bytes are those of `nng_mix`, whatever the partitions, the executors and the retries of tasks. Spark needs
Java 17 or later.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from nngmix.engines.maker import Maker, with_threads
from nngmix.engines.partitions import Partitions, split_row_id
from nngmix.engines.roles import agreed, given_anomalies
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.seed import RandomState
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.column_types import joined_types
from nngmix.rows.finish import common_limits
from nngmix.rows.kinds import joined_kinds
from nngmix.rows.rows import Known, common_dtype
from nngmix.rows.unscaled import asked_columns, check_weighed

try:
    from nngmix.engines.spark_augment import augment
    from nngmix.engines.spark_frame import made_frame, runner
    from nngmix.engines.spark_types import feature_types, roles_of, types_of_table
except ImportError as error:
    raise ImportError(f"nngmix.spark needs {error.name}: pip install 'nngmix[spark]'") from error

__all__ = ["augment", "fit", "generate", "split_row_id"]


def fit(
    X_anomaly: ArrayLike,
    X_unlabeled: Any,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    *,
    features: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
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
    """Search the nearest unlabelled rows of every anomaly in a Spark DataFrame.

    Runs at once: one pass over the data, or two with `scale`. Each partition is searched where it is read,
    and the small tables merge; rows are neither shuffled nor collected. A DataFrame that is costly to make
    and does not change should be cached or written first.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies. Columns are matched by name where both sides have names, in the order of the
        anomalies, or in that of `features`, besides which the anomalies may then have other columns.
    X_unlabeled : Spark DataFrame
        Unlabelled rows; integers, booleans and decimals are numbers too. The table is float32 if float32
        holds all columns of both, else float64. Names may hold dots, blanks and quotes, or differ in case
        alone.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`.
    features : sequence of str, optional
        Columns that are features; default: all that are not in `ignore`. A column of vectors is none: take
        the columns from before the VectorAssembler, or those of ``pyspark.ml.functions.vector_to_array``.
    ignore : sequence of str, default=()
        Columns that are no features.
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
        What to do with unlabelled rows in which a value is null, NaN or infinite: refuse the first of them,
        or leave them out of scale and search, with a UserWarning that counts them, or keep null and NaN, not
        infinite values, as values like others: see `nng_mix`.
    skip_bad : bool, default=False
        Leave out partitions whose rows do not hold numbers, with a UserWarning that names them. By default
        the first of them is an error. Rows are the business of `missing`. Files are read by Spark: its error
        names a file it cannot read, its option ``ignoreCorruptFiles`` skips such files.
    callback : callable, optional
        Called before and after each pass with the stage, "scale" or "search", rows done and rows in all, 0
        where that is not known; Spark itself shows its tasks. An exception in it ends the call.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    n_threads : int, default=1
        Threads of each task; Spark runs as many tasks as there are cores.

    Returns
    -------
    NeighborTable
        Its row ids are ``partition * 2**40 + row``, see `split_row_id`.

    Raises
    ------
    ValueError, TypeError
        For parameters, names and types that do not fit, before any work, and for values that are not finite:
        the message names partition, row and column.

    Examples
    --------
    >>> import nngmix.spark  # doctest: +SKIP
    >>> flows = session.read.parquet("flows/")  # doctest: +SKIP
    >>> table = nngmix.spark.fit(X_anomaly, flows, features=["bytes", "seconds"])  # doctest: +SKIP
    >>> more = nngmix.spark.generate(table, 10_000, random_state=0)  # doctest: +SKIP
    """
    asked = asked_columns(
        categorical_weight,
        categorical_features=categorical_features,
        whole_features=whole_features,
        missing=missing,
        clip=clip,
    )
    roles = roles_of(X_unlabeled, "X_unlabeled", features, ignore)
    given = given_anomalies(X_anomaly, roles, asked)
    known = Known.of(given)
    like = feature_types(X_unlabeled, roles, "X_unlabeled", asked.of_others, known)
    given, like, roles = agreed(given, like, roles)
    kinds = joined_kinds(like.kinds, given.kinds, like.names)
    if scale is None:
        check_weighed(kinds, categorical_weight)
    spec = FitSpec(
        like.n_features,
        common_dtype(given, like),
        roles.features,
        scale=scale,
        columns=asked,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        n_threads=n_threads,
        limits=common_limits(given.limits, like.limits),
        kinds=kinds,
        types=joined_types(given.types, like.types),
    )
    with reported(callback, verbose) as report:
        return Partitions(runner(X_unlabeled, roles, report), skip_bad).fit(spec, given).table


def generate(
    table: NeighborTable,
    n_samples: int,
    num_partitions: int | None = None,
    *,
    columns: Sequence[str] | None = None,
    plan: bool = False,
    start: int = 0,
    session: Any = None,
    noise_std: Noise = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Make pseudo-anomalies lazily, as a Spark DataFrame.

    Parameters
    ----------
    table : NeighborTable
        From `fit`, or from anywhere else.
    n_samples : int
        Rows to make.
    num_partitions : int, optional
        Default: as many as keep a partition below 64 MiB.
    columns : sequence of str, optional
        Names of the features; default: x0, x1, and so on.
    plan : bool, default=False
        Add the columns row (the number of the row, for rows of Spark have no order), anchor, partner, pool,
        lam and, with categories or missing values, donor: what each row is made of. Anchors are rows of the
        table's anomalies, partners of the unlabelled pool are row ids, see `split_row_id`.
    start : int, default=0
        Number of the first row.
    session : SparkSession, optional
        Default: the active one.
    noise_std : float or 'auto', default=0.01
    alpha, beta, unlabeled_fraction : float
        As in `nng_mix`.
    random_state : int, SeedSequence, Generator, RandomState or None
        As in `nng_mix`. A generator or None is asked once, here, so that all partitions belong together.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    Spark DataFrame
        Features are float for a float32 table, else double, and categories of the type of their values; what
        is missing is null.

    Raises
    ------
    ValueError, TypeError
        For parameters that do not fit, before any work.

    Examples
    --------
    >>> more = nngmix.spark.generate(table, 10_000, plan=True, random_state=0)  # doctest: +SKIP
    >>> more.write.parquet("new/")  # doctest: +SKIP
    """
    mixture = Mixture(noise_std, alpha, beta, unlabeled_fraction)
    new = NewRows(with_threads(table, n_threads), mixture, random_state=random_state)
    maker = Maker(new, [f"x{j}" for j in range(new.n_features)] if columns is None else columns, plan=plan)
    made = made_frame(session, maker, n_samples, num_partitions, start, types_of_table(maker))
    return made.select(*made.columns[:-1]).toDF(*(maker.columns or ()), *maker.added)
