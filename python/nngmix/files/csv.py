"""The one reader of CSV, in blocks: whatever reads a CSV gets these rows, these types and these errors.

Arrow cuts the text into cells, all of them texts; numbers are made of them here, once. So the type of a
column is no matter of what stands in its first rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.columns import Header
from nngmix.files.csv_faults import explained
from nngmix.files.csv_format import CsvFormat
from nngmix.files.csv_numbers import bare_cells, doubles, misfit_error
from nngmix.files.csv_text import CsvText, shown
from nngmix.files.read_ahead import ahead
from nngmix.files.schema import cast_column
from nngmix.files.source import Reading, Source

__all__ = ["CsvSource"]

_INTEGER = r"^\s*[+-]?[0-9]*\s*$"


class CsvSource(Source):
    """A CSV, compressed or not.

    Parameters
    ----------
    path : str
    csv_format : CsvFormat
    """

    def __init__(self, path: str, csv_format: CsvFormat) -> None:
        super().__init__(path)
        self.format = csv_format

    def counts_rows(self, name: str) -> bool:
        text = CsvText(self.path, self.format)
        at = [position for position, there in enumerate(text.names) if there == name]
        first = next(_blocks(text, at), None)
        return first is None or all(_no_counter(first.column(j)) is None for j in range(len(at)))

    def _header(self) -> Header:
        return Header(CsvText(self.path, self.format).names, typeless=True)

    def _batches(self, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
        pa = arrow()
        text = CsvText(self.path, self.format)
        at = {name: position for position, name in enumerate(text.names)}
        counters = [position for position, name in enumerate(text.names) if name in reading.counters]
        row = 0
        positions = [*(at[name] for name in columns), *counters]
        # The next block is cut into cells while numbers are made of this one.
        for block in ahead(lambda: _blocks(text, positions), 1):
            values = block.columns
            for position, column in zip(counters, values[len(columns) :], strict=False):
                self._check_counter(text.names[position], column, row)
            arrays = self._converted(dict(zip(columns, values, strict=False)), reading, row)
            batch = pa.RecordBatch.from_arrays(arrays, names=list(columns))
            for start in range(0, len(block), reading.most_rows):
                yield batch.slice(start, reading.most_rows)
            row += len(block)

    def _converted(self, columns: Mapping[str, Any], reading: Reading, row: int) -> list[Any]:
        others = {*reading.texts, *reading.types}
        numbers = {name: values for name, values in columns.items() if name not in others}
        made, misfits = doubles(numbers, self.format, row)
        if misfits:
            raise misfit_error(self.path, misfits, self.format)
        converted = dict(zip(numbers, made, strict=True))
        for name, kind in reading.types.items():
            if name in columns:
                cells = bare_cells(columns[name], kind)
                nothing = arrow().types.is_null(kind)
                converted[name] = (
                    arrow().nulls(len(cells)) if nothing else cast_column(cells, kind, self.path, name, row)
                )
        return [converted.get(name, values) for name, values in columns.items()]

    def _check_counter(self, name: str, column: Any, row: int) -> None:
        at = _no_counter(column)
        if at is not None:
            raise ValueError(
                f"{self.path} holds {column[at].as_py()!r} at row {row + at}, column {name!r}, which was "
                "left out because it counts rows further up: name the column in the header line if it is a "
                "feature, or leave it out with --ignore"
            )


def _blocks(text: CsvText, positions: Sequence[int]) -> Iterator[Any]:
    """The blocks of the text; errors of Arrow become ours."""
    end = len(text.names) - 1
    # The last cell of the file shows whether its quotation mark is closed: Arrow does not mind.
    read = [*positions, end] if end not in positions else positions
    row, cell = 0, None
    try:
        for block in text.blocks(read):
            if len(block):
                cell = block.column(read.index(end))[-1].as_py()
            row += len(block)
            yield block
    except (UnicodeDecodeError, arrow().ArrowInvalid) as error:
        raise explained(text, error, positions) from error
    if cell is not None and text.is_open(cell):
        raise ValueError(
            f"{text.path}: a quotation mark is opened at row {row - 1} (counted from 0) and not closed: "
            f"{shown(cell)}"
        )


def _no_counter(column: Any) -> int | None:
    """The first cell that is neither an integer nor empty."""
    compute = arrow().compute
    at = compute.index(compute.match_substring_regex(column, _INTEGER), False).as_py()
    return None if at < 0 else int(at)
