"""The file of results: one line a cell, appended as it is measured, safe against a kill at any moment."""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

__all__ = ["COLUMNS", "KEY", "append", "key_of", "opened", "read_rows"]

KEY = (
    "group",
    "dataset",
    "checksum",
    "protocol",
    "max_rows",
    "min_labels",
    "labels",
    "seed",
    "detector",
    "version",
    "method",
    "amount",
)
COLUMNS = (
    *KEY,
    "auroc",
    "average_precision",
    "precision_at_20",
    "precision_at_100",
    "n_labeled",
    "n_unlabeled",
    "n_hidden",
    "n_new",
    "n_features",
    "n_test",
    "n_test_anomalies",
    "make_seconds",
    "fit_seconds",
    "error",
)
_NUMBERS = COLUMNS[len(KEY) : -1]


def key_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """What tells the cell of this row from all others.

    Parameters
    ----------
    row : mapping of str to str
        As `read_rows` gives it, or the key of a cell.

    Returns
    -------
    tuple of str

    Raises
    ------
    KeyError
        For a row that is none of results.
    """
    return tuple(row[name] for name in KEY)


def _line(values: Mapping[str, Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([values.get(name, "") for name in COLUMNS])
    return text.getvalue()


def append(file: IO[bytes], row: Mapping[str, Any]) -> None:
    """Write one row in one piece and hand it to the system at once."""
    file.write(_line(row).encode())
    file.flush()


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """The file for appending, its torn last line taken off; refused if another run writes to it."""
    header = _line({name: name for name in COLUMNS}).encode()
    with open(path, "a+b") as file:
        _lock(file, path)
        file.seek(0)
        content = file.read()
        if content and not header.startswith(content[: len(header)]):
            whose = "a file of another version" if content.startswith(b"group,") else "no file of results"
            raise ValueError(f"{path}: exists and is {whose}; choose another --output")
        whole = content.rfind(b"\n") + 1
        if whole < len(header):
            file.truncate(0)
            file.write(header)
        elif whole < len(content):
            file.truncate(whole)
        file.flush()
        yield file


def _lock(file: IO[bytes], path: str) -> None:
    try:
        import fcntl
    except ImportError:  # Windows, where a file open for writing is guarded by its user alone.
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ValueError(f"{path}: another run is writing to it") from error


def read_rows(path: str) -> list[dict[str, str]]:
    """Read a file of results, without a torn last line.

    Parameters
    ----------
    path : str

    Returns
    -------
    list of dict
        Texts by the names of their columns; empty if there is no such file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged: says in which line.
    """
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        content = file.read()
    content = content[: content.rfind(b"\n") + 1]
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _damaged(path, content.count(b"\n", 0, error.start) + 1, "bytes that are not UTF-8") from None
    return _rows(path, text) if text else []


def _rows(path: str, text: str) -> list[dict[str, str]]:
    """The rows of whole lines; none is taken for a result that cannot have been written as it stands."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    measured: dict[tuple[str, ...], int] = {}
    line = 1
    try:
        # Those of another version are read as well, by whoever compares versions; `opened` refuses them.
        names = next(lines)
        keyed = set(KEY) <= set(names)
        # A line break in quotes is part of a cell: a row is where it begins.
        line = lines.line_num + 1
        for cells in lines:
            if cells:
                if len(cells) != len(names):
                    raise _damaged(path, line, f"{len(cells)} values for {len(names)} columns")
                row = dict(zip(names, cells, strict=True))
                _check_numbers(path, line, row)
                # One that failed is rightly there again when it was tried again.
                key = key_of(row) if keyed else ()
                if key in measured:
                    raise _damaged(path, line, f"measured already in line {measured[key]}")
                if keyed and not row.get("error"):
                    measured[key] = line
                rows.append(row)
            line = lines.line_num + 1
    except csv.Error as error:
        raise _damaged(path, line, f"no line of CSV: {error}") from None
    return rows


def _check_numbers(path: str, line: int, row: Mapping[str, str]) -> None:
    for name in _NUMBERS:
        value = row.get(name)
        # A cell that failed has none.
        if value is None or (value == "" and row.get("error")):
            continue
        try:
            # Python takes underscores between digits, which nobody writes here and pandas does not read.
            float(value.replace("_", "?"))
        except ValueError:
            raise _damaged(path, line, f"{name} must be a number, got {value!r}") from None


def _damaged(path: str, line: int, what: str) -> ValueError:
    return ValueError(f"{path}, line {line}: {what}; choose another --output or mend it")
