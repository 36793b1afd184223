"""Rows that come to a table: their columns matched, their categories learnt."""

from dataclasses import replace
from typing import Any

import numpy as np

from nngmix.neighbors.contents import Contents
from nngmix.rows.arrays import frozen
from nngmix.rows.kinds import Kinds, joined_kinds
from nngmix.rows.rows import Rows, as_rows, check_units

__all__ = ["Incoming"]


class Incoming(Contents):
    """How `NeighborTable` takes rows in, before it looks at their values."""

    def taken(self, name: str, X: Any) -> Rows:
        """See whether rows are those of this table, without reading their values.

        Parameters
        ----------
        name : str
            What messages call them.
        X : array-like or frame of shape (n_rows, n_features)

        Returns
        -------
        Rows
            With the columns in the order of the table's.

        Raises
        ------
        ValueError
            For other columns.
        TypeError
            For what does not hold real numbers, or float64 rows for a float32 table.
        """
        rows = as_rows(name, X, known=self.known)
        if rows.n_features != self.n_features and None in (rows.names, self.feature_names):
            raise ValueError(
                f"{name} must have the {self.n_features} columns of X_anomaly, got {rows.n_features}"
            )
        rows = rows.matched(self.feature_names, "X_anomaly")
        check_units(rows, self.known.units, "X_anomaly")
        if np.result_type(rows.dtype, self.dtype) != self.dtype:
            raise TypeError(
                f"{name} is {rows.dtype} but the table is float32: convert the block with "
                f"{name}.astype(np.float32), or make the table from float64 anomalies"
            )
        return rows

    def learn(self, rows: Rows) -> Rows:
        """Take the categories of some rows into account, before their blocks.

        Parameters
        ----------
        rows : Rows
            With the columns of the table.

        Returns
        -------
        Rows
            By the table's own ranks.

        Raises
        ------
        ValueError
            For a column that holds categories here and numbers there.
        """
        kinds = joined_kinds(self.kinds, rows.kinds, rows.names)
        self.recode(kinds)
        return rows.coded(kinds)

    def recode(self, kinds: Kinds | None) -> None:
        """Take the ranks of dictionaries with all values of the table, and maybe more: the order stays.

        Parameters
        ----------
        kinds : Kinds or None

        Raises
        ------
        ValueError
            For dictionaries of another number of columns.
        """
        if kinds is None or self.kinds is None or kinds is self.kinds:
            return
        rows = self.state.neighbor_rows.copy()
        rows[:, : self.n_filled] = kinds.recode(rows[:, : self.n_filled], self.kinds)
        vars(self).update(
            kinds=kinds,
            X_anomaly=frozen(kinds.recode(self.X_anomaly, self.kinds)),
            X_scaled=frozen(kinds.recode(self.X_scaled, self.kinds)),
            state=replace(self.state, neighbor_rows=rows),
        )
        vars(self).pop("_known_digest", None)
