"""Files as batches of rows, labels and ids: one pass after the other, in bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nngmix.files.csv_format import CsvFormat
from nngmix.files.new_columns import known_types
from nngmix.files.read_ahead import ahead
from nngmix.files.reader import check_roles, chosen_features, no_rows, read_table
from nngmix.files.scan import Part, Scan
from nngmix.files.table import IN_FILES, check_asked
from nngmix.neighbors.table import SEARCH_VALUES
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import Labels, read_labels
from nngmix.rows.names import check_known
from nngmix.rows.refusal import Advice
from nngmix.rows.rows import Known, Rows, as_rows

__all__ = ["Batch", "RankInputs"]

_READ_AHEAD = 4
# Rows that a model scores: which columns are features is not asked any more.
_TO_COME = Advice(
    types="the model needs numbers in this column",
    values="fill it, or give such rows no score with --missing skip (rows count from 0)",
)


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of the files.

    Attributes
    ----------
    first_row : int
        Number of the first among all rows.
    rows : Rows
    labels : Labels or None
    ids : pyarrow.Array or None
    """

    first_row: int
    rows: Rows
    labels: Labels | None = None
    ids: Any = None


@dataclass
class RankInputs:
    """Tables whose rows are ranked.

    Parameters
    ----------
    sources : sequence of str
        Files, folders and patterns, which are one table; or one NPZ, which is read whole.
    label : str, optional
        Column of the labels.
    features : sequence of str, optional
        The columns that are features; none means all but the label, the ignored ones and the id.
    ignore : sequence of str, optional
    id : str, optional
        A column that tells rows apart.
    csv : CsvFormat, optional
    columns : ColumnsAsked, optional
        Which features hold categories, and whether values may be missing.
    known : Known, optional
        The columns of a model, whose kinds these must have.

    Attributes
    ----------
    like : Rows
        No rows, but names and types of the features.
    left_out : dict of str to str
        Columns that are no features although nobody said so, and why.
    """

    sources: Sequence[str]
    label: str | None = None
    features: Sequence[str] = ()
    ignore: Sequence[str] = ()
    id: str | None = None
    csv: CsvFormat = field(default_factory=CsvFormat)
    columns: ColumnsAsked = field(default_factory=ColumnsAsked)
    known: Known | None = None

    def __post_init__(self) -> None:
        check_roles(self.label, self.ignore, self.features, self.id)
        self._table: Any = None
        if any(source.lower().endswith(".npz") for source in self.sources):
            self._read_npz()
        else:
            self._scan_files()

    def _read_npz(self) -> None:
        if len(self.sources) > 1:
            raise ValueError(f"an NPZ is read whole, and alone: got {len(self.sources)} files")
        self._table = table = read_table(
            self.sources[0], self.label, self.ignore, id=self.id, asked=self.columns
        )
        rows = table.rows
        self.like = rows if not self.features else rows.matched(tuple(self.features), "the model")
        self.left_out, self.where = dict(table.left_out), f"the labels {self.label!r} of {self.sources[0]}"

    def _scan_files(self) -> None:
        texts = [name for name in (self.label, self.id) if name is not None]
        ignored = [*self.ignore, *([] if self.id is None else [self.id])]
        types = None if self.known is None else known_types(self.known)
        categorical = types or self.columns.categorical_features
        scan = Scan(self.sources, csv=self.csv, text=texts, ignore=ignored, categorical=categorical)
        check_known(scan.files[0], [*texts, *self.features], scan.names)
        self.features = chosen_features(scan, self.label, self.features)
        check_asked(scan.files[0], self.columns, self.features)
        self.left_out = {name: why for name, why in scan.left_out.items() if name not in self.features}
        n_rows = max(1024, SEARCH_VALUES // len(self.features))
        self._scan = scan.select([*self.features, *texts], text=texts, batch_rows=n_rows)
        n_files = len(scan.files)
        of = scan.files[0] if n_files == 1 else f"the {n_files} files"
        self.where = f"the label column {self.label!r} of {of}"
        self.like = no_rows(self._scan, self._rows)

    def batches(self) -> Iterator[Batch]:
        """All rows, in their order.

        Yields
        ------
        Batch
        """
        if self._table is not None:
            yield self._whole_npz()
            return
        for part, batch, first, row in ahead(self._read, _READ_AHEAD):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            labels = None
            if self.label is not None:
                labels = read_labels(self.where, columns[self.label], written=self._scan.typeless)
            ids = None if self.id is None else columns[self.id]
            yield Batch(first, self._rows(part.path, batch, row, part.lacks), labels, ids)

    def _read(self) -> Iterator[tuple[Part, Any, int, int]]:
        first = 0
        for part in self._scan.parts():
            row = 0
            for batch in self._scan.batches(part):
                if batch.num_rows:
                    yield part, batch, first, row
                row, first = row + batch.num_rows, first + batch.num_rows
        if first == 0:
            raise ValueError(f"{self._scan.files[0]}: there are no rows")

    def _rows(self, name: str, batch: Any, row: int, lacks: Sequence[str] = ()) -> Rows:
        # By number: names would be looked up one by one.
        features = batch.select(range(len(self.features)))
        advice = (_TO_COME if self.label is None else IN_FILES).of_file(lacks)
        return as_rows(name, features, asked=self.columns, known=self.known, advice=advice, first_row=row)

    def _whole_npz(self) -> Batch:
        table = self._table
        labels = None if self.label is None else read_labels(self.where, table.labels)
        ids = None if table.id is None else table.ignored[table.id].combine_chunks()
        return Batch(0, self.like, labels, ids)
