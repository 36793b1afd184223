"""Options that several commands share, and how their values are read."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from nngmix.files.csv_format import CsvFormat

__all__ = ["csv_format", "csv_options", "parse_size"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30}

_CSV = (
    click.option(
        "--delimiter",
        metavar="MARK",
        help="CSV: what stands between values, such as ';' or tab. A comma, in .tsv a tab, unless given.",
    ),
    click.option("--decimal", metavar="MARK", default=".", help="CSV: the decimal mark of numbers."),
    click.option("--thousands", metavar="MARK", help="CSV: what groups digits, such as ',' in 1,234.5."),
    click.option(
        "--encoding", metavar="NAME", default="utf-8", help="CSV: encoding of the text, such as cp1252."
    ),
)


def csv_options(command: Decorated) -> Decorated:
    """Add the options that say how a CSV is written."""
    for option in reversed(_CSV):
        command = option(command)
    return command


def csv_format(options: dict[str, Any]) -> CsvFormat:
    """Take these options out of all; a usage error for marks that cannot be."""
    given = {name: options.pop(name) for name in ("delimiter", "decimal", "thousands", "encoding")}
    try:
        return CsvFormat(**given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def parse_size(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """``1GiB``, ``800MB`` or a number of bytes."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]I?)?B?", text.strip().upper())
    if match is None:
        raise click.BadParameter(f"expected a size such as 1GiB or 800MB, got {text!r}")
    return int(float(match[1]) * _UNITS[match[2] or ""])
