"""How a CSV is written: what stands between values and within numbers, and how its text is encoded."""

import codecs
from dataclasses import dataclass

__all__ = ["CsvFormat"]

_TABS = {"tab", "\\t", "\t"}


@dataclass(frozen=True)
class CsvFormat:
    """What a CSV does not say of itself.

    Parameters
    ----------
    delimiter : str, optional
        One character between values; ``"tab"`` is one, too. Default: a comma, and a tab in .tsv files.
    decimal : str, default="."
        The decimal mark of numbers.
    thousands : str, optional
        What groups the digits of numbers, such as ``","``.
    encoding : str, default="utf-8"
        The encoding of the text, such as ``"cp1252"``.

    Raises
    ------
    ValueError
        For marks that are not one character each, or not different, and unknown encodings.
    """

    delimiter: str | None = None
    decimal: str = "."
    thousands: str | None = None
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        if self.delimiter is not None and self.delimiter.lower() in _TABS:
            object.__setattr__(self, "delimiter", "\t")
        marks = {"delimiter": self.delimiter, "decimal": self.decimal, "thousands": self.thousands}
        given = {name: mark for name, mark in marks.items() if mark is not None}
        for name, mark in given.items():
            # A byte of the command line that is not UTF-8 comes as half of a pair, which is no character.
            if len(mark) != 1 or mark in '"\r\n' or "\ud800" <= mark <= "\udfff":
                raise ValueError(f"--{name} must be one character, got {mark!r}")
            if name != "delimiter" and (mark.isalnum() or mark in "+-"):
                raise ValueError(f"--{name} cannot be {mark!r}, which stands in numbers itself")
        if self.delimiter is not None and len(self.delimiter.encode()) > 1:
            raise ValueError(f"--delimiter must be an ASCII character, got {self.delimiter!r}")
        if self.decimal == self.thousands:
            raise ValueError(f"--decimal and --thousands must differ, got {self.decimal!r} for both")
        try:
            encoding = codecs.lookup(self.encoding).name
            # Some that Python knows are none of texts, such as base64.
            "a".encode(self.encoding, "surrogateescape")
        except (LookupError, UnicodeError) as error:
            raise ValueError(
                f"--encoding must name one that Python knows, such as utf-8, cp1252 or latin-1, got "
                f"{self.encoding!r}"
            ) from error
        # A mark at the start of UTF-8 is passed by in any case.
        object.__setattr__(self, "encoding", "utf-8" if encoding == "utf-8-sig" else encoding)
