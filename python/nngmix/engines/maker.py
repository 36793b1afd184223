"""What an engine's workers need to make any of the new rows."""

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.engines.row_names import RowNames
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.fit import Fitted
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.checks import check_count, check_span, check_threads
from nngmix.parameters.mixture import Mixture
from nngmix.parameters.seed import RandomState
from nngmix.plan import MixPlan, plan_columns
from nngmix.rows.column_types import DateType, date_types
from nngmix.rows.kinds import Dictionary

__all__ = [
    "ID_COLUMNS",
    "Maker",
    "added_columns",
    "n_parts_for",
    "rows_of",
    "spans",
    "with_threads",
]

# What the plan calls anchor and partner where there is an id column.
ID_COLUMNS = ("anchor_id", "partner_id")
# Bytes of a made partition, if nothing else is said.
_PARTITION_BYTES = 1 << 26


class Maker:
    """New rows with names of their columns: all that a worker is sent.

    Parameters
    ----------
    new : NewRows
    columns : sequence of names, optional
        Of the features.
    plan : bool
        Add the number of each row, since rows of an engine have no order, and the columns of `plan_columns`.
    row_names : RowNames, optional
        Add the columns of `ID_COLUMNS` to the plan.
    """

    def __init__(
        self,
        new: NewRows,
        columns: Sequence[Any] | None = None,
        *,
        plan: bool = False,
        row_names: RowNames | None = None,
    ) -> None:
        self.new, self.plan = new, plan
        self.row_names = row_names if plan else None
        self.columns = _checked(columns, new.n_features, self.added)
        if columns is None and plan:
            raise ValueError("plan=True adds columns: give the names of the features with columns")

    @property
    def categories(self) -> dict[int, Dictionary]:
        """The values of each column of categories, by its position."""
        of = enumerate(self.new.table.categories)
        return {column: values for column, values in of if values is not None}

    @property
    def dates(self) -> dict[int, DateType]:
        """The types of the columns of dates, by their positions."""
        return date_types(self.new.table.types, self.new.table.kinds)

    @property
    def added(self) -> tuple[str, ...]:
        """Names of the columns of the plan, if it is wanted."""
        return tuple(self.made(0, 0)[1])

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Output rows `start` to `stop`."""
        out = np.empty((stop - start, self.new.n_features), self.new.dtype)
        if len(out):
            self.new.fill(start, out)
        return out

    def made(self, start: int, stop: int) -> tuple[NDArray[Any], dict[str, Any]]:
        """Output rows `start` to `stop`, and the columns of the plan if they are wanted."""
        if not self.plan:
            return self.rows(start, stop), {}
        out = np.empty((stop - start, self.new.n_features), self.new.dtype)
        plan = self.new.fill_with_plan(start, out)
        chosen = {"row": np.arange(start, stop), **plan.columns()}
        return out, chosen | self._named(plan)

    def _named(self, plan: MixPlan) -> dict[str, list[Any]]:
        if self.row_names is None:
            return {}
        rows = plan.anchor, plan.partner
        return {name: self.row_names.names(ids) for name, ids in zip(ID_COLUMNS, rows, strict=True)}


def added_columns(plan: bool, ids: bool, *, donors: bool = False) -> tuple[str, ...]:
    """Names of the columns that a plan adds."""
    return ("row", *plan_columns(donors), *(ID_COLUMNS if ids else ())) if plan else ()


def _checked(columns: Sequence[Any] | None, n_features: int, added: Sequence[str]) -> tuple[Any, ...] | None:
    if columns is None:
        return None
    names = tuple(columns)
    if isinstance(columns, str) or len(names) != n_features:
        raise ValueError(f"columns must name the {n_features} features of the table, got {columns!r}")
    seen = set(added)
    for name in names:
        if name in seen:
            raise ValueError(f"columns must differ from one another and from the plan's, got {name!r} twice")
        seen.add(name)
    return names


def rows_of(fitted: Fitted, spec: FitSpec, mixture: Mixture, random_state: RandomState) -> NewRows:
    """The new rows of a fit with labels and an amount."""
    return NewRows(
        fitted.table,
        mixture,
        n_samples=fitted.n_samples or 0,
        labels=fitted.anomalies.labels,
        n_neighbors=spec.n_neighbors,
        n_neighbors_anomaly=spec.n_neighbors_anomaly,
        anomaly_ids=fitted.anomalies.ids,
        random_state=random_state,
    )


def with_threads(table: NeighborTable, n_threads: Any) -> NeighborTable:
    """The table as it is now, to be used with this many threads."""
    table = copy(table)
    table.n_threads = check_threads(n_threads)
    return table


def n_parts_for(maker: Maker, n_samples: Any, n_parts: Any, start: Any, name: str) -> tuple[int, int, int]:
    """Rows, parts and first row, checked; by default as many parts as keep each of them below 64 MiB."""
    n_samples, start = check_count("n_samples", n_samples), check_count("start", start)
    check_span(start, start + n_samples, maker.new.n_features)
    if n_samples:
        # No row, but all checks: what is wrong is said here and not by a worker.
        maker.new.fill(start, np.empty((0, maker.new.n_features), maker.new.dtype))
    if n_parts is None:
        row_bytes = maker.new.n_features * maker.new.dtype.itemsize
        n_parts = max(1, -(-n_samples * row_bytes // _PARTITION_BYTES))
    return n_samples, min(check_count(name, n_parts, minimum=1), max(1, n_samples)), start


def spans(start: int, n_samples: int, n_parts: int) -> list[int]:
    """The borders of `n_parts` nearly equal parts of the rows from `start` on."""
    return [start + n_samples * part // n_parts for part in range(n_parts + 1)]
