"""NNG-Mix on Spark: the search and the new rows by ``mapInArrow``, without a shuffle of rows.

The bytes are those of `nng_mix`, whatever the partitions, the executors and the retries of tasks. Needs Java 17
or later.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from nngmix.engines.maker import Maker, added_columns, n_parts_for, rows_of, with_threads
from nngmix.engines.partitions import Partitions, split_row_id
from nngmix.engines.roles import Roles, check_added, given_anomalies, rule_of
from nngmix.engines.row_names import RowNames
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.spec import FitSpec, Missing
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.rows.rows import Rows, common_dtype

try:
    from pyspark.sql import SparkSession

    from nngmix.engines.spark_frame import feature_types, made_frame, numbered, runner, with_old_rows
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
    missing: Missing = "error",
    skip_bad: bool = False,
    n_threads: int | None = 1,
) -> NeighborTable:
    """Search the nearest unlabelled rows of every anomaly in a Spark DataFrame.

    Runs at once: one pass over the data, or two with `scale`. Each partition is searched where it is read, and
    the small tables merge; rows are neither shuffled nor collected. A DataFrame that is costly to make and does
    not change should be cached or written first.

    Parameters
    ----------
    X_anomaly : array-like or frame of shape (n_anomalies, n_features)
        Labelled anomalies. Columns are matched by name where both sides have names, in the order of the
        anomalies, or in that of `features`, besides which the anomalies may then have other columns.
    X_unlabeled : Spark DataFrame
        Unlabelled rows; integers, booleans and decimals are numbers too. The table is float32 if float32 holds
        all columns of both, else float64. Names may hold dots, blanks and quotes, or differ in case alone.
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
    missing : {'error', 'skip'}, default='error'
        What to do with unlabelled rows in which a value is null, NaN or infinite: refuse the first of them,
        or leave them out of scale and search, with a UserWarning that counts them.
    skip_bad : bool, default=False
        Leave out partitions whose rows do not hold numbers, with a UserWarning that names them. By default
        the first of them is an error. Rows are the business of `missing`. Files are read by Spark: its error
        names a file it cannot read, its option ``ignoreCorruptFiles`` skips such files.
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
    >>> more = nngmix.spark.generate(table, 10_000, columns=["bytes", "seconds"], random_state=0)  # doctest: +SKIP
    """
    roles, like = _roles(X_unlabeled, "X_unlabeled", features, ignore)
    given, roles = given_anomalies(X_anomaly, like, roles)
    spec = FitSpec(
        like.n_features,
        common_dtype(given, like),
        roles.features,
        scale=scale,
        missing=missing,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        n_threads=n_threads,
    )
    return Partitions(runner(X_unlabeled, roles), skip_bad).fit(spec, given).table


def generate(
    table: NeighborTable,
    n_samples: int,
    num_partitions: int | None = None,
    *,
    columns: Sequence[str] | None = None,
    plan: bool = False,
    start: int = 0,
    session: Any = None,
    noise_std: float = 0.01,
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
        Add the columns row (the number of the row, for rows of Spark have no order), anchor, partner, pool
        and lam: what each row is made of. Anchors are rows of the table's anomalies, partners of the
        unlabelled pool are row ids, see `split_row_id`.
    start : int, default=0
        Number of the first row.
    session : SparkSession, optional
        Default: the active one.
    noise_std, alpha, beta, unlabeled_fraction : float
        As in `nng_mix`.
    random_state : int, SeedSequence, Generator, RandomState or None
        As in `nng_mix`. A generator or None is asked once, here, so that all partitions belong together.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    Spark DataFrame
        Features are float for a float32 table, else double.

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
    made = _made(session, maker, n_samples, num_partitions, start)
    return made.select(*made.columns[:-1]).toDF(*(maker.columns or ()), *maker.added)


def augment(
    frame: Any,
    n_samples: int | str,
    *,
    label: str,
    anomaly: Any = None,
    unlabeled: Any = None,
    features: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    id: str | None = None,
    mark: str | None = None,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    scale: str | None = "minmax",
    max_anomalies: int = 10_000,
    missing: Missing = "error",
    skip_bad: bool = False,
    only_new: bool = False,
    num_partitions: int | None = None,
    plan: bool = False,
    noise_std: float = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    n_threads: int | None = 1,
) -> Any:
    """Add pseudo-anomalies to a DataFrame that holds a few labelled anomalies; `fit` and `generate` in one.

    The anomalies are taken in the order of partitions and rows, so that the new rows are those of
    ``NNGMix(n_samples=...).fit_resample`` on rows of that order. Where Spark may shuffle them from run to
    run, collect the anomalies yourself, in an order of your own, and use `fit` and `generate`.

    Parameters
    ----------
    frame : Spark DataFrame
        All rows.
    n_samples : int or str
        Rows to make: a count, ``"10x"`` (times the labelled anomalies) or ``"10%"`` (until anomalies, old
        and new, are that share of the unlabelled rows).
    label : str
        Column that tells labelled anomalies from unlabelled rows.
    anomaly : value or list of values, optional
        Labels of anomalies, compared as they are shown: 1, "1" and True are the same. Several are classes,
        within which new rows are made and whose label they carry. Default: 1, or all that are not
        `unlabeled`.
    unlabeled : value or list of values, optional
        Labels of unlabelled rows; all others are anomalies. If both are given, rows with a third label take
        no part. Rows without a label are unlabelled.
    features : sequence of str, optional
        Columns that are features; default: all that have no other role.
    ignore : sequence of str, default=()
        Columns that are no features. They come through as they are and are null in new rows.
    id : str, optional
        A column that is ignored, and by whose values a plan names anchors and partners, in the columns
        anchor_id and partner_id.
    mark : str, optional
        Add a column of this name that says which rows are new.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`; with several classes they count within each.
    scale : {'minmax', 'standard', None}, default='minmax'
        As in `fit`.
    max_anomalies : int, default=10_000
        More labelled anomalies than this are an error: they are held by every task.
    missing, skip_bad
        As in `fit`. Rows and partitions that are left out of the search are still among the rows that come
        back.
    only_new : bool, default=False
        Leave the old rows out.
    num_partitions : int, optional
        Of the new rows; as in `generate`.
    plan : bool, default=False
        As in `generate`, but anchors and partners are row ids of the frame, see `split_row_id`.
    noise_std, alpha, beta, unlabeled_fraction, random_state
        As in `generate`.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    Spark DataFrame
        The rows of `frame`, with features as float if float holds all of them and as double otherwise, then
        the new ones. Other columns keep their values and types, and are null in new rows.

    Raises
    ------
    ValueError, TypeError
        As `fit`; and for a label that no row has, with those that there are.

    Examples
    --------
    >>> import nngmix.spark  # doctest: +SKIP
    >>> flows = session.read.parquet("flows/")  # doctest: +SKIP
    >>> more = nngmix.spark.augment(flows, "10%", label="class", anomaly="attack", mark="new")  # doctest: +SKIP
    """
    amount = Amount.parse(n_samples) if isinstance(n_samples, str) else Amount(n_samples=n_samples)
    roles, like = _roles(frame, "the frame", features, ignore, label, id)
    check_added(frame.columns, [*added_columns(plan, id is not None), *(() if mark is None else (mark,))])
    mixture, seed = Mixture(noise_std, alpha, beta, unlabeled_fraction), seed_sequence(random_state)
    spec = FitSpec(
        like.n_features,
        like.dtype,
        roles.features,
        rule=rule_of(anomaly, unlabeled),
        where=f"the label column {label!r}",
        scale=scale,
        missing=missing,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        unlabeled_fraction=mixture.unlabeled_fraction,
        amount=amount,
        max_anomalies=check_count("max_anomalies", max_anomalies, minimum=1),
        n_threads=n_threads,
    )
    row_names = RowNames() if plan and id is not None else None
    notes = [] if row_names is None else [row_names]
    fitted = Partitions(runner(frame, roles), skip_bad, notes).fit(spec)
    new = rows_of(fitted, spec, mixture, seed)
    maker = Maker(new, roles.features, plan=plan, row_names=row_names)
    made = _made(frame.sparkSession, maker, new.n_samples, num_partitions, 0, _id_type(frame, row_names, id))
    return with_old_rows(frame, made, maker, roles, mark, only_new)


def _roles(frame: Any, where: str, *given: Any) -> tuple[Roles, Rows]:
    """The roles of the columns, and rows of the types of the features."""
    if not hasattr(frame, "mapInArrow"):
        raise TypeError(f"expected a Spark DataFrame, got {type(frame).__name__}")
    roles = Roles.of(where, frame.columns, *given)
    return roles, feature_types(frame, roles, where)


def _made(
    session: Any, maker: Maker, n_samples: Any, num_partitions: Any, start: Any, id_type: Any = None
) -> Any:
    n_samples, n_parts, start = n_parts_for(maker, n_samples, num_partitions, start, "num_partitions")
    session = session or SparkSession.getActiveSession()
    if session is None:
        raise ValueError("there is no active Spark session: pass one as session")
    return made_frame(session, maker, n_samples, n_parts, start, id_type)


def _id_type(frame: Any, row_names: RowNames | None, id: str | None) -> Any:
    """The type of the id column in Spark and in Arrow, if its values are needed."""
    if row_names is None:
        return None
    column = numbered(frame).select(f"c{frame.columns.index(id)}")
    return column.schema.fields[0].dataType, column.limit(0).toArrow().schema.field(0).type
