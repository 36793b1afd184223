"""Passes over the input files: what is read of each, and how a file that is bad is taken back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.identity import ChangedError
from nngmix.files.new_columns import known_types
from nngmix.files.read_ahead import ahead
from nngmix.files.reader import check_roles, chosen_features, no_rows
from nngmix.files.scan import Part, Scan
from nngmix.files.statistics import Look, RowGroup
from nngmix.files.table import IN_FILES, check_asked
from nngmix.jobs.apart import check_apart
from nngmix.jobs.dictionaries import Dictionaries
from nngmix.jobs.given import GivenFile
from nngmix.jobs.job import Job
from nngmix.jobs.left_out import check_some_left
from nngmix.jobs.provenance import wanted_ids
from nngmix.jobs.room import check_room
from nngmix.neighbors.glance import Glance, glance
from nngmix.neighbors.passes import AnyPass, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.neighbors.table import SEARCH_VALUES
from nngmix.parameters.progress import Callback
from nngmix.rows.column_types import ColumnTypes, column_type
from nngmix.rows.finish import common_limits
from nngmix.rows.labels import Labels, read_labels
from nngmix.rows.names import check_known
from nngmix.rows.rows import Known, Rows, as_rows, check_units
from nngmix.rows.unscaled import check_weighed

__all__ = ["Inputs"]

# Batches fetched ahead: about a row group, so that the disk is busy while the search is.
_READ_AHEAD = 6


class Inputs:
    """The files of a job, as rows of their features.

    Attributes
    ----------
    files : list of str
    features : tuple of str
        In the order of the files, or as they were asked for.
    left_out : dict of str to str
        Columns that nobody left out by name, and why they are no features.
    spec : FitSpec
        What is looked for in them.
    parts : list of Part
        The files that count; `fold` takes out those that are skipped.
    skipped : list of dict
        Path and error of those.
    kinds : Kinds or None
        What the columns hold, without the categories.
    units : tuple or None
        What the dates among them count.
    dictionaries : Dictionaries
        Those of the batches that were read.
    identities : list of Identity
        The states of all files, which they must keep while they are used.
    given_file : GivenFile or None
        The labelled anomalies, if they are not among the rows.
    """

    def __init__(self, job: Job, like: Known | None = None) -> None:
        self.job, self._known = job, like
        check_apart(job.inputs, job.output)
        self.given_file = None if job.anomalies is None else GivenFile(job.anomalies, job)
        check_roles(job.label, job.ignore, job.features, job.id)
        texts = [name for name in (job.label, job.id) if name is not None]
        types = None if like is None else known_types(like)
        categorical = types or job.columns.categorical_features
        options: dict[str, Any] = {"categorical": categorical, "dates": job.columns.named_whole}
        scan = Scan(job.inputs, csv=job.csv, text=texts, ignore=_ignored(job), **options)
        self.files, self.identities = scan.files, [part.identity for part in scan.parts()]
        # The label of new rows need not be a column where the anomalies have a file of their own.
        known = [] if job.label is None or job.anomalies is not None else [job.label]
        check_known(self.files[0], [*known, *job.features], scan.names)
        self.features = chosen_features(scan, job.label, job.features)
        self.left_out = {name: why for name, why in scan.left_out.items() if name not in self.features}
        self._all = scan
        # With the anomalies in a file of their own, labels are not read.
        self._label = None if job.anomalies is not None else job.label
        columns = [*self.features, *([] if self._label is None else [self._label])]
        n_rows = max(1024, min(SEARCH_VALUES, job.memory >> 8) // len(self.features))
        self._scan = scan.select(columns, text=texts, batch_rows=n_rows, most_bytes=job.memory // 6)
        check_asked(self.files[0], job.columns, self.features)
        empty = no_rows(self._scan, self._rows)
        if job.scale is None:
            check_weighed(empty.kinds, job.categorical_weight)
        self.kinds, self.units = empty.kinds, empty.units
        self.dictionaries = Dictionaries(self.features, self._special_types())
        self.spec = FitSpec(
            empty.n_features,
            empty.dtype,
            self.features,
            job.rule,
            self._where(),
            job.scale,
            job.columns,
            job.n_neighbors,
            job.n_neighbors_anomaly,
            job.mixture.unlabeled_fraction,
            job.amount,
            job.most_anomalies(empty.n_features, empty.dtype.itemsize),
            job.n_threads,
            # With anomalies of their own, as far as these have the same types.
            limits=empty.limits if job.anomalies is None else None,
            types=empty.types,
        )
        self._limits = empty.limits
        self.parts = self._scan.parts()
        self.skipped: list[dict[str, str]] = []

    def _rows(self, name: str, batch: Any, row: int, lacks: Sequence[str] = ()) -> Rows:
        """The features of a batch, which stand before the label."""
        # By number: names would be looked up one by one.
        features = batch if self._label is None else batch.select(range(len(self.features)))
        asked, known = self.job.columns, self._known
        advice = IN_FILES.of_file(lacks)
        return as_rows(name, features, asked=asked, known=known, advice=advice, first_row=row)

    def _special_types(self) -> dict[str, Any]:
        """Arrow types of the features that hold categories or dates."""
        nothing = (None,) * len(self.features)
        categories = nothing if self.kinds is None else self.kinds.categories
        of = zip(self.features, self.feature_types, categories, self.units or nothing, strict=True)
        return {name: kind for name, kind, *special in of if special != [None, None]}

    def _where(self) -> str:
        n_files = len(self.files)
        of = f"of {self.files[0]}" if n_files == 1 else f"of the {n_files} files"
        return f"the label column {self.job.label!r} {of}"

    @property
    def names(self) -> list[str]:
        """All columns of the files."""
        return self._all.names

    @property
    def feature_types(self) -> list[Any]:
        """Arrow types of the features over all files."""
        found: list[Any] = self._scan.schema.types[: len(self.features)]
        return found

    @property
    def column_types(self) -> ColumnTypes:
        """The same by their names, with what the dictionaries hold that were read."""
        empty, coded = self._scan.schema.empty_table(), self.dictionaries.columns()
        return tuple(column_type(coded.get(name, empty[name])) for name in self.features)

    @property
    def typeless(self) -> bool:
        """Whether labels are texts that have no type of their own."""
        return self._all.typeless

    def types(self, columns: Iterable[str | None]) -> dict[str, Any]:
        """Arrow types of columns over all files, as far as the files have them."""
        texts = [name for name in (self.job.label, self.job.id) if name is not None]
        there = set(self._all.names)
        known = dict.fromkeys(name for name in columns if name is not None and name in there)
        schema = self._all.select(list(known), text=texts).schema
        return dict(zip(schema.names, schema.types, strict=True))

    def types_in(self, part: Part) -> dict[str, Any]:
        """The types of the columns in one file; none if it cannot be read, which is said when it is."""
        try:
            return self._all.types_in(part)
        except (OSError, ValueError):
            return {}

    def ids(self, name: str, rows: NDArray[np.int64]) -> Any:
        """The ids of rows, whose numbers are ascending, in one more pass over the files that count."""
        scan = self._all.select([name], text=[name])

        def batches() -> Iterator[tuple[int, Any]]:
            row = 0
            for part in self.parts:
                for batch in scan.batches(part):
                    yield row, batch.column(0)
                    row += batch.num_rows

        return wanted_ids(rows, batches(), scan.schema.types[0])

    def anomaly_ids(self, name: str, rows: NDArray[np.int64]) -> Any:
        """The same of anomalies, which may have a file of their own."""
        if self.given_file is None:
            return self.ids(name, rows)
        return self.given_file.ids(name, rows, self.types([name])[name])

    def given(self) -> Rows | None:
        """The labelled anomalies, if they have a file of their own."""
        if self.given_file is None:
            return None
        label = [] if self.job.label is None else [self.job.label]
        besides = {*_ignored(self.job), *self._all.names}.difference(self.features).union(label)
        types = self._special_types()
        rows = self.given_file.rows(self.features, besides, self.spec.dtype, self.kinds, types)
        check_units(rows, self.units, "the input")
        self.spec = replace(self.spec, limits=common_limits(self._limits, rows.limits))
        return rows

    def fold(self, state: AnyPass, report: Callback) -> AnyPass:
        """One pass over all files; those that are bad are taken back and noted in `skipped`."""
        look = None
        if isinstance(state, Survey):
            # The first pass, or that after one that was mistaken about these files.
            self.parts, self.skipped = self._scan.parts(), []
            look = self._look() if state.trusting and self.kinds is None else None
        report(state.stage, 0, len(self.parts))
        before = state
        given_up, done, row, first_id = -1, 0, 0, 0
        good: list[Part] = []
        for part, item in ahead(lambda: self._items(look), _READ_AHEAD):
            if part.number == given_up:
                continue
            if row == 0 and self.job.skip_bad:
                before = state.copied()
            try:
                if isinstance(item, Exception):
                    raise item
                if item is not None:
                    self._take(state, part, item, first_id, row)
                    row += item.num_rows
                    continue
                good.append(part)
                first_id += row
            except ChangedError:
                # Not bad in itself, and read already in another pass.
                raise
            except (OSError, ValueError, TypeError) as error:
                if not self.job.skip_bad:
                    kind = OSError if isinstance(error, OSError) else ValueError
                    raise kind(f"{error}; --skip-bad leaves such files out") from error
                state = before
                self.skipped.append({"path": part.path, "error": " ".join(str(error).split())})
                given_up = part.number
            done, row = done + 1, 0
            report(state.stage, done, len(self.parts))
        self.parts = good
        check_some_left(self.parts, self.skipped, first_id)
        if isinstance(state, Survey):
            self._check_survey(state)
        return state

    def _look(self) -> Look:
        """A glance at rows without an anomaly is enough for a survey."""

        def instead(group: RowGroup) -> Glance | None:
            labels = None if group.beside is None else lambda: self._labels(group.beside.column(0))
            return glance(self.spec, group.num_rows, lambda: self._rows("", group.ends, 0), labels)

        return Look(instead, () if self._label is None else (self._label,))

    def _items(self, look: Look | None) -> Iterator[tuple[Part, Any]]:
        """The batches of each file, then None for its end or what went wrong with it."""
        for part in self.parts:
            try:
                for batch in self._scan.batches(part, look):
                    if batch.num_rows:
                        yield part, batch
            except (OSError, ValueError) as error:
                yield part, error
            else:
                yield part, None

    def _labels(self, column: Any) -> Labels:
        return read_labels(f"the label column {self._label!r}", column, written=self.typeless)

    def _take(self, state: Any, part: Part, batch: Any, first_id: int, row: int) -> None:
        if isinstance(batch, Glance):
            state.glance(batch)
            return
        labels = None if self._label is None else self._labels(batch.column(len(self.features)))
        self.dictionaries.add(batch)
        state.update(self._rows(part.path, batch, row, part.lacks), labels, first_id + row)

    def _check_survey(self, survey: Survey) -> None:
        """What is wrong with the labels is told in the words of the shell, before the search."""
        rule, found = self.spec.rule, survey.counts.n_anomalies
        if rule is None:
            return
        rule.check_met(self.spec.where, survey.counts.labels, survey.written)
        check_room(self.job, self.spec, found)


def _ignored(job: Job) -> list[str]:
    return list(dict.fromkeys([*job.ignore, *([] if job.id is None else [job.id])]))
