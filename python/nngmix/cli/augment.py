"""``nngmix augment``: tables with a few labelled anomalies in, new anomalies out."""

from typing import Any

import click

from nngmix.cli.command import Command
from nngmix.cli.one_file import augment_file
from nngmix.cli.options import csv_format, csv_options, parse_size
from nngmix.cli.volume import augment_files, is_volume
from nngmix.parameters.amount import Amount
from nngmix.parameters.mixture import Mixture

__all__ = ["augment"]

_OUTPUT = "Table to write, of a format that is read; may be INPUT. Without an ending: a folder of new rows."
_LABEL = "Column of the labels. In an NPZ: the array y unless named."
_ANOMALY = (
    "Label of the known anomalies; repeatable: new rows are made within each, with its label. In an NPZ: 1 "
    "unless given."
)
_UNLABELED = (
    "Label of the unlabelled rows; repeatable. Without --anomaly all other values are anomalies; with it "
    "third values take no part."
)
_AMOUNT = (
    "How many new rows: 10x is ten for each labelled anomaly; 10% is until the anomalies, old and new, are "
    "that share of the unlabelled rows; 500 is 500. Several labels share it by their numbers."
)
_IGNORE = "A column that is no feature; repeatable. It stays in the output and is empty for new rows."
_FEATURE = (
    "Only columns named so are features; repeatable. Also the way to ask for an index or a partition key."
)
_ID = "An ignored column that tells rows apart: with --plan its values come back as anchor_id and partner_id."
_MARK = "Add a column of this name that is true for new rows and false for old ones."
_MISSING = (
    "Rows with a missing or infinite feature: an error, or skip them: they stay, are not used, counted."
)
_SCALE = "Scale of the features for search and noise; rows come back in the units of INPUT."
_NEIGHBORS = (
    "The partner is one of this many nearest unlabelled rows; with a dot (0.5) that multiple of the "
    "anomalies."
)
_NEIGHBORS_ANOMALY = "The same among the anomalies, where each counts itself."
_PLAN = "Add what each new row is made of: anchor, partner, pool, lam."
_ANOMALIES = (
    "Into a folder: the labelled anomalies are the rows of this file, and all rows of INPUT are unlabelled."
)
_ROWS_PER_FILE = "Into a folder: rows of each file; 1000000 unless given."
_MEMORY = "Into a folder: memory to stay within, such as 1GiB; 2GiB unless given."
_WITH_OLD = "Into a folder: copy the Parquet files of INPUT there, too."
_SKIP_BAD = "Into a folder: leave out files that cannot be read or used, and say how many and why."


