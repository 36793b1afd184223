"""The text of a CSV: decompressed and decoded, its header line read and the rest cut into cells by Arrow."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.csv_format import CsvFormat
from nngmix.files.formats import format_of

__all__ = ["CsvText", "shown"]

# Bytes that are cut into cells at a time; a row must fit, and wide ones are long.
_BLOCK_BYTES = 1 << 23
_BYTES_OF_A_CELL = 512
_LARGEST_BLOCK = 1 << 30
# Bytes of the header and the row below it, columns, and characters of a name: what is longer is no table.
_LONGEST_TOP = 1 << 26
_MOST_COLUMNS = 1 << 20
_LONGEST_NAME = 1 << 12
# How files begin that are no CSV, whatever their ending says.
_OTHERS = {b"\x1f\x8b": ("gzip", ".csv.gz"), b"PAR1": ("Parquet", ".parquet"), b"ARROW1": ("Arrow", ".arrow")}
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")


class CsvText:
    """A CSV as text.

    Attributes
    ----------
    path : str
    format : CsvFormat
    delimiter : str
    names : tuple of str
        The header; a name may be there twice.
    block_bytes : int
        What is cut into cells at a time, and so the longest row.
    """

    def __init__(self, path: str, csv_format: CsvFormat) -> None:
        known = format_of(path)
        self.path, self.format, self._compression = path, csv_format, known.compression
        self.delimiter = csv_format.delimiter or ("\t" if known.ending == ".tsv" else ",")
        self.names = self._header()
        # The header is in the first block, and four bytes a character is the most there are.
        header = sum(4 * len(name) + 4 for name in self.names)
        wide = max(_BLOCK_BYTES, _BYTES_OF_A_CELL * len(self.names), 2 * header)
        self.block_bytes = min(_LARGEST_BLOCK, wide)

    def blocks(
        self, positions: Sequence[int], *, as_bytes: bool = False, numbered: bool = False
    ) -> Iterator[Any]:
        """Arrow batches of the columns at these positions of the header, as texts; an empty cell is null.

        Arrow's error for a row with too many or too few cells has its number if rows are `numbered`, which is
        slower. Arrow gets no handler of ours for such rows: one of its threads may be the last to let go of
        it, and if Python ends meanwhile, the process is aborted.
        """
        pa = arrow()
        # Columns go by number, for names may be there twice.
        names = [f"f{position}" for position in positions or [0]]
        options = {
            "read_options": pa.csv.ReadOptions(
                autogenerate_column_names=True,
                block_size=self.block_bytes,
                encoding=self.format.encoding,
                use_threads=not numbered,
            ),
            "parse_options": pa.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            "convert_options": pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary() if as_bytes else pa.string()),
                include_columns=names,
                strings_can_be_null=True,
                null_values=[""],
            ),
        }
        with self._open() as source:
            try:
                reader = pa.csv.open_csv(source, **options)
            except pa.ArrowInvalid as error:
                # To Arrow a header is no row as long as no line ends.
                if "Empty CSV file" in str(error):
                    return
                raise
            with reader:
                header = 1
                for block in reader:
                    yield block.slice(header)
                    header = 0

    def is_open(self, cell: str) -> bool:
        """Whether the last cell of the file begins with a quotation mark that is never closed."""
        if "\n" not in cell and "\r" not in cell:
            return False
        tail = b""
        with self._open() as source:
            while part := source.read(1 << 20):
                tail = (tail + part)[-64:]
        # The second byte is for encodings of two bytes.
        return b'"' not in tail.rstrip(b"\r\n\0")[-2:]

    def not_encoded(self, byte: int | None, where: str = "") -> ValueError:
        """The error for bytes that are no text in the encoding of the file."""
        asked = "UTF-8" if self.format.encoding == "utf-8" else self.format.encoding
        there = "" if byte is None else f", see the byte 0x{byte:02x}{where}"
        other = "cp1252" if self.format.encoding != "cp1252" else "latin-1"
        return ValueError(
            f"{self.path}: the text is not {asked}{there}; name its encoding, for instance --encoding {other}"
        )

    @contextmanager
    def _open(self) -> Iterator[Any]:
        pa = arrow()
        try:
            with pa.OSFile(self.path) as file:
                if self._compression is None:
                    yield file
                    return
                with pa.CompressedInputStream(file, self._compression) as stream:
                    yield stream
        except OSError as error:
            how = "" if self._compression is None else f" as {self._compression}"
            raise OSError(f"{self.path}: cannot be read{how}: {error}") from error

    def _header(self) -> tuple[str, ...]:
        with self._open() as source:
            head = io.BufferedReader(_Raw(source, self.path), 1 << 16)
            self._check_kind(head.peek(6))
            # What cannot be decoded below the header is reported when its row is read.
            encoding = "utf-8-sig" if self.format.encoding == "utf-8" else self.format.encoding
            text = io.TextIOWrapper(head, encoding, errors="surrogateescape", newline="")
            csv.field_size_limit(_LARGEST_BLOCK)
            rows = (row for row in csv.reader(text, delimiter=self.delimiter) if row)
            try:
                header, below = next(rows, None), next(rows, [])
            except csv.Error as error:
                raise ValueError(f"{self.path}: cannot be read as CSV: {error}") from error
            except UnicodeError as error:
                raise ValueError(
                    f"{self.path}: the text is not {encoding} ({error}): name its encoding with --encoding, "
                    "or leave that out if it is UTF-8"
                ) from error
        if header is None:
            raise ValueError(f"{self.path}: is empty: there is not even a header line")
        if len(header) > _MOST_COLUMNS:
            raise ValueError(
                f"{self.path}: the header line has {len(header):,} columns, more than {_MOST_COLUMNS:,}: the "
                "first line must name the columns, and lines end in line breaks"
            )
        self._check_first_line(self.delimiter.join(header), len(header) == len(below))
        bad = re.search("[\udc80-\udcff]", "".join(header))
        if bad is not None:
            raise self.not_encoded(ord(bad[0]) - 0xDC00, " in the header line")
        longest = max(header, key=len)
        if len(longest) > _LONGEST_NAME:
            raise ValueError(
                f"{self.path}: the header line holds a name of {len(longest)} characters, {shown(longest)}: "
                "the first line must name the columns"
            )
        if len(header) == 1:
            self._check_delimiter(header[0], below)
        return tuple(header)

    def _check_kind(self, start: bytes) -> None:
        wide = _wide_encoding(start[:6])
        if wide is not None and not self.format.encoding.startswith(("utf-16", "utf-32")):
            raise ValueError(
                f"{self.path}: the text is UTF-16 and not {self.format.encoding.upper()}: give --encoding "
                f"{wide}"
            )
        for magic, (what, ending) in _OTHERS.items():
            if start.startswith(magic):
                raise ValueError(f"{self.path}: is {what} and no CSV: its name must end in {ending}")

    def _check_first_line(self, line: str, matches: bool) -> None:
        """ValueError for a line above the header; `matches` says whether the row below has as many cells."""
        if line.startswith("#") and (not matches or self.delimiter not in line):
            raise ValueError(
                f"{self.path}: the line {shown(line)} looks like a comment: the first line must name the "
                "columns, delete what stands above it"
            )
        found = re.fullmatch(r"sep=(.)", line, re.I)
        if found is not None:
            name = "tab" if found[1] == "\t" else repr(found[1])
            raise ValueError(
                f"{self.path}: the line {line!r}, which Excel reads, stands above the header line: delete it "
                f"and give --delimiter {name}"
            )

    def _check_delimiter(self, header: str, below: Sequence[str]) -> None:
        """ValueError if one column is probably several."""
        counts = {mark: header.count(mark) for mark in ",;\t|" if mark != self.delimiter}
        mark = max(counts, key=counts.__getitem__)
        if counts[mark] == 0:
            if len(below) > 1:
                raise ValueError(
                    f"{self.path}: the header line {shown(header)} is one column, but the row below it has "
                    f"{len(below)} cells: the first line must name the columns, delete what stands above it"
                )
            return
        cells = self.delimiter.join(below).split(mark)
        comma = mark != "," and self.format.decimal != "," and any(map(_DECIMAL_COMMA.fullmatch, cells))
        name, more = "tab" if mark == "\t" else repr(mark), " --decimal ','" if comma else ""
        raise ValueError(
            f"{self.path}: the header line {shown(header)} is one column, for it holds no delimiter "
            f"{self.delimiter!r}; if {mark!r} stands between the columns, give --delimiter {name}{more}"
        )


def _wide_encoding(start: bytes) -> str | None:
    """How a text of two bytes a character begins: with a mark, or with every other byte nothing."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    even, odd = start[::2], start[1::2]
    if len(odd) < 2 or any(odd) == any(even):
        return None
    return "utf-16-be" if any(odd) else "utf-16-le"


class _Raw(io.RawIOBase):
    """A file of Arrow as Python's text reader wants it; who opened it closes it."""

    def __init__(self, source: Any, path: str) -> None:
        self.source, self.path, self.taken = source, path, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self.source.read(len(buffer))
        self.taken += len(content)
        if self.taken > _LONGEST_TOP:
            # Whoever waits for the end of a line without one would fill the memory.
            raise ValueError(
                f"{self.path}: the header and the row below it are longer than {_LONGEST_TOP >> 20} MiB, so "
                "that it is no CSV: the first line must name the columns, and lines end in line breaks"
            )
        buffer[: len(content)] = content
        return len(content)


def shown(text: str) -> str:
    """A text as messages show it."""
    return repr(text if len(text) <= 60 else text[:60] + "...")
