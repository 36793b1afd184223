"""Options that several commands share, in their groups, and how their values are read."""

import re
import reprlib
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from nngmix.files.csv_format import CsvFormat
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import LARGEST_ELEMENT
from nngmix.parameters.mixture import Mixture, Noise
from nngmix.rows.asked_columns import Features

__all__ = [
    "SEED",
    "categorical_option",
    "column_options",
    "complete_path",
    "csv_format",
    "csv_options",
    "label_options",
    "mixture",
    "mixture_options",
    "neighbor_options",
    "noise_option",
    "parse_amount",
    "parse_size",
    "plan_options",
    "scale_name",
    "thread_option",
    "weight_option",
    "whole_options",
]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30}
_MIXTURE = ("noise_std", "alpha", "beta", "unlabeled_fraction")

_LABEL = "Column of the labels. In an NPZ: the array y unless named."
_ANOMALY = (
    "Label of the known anomalies; repeatable: new rows are made within each, with its label. In an NPZ: 1 "
    "unless given."
)
_UNLABELED = (
    "Label of the unlabelled rows; repeatable. Without --anomaly all other values are anomalies; with it "
    "third values take no part."
)
_IGNORE = "A column that is no feature; repeatable. It stays in the output and is empty for new rows."
_FEATURE = (
    "Only columns named so are features; repeatable. Also the way to ask for an index or a partition key."
)
_CATEGORICAL = (
    "A feature that holds categories, which new rows take from one parent; repeatable. auto: those of texts, "
    "of categories and of booleans."
)
_WEIGHT = (
    "What two categories that differ add to a squared distance; 1 unless given. Needed with --scale none."
)
_MISSING = (
    "Rows with a missing or infinite feature: an error; skip them: they stay, are not used, counted; or keep "
    "them: new rows miss what one parent misses, and only infinite values are an error."
)
_WHOLE = (
    "A column of whole numbers, which new rows hold there too, or of dates; repeatable. auto: those whose "
    "every value is whole; none: no column."
)
_CLIP = "Keep new values within the range of the unlabelled rows, or of the anomalies, column by column."
_DELIMITER = "CSV: what stands between values, such as ';' or tab. A comma, in .tsv a tab, unless given."
_THOUSANDS = "CSV: what groups digits, such as ',' in 1,234.5."
_ENCODING = "CSV: encoding of the text, such as cp1252."
_PLAN = "Add what each new row is made of: anchor, partner, pool, lam."
_MARK = "Add a column of this name that is true for new rows and false for old ones."
_SCALE = "Scale of the features for search and noise; rows come back in the units of INPUT."
_NEIGHBORS = (
    "The partner is one of this many nearest unlabelled rows; with a dot (0.5) that multiple of the "
    "anomalies."
)
_NEIGHBORS_ANOMALY = "The same among the anomalies, where each counts itself."
_NOISE = (
    "Standard deviation of the noise, on scaled features; auto: twice the median distance from an anomaly to "
    "an unlabelled neighbour, for networks on wide tables."
)
_THREADS = "Threads: as many as there are unless given."

# A number that repeats the run.
SEED = click.IntRange(min=0)


def _parse_neighbors(_: click.Context, __: click.Parameter, text: str) -> int | float:
    """A count, or with a dot a multiple of the anomalies."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError as error:
        raise click.BadParameter(f"expected a count, or with a dot a multiple, got {text!r}") from error


def _parse_noise(_: click.Context, __: click.Parameter, text: str) -> Noise:
    """A number or "auto", whose range is checked with the other parameters."""
    try:
        return "auto" if text == "auto" else float(text)
    except ValueError as error:
        raise click.BadParameter(f"expected a number or auto, got {text!r}") from error


def _parse_columns(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> Features:
    """Names of columns, or alone one of the words for all that show what is asked for, and for none."""
    if not names or names == ("none",):
        return None
    if names == ("auto",):
        return "auto"
    for word in ("auto", "none"):
        if word in names:
            raise click.BadParameter(f"{word!r} stands alone, got {', '.join(names)}")
    return names


def parse_name(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    """A name that files can hold."""
    try:
        (name or "").encode()
    except UnicodeEncodeError:
        raise click.BadParameter(f"a name is UTF-8, got {name!r}") from None
    return name


def parse_amount(_: click.Context, __: click.Parameter, text: str) -> Amount:
    """``10x``, ``10%`` or a count."""
    try:
        return Amount.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def parse_size(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """``1GiB``, ``800MB`` or a number of bytes."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]I?)?B?", text.strip().upper())
    if match is None:
        raise click.BadParameter(f"expected a size such as 1GiB or 800MB, got {text!r}")
    size = float(match[1]) * _UNITS[match[2] or ""]
    if size > LARGEST_ELEMENT:
        raise click.BadParameter(f"expected a size that memory can have, got {reprlib.repr(text)}")
    return int(size)