def _parse_amount(_: click.Context, __: click.Parameter, text: str) -> Amount:
    try:
        return Amount.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _parse_neighbors(_: click.Context, __: click.Parameter, text: str) -> int | float:
    """A count, or with a dot a multiple of the anomalies."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError as error:
        raise click.BadParameter(f"expected a count, or with a dot a multiple, got {text!r}") from error


@click.command(
    cls=Command, short_help="Add made anomalies to a table.", context_settings={"show_default": True}
)
@click.argument("sources", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, help=_OUTPUT)
@click.option("--label", metavar="COLUMN", help=_LABEL)
@click.option("--anomaly", multiple=True, metavar="VALUE", help=_ANOMALY)
@click.option("--unlabeled", multiple=True, metavar="VALUE", help=_UNLABELED)
@click.option("-n", "--amount", default="10%", metavar="AMOUNT", callback=_parse_amount, help=_AMOUNT)
@click.option("--ignore", multiple=True, metavar="COLUMN", help=_IGNORE)
@click.option("--feature", "features", multiple=True, metavar="COLUMN", help=_FEATURE)
@click.option("--id", metavar="COLUMN", help=_ID)
@click.option("--missing", type=click.Choice(["error", "skip"]), default="error", help=_MISSING)
@csv_options
@click.option("--only-new", is_flag=True, help="Write only the new rows.")
@click.option("--plan", is_flag=True, help=_PLAN)
@click.option("--mark", metavar="COLUMN", help=_MARK)
@click.option("--seed", type=click.IntRange(min=0), help="Same data, options and seed: the same output.")
@click.option("--scale", type=click.Choice(["minmax", "standard", "none"]), default="minmax", help=_SCALE)
@click.option("--n-neighbors", default="10", metavar="COUNT", callback=_parse_neighbors, help=_NEIGHBORS)
@click.option(
    "--n-neighbors-anomaly", default="10", metavar="COUNT", callback=_parse_neighbors, help=_NEIGHBORS_ANOMALY
)
@click.option("--noise-std", default=0.01, help="Standard deviation of the noise, on scaled features.")
@click.option("--alpha", default=0.2, help="First parameter of the Beta-distributed weight of the anomaly.")
@click.option("--beta", default=0.2, help="Second parameter of that weight.")
@click.option("--unlabeled-fraction", default=0.5, help="Share of new rows mixed with an unlabelled row.")
@click.option("--anomalies", metavar="FILE", help=_ANOMALIES)
@click.option("--rows-per-file", type=click.IntRange(min=1), metavar="ROWS", help=_ROWS_PER_FILE)
@click.option("--memory", metavar="SIZE", callback=parse_size, help=_MEMORY)
@click.option("--with-old", is_flag=True, help=_WITH_OLD)
@click.option("--skip-bad", is_flag=True, help=_SKIP_BAD)
@click.option("--resume", is_flag=True, help="Into a folder: go on with the run that is there.")
@click.option("--n-threads", type=click.IntRange(min=1), help="Threads: as many as there are unless given.")
def augment(sources: tuple[str, ...], output: str, **options: Any) -> None:
    """Add made anomalies to the table INPUT.

    The rows of INPUT come first, unchanged and in order; features that are integers or booleans are written
    as floats. Rows that do not carry the anomaly's label, or none, count as unlabelled. Ignored columns are
    empty for new rows. Row numbers count from 0. The output is written beside its name and renamed, so that
    nothing is ever half written. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped.

    \b
    nngmix augment shuttle.csv --label anomaly --anomaly 1 -n 10x -o more.csv
    nngmix augment flows.parquet --label class --anomaly attack --ignore id --ignore time -o more.csv
    nngmix augment flows.csv.gz --label kind --anomaly smurf. --anomaly satan. -o more.parquet
    nngmix augment flows.csv.gz --label kind --unlabeled normal. --missing skip --mark made -o more.csv
    nngmix augment cover.npz -n 500 --only-new --plan --seed 7 -o new.npz

    FILES. Read and written: .csv, .tsv, .txt and .data, also with .gz, .bz2 or .zst; .parquet and .pq;
    .feather, .arrow and .ipc; .npz with X and y, and perhaps columns. All columns but the label and the
    ignored ones are features and must hold numbers: float32 stays float32 if all are, everything else
    becomes float64, and an integer that float64 would change is refused. Not features unless asked for with
    --feature: the index of a pandas table, a column without a name that counts rows, the keys of a
    partitioned path (day=3/); the summary names them. In CSV a label is the same however its number is
    written (1, 1.0).

    \b
    nngmix augment betrag.csv --delimiter ';' --decimal , --label art --anomaly Betrug -o more.csv
    nngmix augment web.csv --encoding cp1252 --label Label --anomaly Bot --id flow --plan -o more.parquet

    AT VOLUME: several files, a folder, a pattern in quotes, or an OUTPUT without an ending. The files
    (any of the formats but .npz, read in the order of their names) are one table, which is gone through
    twice in bounded memory (once with --anomalies and --scale none), and OUTPUT becomes a folder of Parquet
    files of the new rows alone, --rows-per-file of them a file. Files need not agree: the columns are those
    of all of them, in a type that holds the values of each, and rows of a file that lacks one miss it.
    _manifest.json there tells what was made from what: counts, seed, parameters, versions and checksums. An
    output folder that INPUT would find is refused: new rows would be inputs the next time.

    \b
    nngmix augment 'data/*.parquet' --label class --anomaly attack -n 1% -o new/
    nngmix augment data/ --label class --anomaly attack --with-old --mark made -o both/
    nngmix augment data/ --ignore class --anomalies attacks.parquet -n 100000 --memory 1GiB -o newer/ --resume

    Files get their names when they are whole. A run that was stopped or killed goes on with --resume,
    without another search if that was done, and ends in the same bytes; a full disk ends it with an error
    that loses nothing. A file that cannot be read or used is named; --skip-bad leaves it out. --memory bounds
    what is read ahead and refuses more anomalies than would fit; Parquet row groups too large for it are read
    page by page.

    The same seed gives the same rows whatever the mode, the threads, and the files that the rows lie in.
    """
    if not output:
        raise click.UsageError("Option '-o' is empty: name a table, or a folder for new rows.")
    options["csv"] = csv_format(options)
    mixture = Mixture(*(options.pop(name) for name in ("noise_std", "alpha", "beta", "unlabeled_fraction")))
    scale = None if options["scale"] == "none" else options["scale"]
    options |= {"mixture": mixture, "scale": scale}
    volume = {
        name: options.pop(name)
        for name in ("anomalies", "rows_per_file", "memory", "with_old", "skip_bad", "resume")
    }
    if is_volume(sources, output, *volume.values()):
        asked = {name: value for name, value in volume.items() if value is not None}
        augment_files(sources, output, **options, **asked)
    else:
        augment_file(sources[0], output, **options)
