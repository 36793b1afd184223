"""What is wrong with a CSV, in the words of those who have the file: Arrow's errors, looked into."""

import re
from collections.abc import Sequence

from nngmix.files.arrow import arrow
from nngmix.files.csv_text import CsvText, shown

__all__ = ["explained"]

_WRONG_COUNT = re.compile(
    r"CSV parse error: (?:Row #(\d+): )?Expected (\d+) columns, got (\d+): (.*)", re.DOTALL
)


def explained(text: CsvText, error: Exception, positions: Sequence[int]) -> ValueError:
    """The error for an `error` of Arrow that was met in reading the columns at `positions`."""
    if isinstance(error, UnicodeDecodeError):
        return text.not_encoded(error.object[error.start])
    said = str(error)
    wrong = _WRONG_COUNT.fullmatch(said)
    if wrong is not None:
        return _wrong_count(text, wrong)
    if "invalid UTF8" in said:
        return _undecodable(text, positions)
    if "straddling" in said:
        return ValueError(
            f"{text.path}: a row is longer than {text.block_bytes >> 20} MiB: probably a quotation mark is "
            "opened and not closed; if every row is so long, write the table as Parquet"
        )
    return ValueError(f"{text.path}: cannot be read as CSV: {said.removeprefix('CSV parse error: ')}")


def _wrong_count(text: CsvText, wrong: re.Match[str]) -> ValueError:
    """A row with another number of cells than the header: read again to number it."""
    where = ""
    try:
        for _ in text.blocks([0], as_bytes=True, numbered=True):
            pass
    except arrow().ArrowInvalid as error:
        numbered = _WRONG_COUNT.fullmatch(str(error))
        if numbered is not None and numbered[1]:
            wrong = numbered
            # Arrow counts the header as row 1.
            where = f" at row {int(wrong[1]) - 2} (counted from 0)"
    _, expected, actual, row = wrong.groups()
    return ValueError(
        f"{text.path} has {actual} cells{where}, but the header line has {expected}: {shown(row)}; "
        f"{_way_out(row, int(actual) - int(expected), text.delimiter)}"
    )


def _way_out(row: str, more: int, delimiter: str) -> str:
    """What to do about a row with `more` cells than the header; Arrow ends long ones with three dots."""
    if not row.strip():
        return "it is blank: delete it"
    if row.lstrip().startswith("#"):
        return "it looks like a comment: delete such lines"
    if more == 1 and row.rstrip().endswith((delimiter, " ...")):
        return f"if every row ends with the delimiter {delimiter!r}, end the header line with it, too"
    return (
        f"a text that holds the delimiter {delimiter!r} must stand in quotation marks, and another delimiter "
        "is given with --delimiter"
    )


def _undecodable(text: CsvText, positions: Sequence[int]) -> ValueError:
    """The first cell that is no UTF-8: all are read again as bytes, at last those that nobody asked for."""
    return (
        _first_undecodable(text, positions)
        or _first_undecodable(text, range(len(text.names)))
        or (text.not_encoded(None))
    )


def _first_undecodable(text: CsvText, positions: Sequence[int]) -> ValueError | None:
    row = 0
    for block in text.blocks(positions, as_bytes=True):
        found = []
        for position, column in zip(positions, block.columns, strict=True):
            for at, cell in enumerate(column.to_pylist()):
                try:
                    (cell or b"").decode()
                except UnicodeDecodeError as error:
                    found.append((row + at, position, cell, cell[error.start]))
                    break
        if found:
            at, position, cell, byte = min(found)
            there = shown(cell.decode("utf-8", "replace"))
            return text.not_encoded(
                byte, f" at row {at} (counted from 0), column {text.names[position]!r}: {there}"
            )
        row += len(block)
    return None
