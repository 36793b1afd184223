"""Labelled anomalies that have a file of their own."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.files.identity import Identity, check_unchanged
from nngmix.files.reader import check_file, read_features
from nngmix.files.scan import Scan
from nngmix.files.schema import cast_column
from nngmix.jobs.job import Job
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Known, Rows

__all__ = ["GivenFile"]


class GivenFile:
    """The file of the labelled anomalies of a job.

    Parameters
    ----------
    path : str
    job : Job

    Attributes
    ----------
    identity : Identity
        Its state, which it must keep while it is used.
    """

    def __init__(self, path: str, job: Job) -> None:
        check_file(path)
        self.path, self.job, self.identity = path, job, Identity.of(path)

    def rows(
        self,
        features: Sequence[str],
        besides: Collection[str],
        dtype: np.dtype[Any],
        kinds: Kinds | None,
        types: Mapping[str, Any],
    ) -> Rows:
        """The anomalies: `features`, of these kinds and types where they hold categories.

        `besides` may be there as well.
        """
        known, csv, asked = Known(tuple(features), kinds), self.job.csv, self.job.columns
        rows = read_features(self.path, features, besides, csv=csv, asked=asked, types=types, known=known)
        check_unchanged(self.identity)
        if rows.dtype != dtype and dtype == "float32" and rows.name.endswith(".parquet"):
            raise ValueError(
                f"{self.path}: its features are float64 and those of the input float32; cast one of them, or "
                "the new rows would be rounded unasked"
            )
        return rows

    def ids(self, name: str, rows: NDArray[np.int64], kind: Any) -> Any:
        """The ids of anomalies by their numbers; null if the file has none."""
        pa = arrow()
        scan = Scan(self.path, columns=[], csv=self.job.csv, text=[name])
        if name not in scan.names:
            return pa.nulls(len(rows), kind)
        batches = list(scan.select([name], text=[name]))
        check_unchanged(self.identity)
        found = pa.concat_arrays([batch.column(0) for batch in batches])
        return cast_column(found.take(pa.array(rows)), kind, self.path, name)