def complete_path(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What the shell completes itself: files and folders."""
    return [CompletionItem(incomplete, type="file")]


def _group(*options: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    """Several options as one, in the order in which the help shows them."""

    def add(command: Decorated) -> Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return add


label_options = _group(
    click.option("--label", metavar="COLUMN", help=_LABEL),
    click.option("--anomaly", multiple=True, metavar="VALUE", help=_ANOMALY),
    click.option("--unlabeled", multiple=True, metavar="VALUE", help=_UNLABELED),
)
categorical_option = click.option(
    "--categorical",
    "categorical_features",
    multiple=True,
    metavar="COLUMN",
    callback=_parse_columns,
    help=_CATEGORICAL,
)
weight_option = click.option(
    "--categorical-weight", type=click.FloatRange(min=0), metavar="WEIGHT", help=_WEIGHT
)
column_options = _group(
    click.option("--ignore", multiple=True, metavar="COLUMN", help=_IGNORE),
    click.option("--feature", "features", multiple=True, metavar="COLUMN", help=_FEATURE),
    categorical_option,
    click.option("--missing", type=click.Choice(["error", "skip", "keep"]), default="error", help=_MISSING),
)
whole_options = _group(
    click.option(
        "--whole",
        "whole_features",
        multiple=True,
        default=["auto"],
        metavar="COLUMN",
        callback=_parse_columns,
        help=_WHOLE,
    ),
    click.option("--clip", type=click.Choice(["unlabeled", "anomaly"]), help=_CLIP),
)
csv_options = _group(
    click.option("--delimiter", metavar="MARK", help=_DELIMITER),
    click.option("--decimal", metavar="MARK", default=".", help="CSV: the decimal mark of numbers."),
    click.option("--thousands", metavar="MARK", help=_THOUSANDS),
    click.option("--encoding", metavar="NAME", default="utf-8", help=_ENCODING),
)
plan_options = _group(
    click.option("--plan", is_flag=True, help=_PLAN),
    click.option("--mark", metavar="COLUMN", callback=parse_name, help=_MARK),
    click.option("--seed", type=SEED, help="Same data, options and seed: the same output."),
)
neighbor_options = _group(
    weight_option,
    click.option("--scale", type=click.Choice(["minmax", "standard", "none"]), default="minmax", help=_SCALE),
    click.option("--n-neighbors", default="10", metavar="COUNT", callback=_parse_neighbors, help=_NEIGHBORS),
    click.option(
        "--n-neighbors-anomaly",
        default="10",
        metavar="COUNT",
        callback=_parse_neighbors,
        help=_NEIGHBORS_ANOMALY,
    ),
)
noise_option = click.option(
    "--noise-std", metavar="FLOAT|auto", default="0.01", show_default=True, callback=_parse_noise, help=_NOISE
)
mixture_options = _group(
    noise_option,
    click.option(
        "--alpha", default=0.2, help="First parameter of the Beta-distributed weight of the anomaly."
    ),
    click.option("--beta", default=0.2, help="Second parameter of that weight."),
    click.option("--unlabeled-fraction", default=0.5, help="Share of new rows mixed with an unlabelled row."),
)
thread_option = click.option("--n-threads", type=click.IntRange(min=1), help=_THREADS)


def csv_format(options: dict[str, Any]) -> CsvFormat:
    """Take these options out of all; a usage error for marks that cannot be."""
    given = {name: options.pop(name) for name in ("delimiter", "decimal", "thousands", "encoding")}
    try:
        return CsvFormat(**given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def scale_name(given: str) -> str | None:
    """What the functions call the scale."""
    return None if given == "none" else given


def mixture(options: dict[str, Any]) -> Mixture:
    """Take the options of the mixture out of all."""
    return Mixture(*(options.pop(name) for name in _MIXTURE))
