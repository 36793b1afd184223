"""What columns of CSV hold where categories are asked for: all their cells say so, in one pass."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.csv_format import CsvFormat
from nngmix.files.csv_numbers import cell_examples, disguised, narrowest_type
from nngmix.files.source import Reading, Source

__all__ = ["CellTypes", "cell_types"]

# Types of columns by their names.
CellTypes = dict[str, Any]

_BATCH_ROWS = 1 << 16


def cell_types(
    sources: Sequence[Source], there: Sequence[Collection[str]], columns: Collection[str], auto: bool
) -> list[CellTypes]:
    """The Arrow types of columns of CSV files as categories; None for a column of numbers.

    Parameters
    ----------
    sources : sequence of CsvSource
    there : sequence of collection of str
        The columns of each.
    columns : collection of str
        Those that may hold categories.
    auto : bool
        The cells of each file say whether a column holds categories: those of texts and of booleans do.
        Otherwise all do, and have in all files the narrowest type that holds every cell.

    Returns
    -------
    list of dict of str to pyarrow.DataType
        For each file; null for a column without a cell. A file that cannot be read has none: that is said
        when it is read.

    Raises
    ------
    ValueError
        For a column that may hold texts or numbers, by what its cells show.
    """
    found: list[CellTypes] = []
    distinct: dict[str, set[str]] = {name: set() for name in columns}
    for source, names in zip(sources, there, strict=True):
        wanted = [name for name in columns if name in names]
        seen = {name: _Seen() for name in wanted}
        try:
            for batch in source.batches(wanted, Reading(_BATCH_ROWS, 1 << 28, wanted)):
                for name, cells in zip(wanted, batch.columns, strict=True):
                    if auto:
                        seen[name].add(cells, source.format)  # type: ignore[attr-defined]
                    else:
                        distinct[name].update(cells.unique().drop_null().to_pylist())
        except (OSError, ValueError):
            wanted = []
        if auto:
            found.append({name: seen[name].type(source.path, name, source.format) for name in wanted})  # type: ignore[attr-defined]
        else:
            found.append(dict.fromkeys(wanted))
    if not auto:
        pa = arrow()
        types = {name: narrowest_type(cells) if cells else pa.null() for name, cells in distinct.items()}
        found = [{name: types[name] for name in there} for there in found]
    return found


@dataclass
class _Seen:
    """Examples of what the cells of a column are, each with its row."""

    examples: dict[str, tuple[str, int]] = field(default_factory=dict)
    n_rows: int = 0

    def add(self, cells: Any, csv: CsvFormat) -> None:
        for kind, (text, row) in cell_examples(cells, csv).items():
            self.examples.setdefault(kind, (text, self.n_rows + row))
        self.n_rows += len(cells)

    def type(self, path: str, name: str, csv: CsvFormat) -> Any:
        """The type of categories; None for numbers."""
        pa = arrow()
        text, number = self.examples.get("text"), self.examples.get("number")
        if text is None:
            if number is not None:
                return None
            return pa.bool_() if "boolean" in self.examples else pa.null()
        why = disguised(text[0], csv)
        if number is not None:
            if text[0].strip() == name.strip():
                why = "it looks like the header line repeated, delete that line"
            why = why or "empty such cells if a value is missing"
            both = f" and {number[0]!r} at row {number[1]}"
        elif why is not None:
            both = ""
        else:
            return pa.string()
        raise ValueError(
            f"{path} holds {text[0]!r} at row {text[1]}{both}, column {name!r}: {why}; if all its values are "
            f"categories, name the column with --categorical {name!r} (rows count from 0)"
        )
