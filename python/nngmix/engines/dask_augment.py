"""Old and new rows of one Dask DataFrame: the search, the amount and the making in one."""

from collections.abc import Hashable, Sequence
from typing import Any

import dask.dataframe as dd

from nngmix.engines.dask_collection import feature_types, made_frame, runner
from nngmix.engines.dask_rows import Categories, OutputColumns, new_rows, old_rows, unknown_categories
from nngmix.engines.maker import Maker, added_columns, n_parts_for, rows_of
from nngmix.engines.partitions import Partitions
from nngmix.engines.roles import Roles, not_of, rule_of
from nngmix.engines.row_names import RowNames
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_count
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.parameters.progress import Callback, reported
from nngmix.parameters.seed import RandomState, seed_sequence
from nngmix.rows.asked_columns import Clip, Features, Missing
from nngmix.rows.names import check_free, check_unique
from nngmix.rows.unscaled import asked_columns, check_weighed

__all__ = ["augment"]


def augment(
    frame: Any,
    n_samples: int | str,
    *,
    label: Hashable,
    anomaly: Any = None,
    unlabeled: Any = None,
    features: Sequence[Hashable] | None = None,
    ignore: Sequence[Hashable] = (),
    id: Hashable | None = None,
    mark: Hashable | None = None,
    n_neighbors: float = 10,
    n_neighbors_anomaly: float = 10,
    scale: str | None = "minmax",
    max_anomalies: int = 10_000,
    categorical_features: Features = None,
    categorical_weight: float | None = None,
    whole_features: Features = "auto",
    clip: Clip | None = None,
    missing: Missing = "error",
    skip_bad: bool = False,
    only_new: bool = False,
    npartitions: int | None = None,
    plan: bool = False,
    noise_std: Noise = 0.01,
    alpha: float = 0.2,
    beta: float = 0.2,
    unlabeled_fraction: float = 0.5,
    random_state: RandomState = None,
    callback: Callback | None = None,
    verbose: bool = False,
    n_threads: int | None = 1,
) -> Any:
    """Add pseudo-anomalies to a DataFrame that holds a few labelled anomalies; `fit` and `generate` in one.

    The anomalies are taken in the order of partitions and rows, so that the new rows are those of
    ``NNGMix(n_samples=...).fit_resample`` on the whole frame. A frame whose order changes from run to run
    needs `fit`, with anomalies in an order of your own, and `generate`.

    Parameters
    ----------
    frame : dask DataFrame
        All rows.
    n_samples : int or str
        Rows to make: a count, ``"10x"`` (times the labelled anomalies) or ``"10%"`` (until anomalies, old
        and new, are that share of the unlabelled rows).
    label : name
        Column that tells labelled anomalies from unlabelled rows.
    anomaly : value or list of values, optional
        Labels of anomalies, compared as they are shown: 1, "1" and True are the same. Several are classes,
        within which new rows are made and whose label they carry. Default: 1, or all that are not
        `unlabeled`.
    unlabeled : value or list of values, optional
        Labels of unlabelled rows; all others are anomalies. If both are given, rows with a third label take
        no part. Rows without a label are unlabelled.
    features : sequence of names, optional
        Columns that are features; default: all that have no other role.
    ignore : sequence of names, default=()
        Columns that are no features. They come through as they are and are empty in new rows.
    id : name, optional
        A column that is ignored, and by whose values a plan names anchors and partners, in the columns
        anchor_id and partner_id.
    mark : name, optional
        Add a column of this name that says which rows are new.
    n_neighbors, n_neighbors_anomaly : int or float, default=10
        As in `nng_mix`; with several classes they count within each.
    scale : {'minmax', 'standard', None}, default='minmax'
        As in `fit`.
    max_anomalies : int, default=10_000
        More labelled anomalies than this are an error: they are held by every task.
    categorical_features, categorical_weight
        As in `fit`, of the features of `frame`.
    whole_features, clip
        As in `fit`.
    missing, skip_bad
        As in `fit`. Rows and partitions that are left out of the search are still among the rows that come
        back.
    only_new : bool, default=False
        Leave the old rows out.
    npartitions : int, optional
        Of the new rows; as in `generate`.
    plan : bool, default=False
        As in `generate`, but anchors and partners are row ids of the frame, see `split_row_id`.
    noise_std, alpha, beta, unlabeled_fraction, random_state
        As in `generate`.
    callback : callable, optional
        Called after each partition with the stage, "scale" or "search", partitions done and partitions in
        all. An exception in it ends the call and what runs on a cluster for it.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.
    n_threads : int, default=1
        Threads of each task.

    Returns
    -------
    dask DataFrame
        The rows of `frame`, with features as float32 if float32 holds all of them and as float64 otherwise,
        but categories as they are, and integers where new rows are whole; then the new ones. Other columns
        keep their values,
        types and categories; integers and booleans of NumPy become those of pandas that can be empty. New
        rows have their number as index if the index holds integers, and an empty one otherwise.

    Raises
    ------
    ValueError, TypeError
        As `fit`; and for a label that no row has, with those that there are.

    Examples
    --------
    >>> import dask.dataframe as dd, numpy as np, pandas as pd, nngmix.dask
    >>> rng = np.random.default_rng(0)
    >>> flows = pd.DataFrame(rng.random((300, 2)), columns=["bytes", "seconds"])
    >>> flows["kind"] = np.where(flows.index % 50, "ok", "attack")
    >>> ddf = dd.from_pandas(flows, npartitions=3)
    >>> more = nngmix.dask.augment(ddf, "10%", label="kind", anomaly="attack", mark="new", random_state=0)
    >>> more.compute().groupby(["kind", "new"]).size().to_dict()
    {('attack', False): 6, ('attack', True): 23, ('ok', False): 294}
    """
    amount = Amount.parse(n_samples) if isinstance(n_samples, str) else Amount(n_samples=n_samples)
    if not isinstance(frame, dd.DataFrame):
        raise not_of("the frame", "a dask DataFrame", frame)
    names = list(frame.columns)
    check_unique("the frame", names)
    roles = Roles.of("the frame", names, features, ignore, label, id)
    asked = asked_columns(
        categorical_weight,
        categorical_features=categorical_features,
        whole_features=whole_features,
        missing=missing,
        clip=clip,
    )
    like = feature_types(frame, roles, "the frame", asked)
    if scale is None:
        check_weighed(like.kinds, categorical_weight)
    added = added_columns(plan, id is not None, donors=like.kinds is not None)
    check_free("the frame", [*added, *(() if mark is None else (mark,))], names)
    mixture, seed = Mixture(noise_std, alpha, beta, unlabeled_fraction), seed_sequence(random_state)
    spec = FitSpec(
        like.n_features,
        like.dtype,
        like.names,
        rule=rule_of(anomaly, unlabeled),
        where=f"the label column {label!r}",
        scale=scale,
        columns=asked,
        n_neighbors=n_neighbors,
        n_neighbors_anomaly=n_neighbors_anomaly,
        unlabeled_fraction=mixture.unlabeled_fraction,
        amount=amount,
        max_anomalies=check_count("max_anomalies", max_anomalies, minimum=1),
        n_threads=n_threads,
        limits=like.limits,
        kinds=like.kinds,
        types=like.types,
    )
    row_names, categories, learnt = RowNames(), Categories(), unknown_categories(frame)
    notes = [*([row_names] if plan and id is not None else []), *([categories] if learnt else [])]
    with reported(callback, verbose, "partitions") as report:
        run = runner(frame, like.n_features, roles, learnt, report)
        fitted = Partitions(run, skip_bad, notes).fit(spec)
    new = rows_of(fitted, spec, mixture, seed)
    maker = Maker(new, roles.features, plan=plan, row_names=row_names if id is not None else None)
    to = OutputColumns.of(frame._meta, maker, roles, categories, mark)
    parts = n_parts_for(maker, new.n_samples, npartitions, 0, "npartitions")
    made = made_frame(maker, *parts, new_rows, to)
    if only_new:
        return made
    old = frame.map_partitions(old_rows, to, meta=to.like)
    return dd.concat([old.clear_divisions(), made.clear_divisions()])
