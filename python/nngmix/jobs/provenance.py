"""Which anomalies the new rows come from: their rows, labels and ids, kept beside the table of neighbours."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.replace import replacing, writing
from nngmix.plan import PartnerPlan

__all__ = ["Ids", "read_rows", "wanted_ids", "write_rows"]

Rows = NDArray[np.int64]


class Ids:
    """The ids of the rows that a plan may name.

    Parameters
    ----------
    anomalies, unlabeled : tuple of (ndarray of int64, pyarrow.Array)
        Numbers of rows, ascending, and the id of each.
    """

    def __init__(self, anomalies: tuple[Rows, Any], unlabeled: tuple[Rows, Any]) -> None:
        self._anomalies, self._unlabeled = anomalies[0], unlabeled[0]
        # One array for both pools, the unlabelled rows first.
        self._all = arrow().concat_arrays([unlabeled[1], anomalies[1]])
        self.type = self._all.type

    def columns(self, plan: PartnerPlan) -> list[Any]:
        """The ids of anchors and partners: the columns `nngmix.plan.ID_COLUMNS`."""
        n_unlabeled = len(self._unlabeled)
        anchors = n_unlabeled + np.searchsorted(self._anomalies, plan.anchor)
        partners = np.where(
            plan.unlabeled,
            np.searchsorted(self._unlabeled, plan.partner),
            n_unlabeled + np.searchsorted(self._anomalies, plan.partner),
        )
        return [self._all.take(arrow().array(at)) for at in (anchors, partners)]


def wanted_ids(rows: Rows, batches: Iterable[tuple[int, Any]], kind: Any) -> Any:
    """The ids of rows, whose numbers are ascending.

    Parameters
    ----------
    rows : ndarray of int64
    batches : iterable of (int, pyarrow.Array)
        All ids in batches, each with the number of its first row.
    kind : pyarrow.DataType
    """
    pa = arrow()
    found = []
    for first, ids in batches:
        start, stop = np.searchsorted(rows, (first, first + len(ids)))
        if start < stop:
            found.append(ids.take(pa.array(rows[start:stop] - first)))
    ids = pa.concat_arrays(found) if found else pa.nulls(0, kind)
    if len(ids) != len(rows):
        raise ValueError(
            f"{len(rows)} rows were to be named by their ids, and only {len(ids)} of them are there: the "
            "files have changed since they were searched"
        )
    return ids


def write_rows(path: str, rows: Rows, columns: Mapping[str, Any]) -> None:
    """Write numbers of rows and what belongs to each as an Arrow file, whole or not at all.

    Not as Parquet: patterns of the folder's new rows would find it.
    """
    pa = arrow()
    table = pa.table({"row": pa.array(rows), **columns})
    with writing(path), replacing(path) as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read_rows(path: str) -> tuple[Rows, dict[str, Any]]:
    """What `write_rows` wrote: the numbers, and the columns as arrays by their names."""
    with arrow().OSFile(path) as file, arrow().ipc.open_file(file) as reader:
        table = reader.read_all()
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    return columns.pop("row").to_numpy(), columns
