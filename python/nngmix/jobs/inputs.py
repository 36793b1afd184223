"""Passes over the input files: rows of features, and which of them carry the label of the anomalies."""

import fnmatch
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nngmix.files.features import check_numeric, fill_features, refuse_not_finite
from nngmix.files.label import is_labelled, label_value
from nngmix.files.read_ahead import ahead
from nngmix.files.scan import Part, Scan, expand
from nngmix.jobs.job import Job
from nngmix.neighbors.scaled import SEARCH_VALUES

__all__ = ["Fold", "Inputs", "Report"]

# Batches fetched ahead: about a row group, so that the disk is busy while the search is.
_READ_AHEAD = 6

# Called with the stage, the files done and the files in all.
Report = Callable[[str, int, int], None]


class Fold(Protocol):
    """What a pass gathers. A file counts when it is committed: until then it can be taken back."""

    def start(self) -> None: ...
    def rows(self, X: NDArray[Any], labelled: NDArray[np.bool_] | None, first_row: int) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


class Inputs:
    """The files of a job, as matrices of their features.

    Attributes
    ----------
    features : list of str
        In the order of the files: all columns of any but the label and those that are ignored.
    dtype : numpy.dtype
        float32 if all features are, else float64.
    value : pyarrow.Scalar or None
        The label of the anomalies, in the column's own type.
    parts : list of Part
        The files that count; `fold` takes out those that are skipped.
    """

    def __init__(self, job: Job) -> None:
        self.files = expand(job.inputs)
        _check_apart(job)
        scan = Scan(self.files)
        types = {name: scan.schema.field(name).type for name in scan.columns}
        for name in (*job.ignore, *([] if job.label is None else [job.label])):
            if name not in types:
                there = ", ".join(map(repr, scan.columns[:12]))
                raise ValueError(f"{self.files[0]}: there is no column {name!r}; there are {there}")
        self._types = types
        left_out = {*job.ignore, job.label}
        self.features = [name for name in scan.columns if name not in left_out]
        if not self.features:
            raise ValueError(f"{self.files[0]}: no feature column is left besides the label and the ignored")
        self.dtype = check_numeric(self.files[0], {name: types[name] for name in self.features})
        self.label = job.label
        self.value: Any = None
        if job.label is not None and job.anomaly is not None:
            self.value = label_value(job.label, job.anomaly, types[job.label])
        self.skip_bad = job.skip_bad
        # With the anomalies in a file of their own, labels are not read.
        self._marked = None if job.anomalies is not None else job.label
        n_rows = max(1024, min(SEARCH_VALUES, job.memory >> 8) // len(self.features))
        columns = self.features + ([] if self._marked is None else [self._marked])
        scan.columns, scan.batch_rows, scan.most_bytes = columns, n_rows, job.memory // 6
        self._scan = scan
        self.parts = scan.parts()
        self._buffer = np.empty((n_rows, len(self.features)), self.dtype)

    def type_of(self, name: str) -> Any:
        """Arrow type of a column."""
        return self._types[name]

    def differing(self, part: Part, kind: Any) -> str | None:
        """A feature that is not of the type `kind` in this file, if there is one."""
        try:
            there = part.fragment.physical_schema
        except (OSError, ValueError):
            # It cannot be read, which is said when its turn comes.
            return None
        names = (name for name in self.features if name in there.names and there.field(name).type != kind)
        return next(names, None)

    def fold(self, stage: str, into: Fold, report: Report) -> list[dict[str, str]]:
        """One pass over all files; those that were skipped, and why."""
        skipped: list[dict[str, str]] = []
        given_up, done, row = -1, 0, 0
        report(stage, 0, len(self.parts))
        for part, item in ahead(self._items, _READ_AHEAD):
            if part.number == given_up:
                continue
            if row == 0:
                into.start()
            try:
                if isinstance(item, Exception):
                    raise item
                if item is not None:
                    self._take(part, item, into, row)
                    row += item.num_rows
                    continue
                into.commit()
            except (OSError, ValueError) as error:
                into.rollback()
                if not self.skip_bad:
                    kind = OSError if isinstance(error, OSError) else ValueError
                    raise kind(f"{error}; --skip-bad leaves such files out") from error
                skipped.append({"path": part.path, "error": " ".join(str(error).split())})
                given_up = part.number
            done, row = done + 1, 0
            report(stage, done, len(self.parts))
        bad = {item["path"] for item in skipped}
        self.parts = [part for part in self.parts if part.path not in bad]
        return skipped

    def _items(self) -> Iterator[tuple[Part, Any]]:
        """The batches of each file, then None for its end or what went wrong with it."""
        for part in self.parts:
            try:
                for batch in self._scan.batches(part):
                    if batch.num_rows:
                        yield part, batch
            except OSError as error:
                yield part, error
            else:
                yield part, None

    def _take(self, part: Part, batch: Any, into: Fold, first_row: int) -> None:
        if len(self._buffer) < batch.num_rows:
            self._buffer = np.empty((batch.num_rows, len(self.features)), self.dtype)
        X = self._buffer[: batch.num_rows]
        columns = {name: batch.column(j) for j, name in enumerate(self.features)}
        fill_features(part.path, columns, X, first_row)
        labelled = None
        if self._marked is not None:
            labelled = is_labelled(batch.column(len(self.features)), self.value)
        try:
            into.rows(X, labelled, first_row)
        except ValueError:
            refuse_not_finite(part.path, X, self.features, first_row)
            raise


def _check_apart(job: Job) -> None:
    """ValueError if the new rows would be found among the inputs, as anomalies, when these are read again."""
    made = os.path.join(os.path.realpath(job.output), "part-00000.parquet")
    for source in job.inputs:
        if _finds(source, made):
            raise ValueError(
                f"{source}: reading it again would find the new rows in {job.output} and take them for "
                "inputs; name an output folder elsewhere"
            )


def _finds(source: str, path: str) -> bool:
    """Whether an input, a file, folder or pattern, means the file `path`, if it were there."""
    asked, there = Path(os.path.realpath(source)).parts, Path(path).parts
    if os.path.isdir(source):
        return there[: len(asked)] == asked
    if "**" in asked:
        asked = asked[: asked.index("**")]
        there = there[: len(asked)]
    return len(asked) == len(there) and all(map(fnmatch.fnmatch, there, asked))
