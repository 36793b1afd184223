"""``nngmix augment``: tables with a few labelled anomalies in, new anomalies out."""

from typing import Any

import click

from nngmix.cli.command import Command
from nngmix.cli.method import AskedMethod, check_nng_mix, method_options
from nngmix.cli.one_file import augment_file
from nngmix.cli.options import (
    column_options,
    complete_path,
    csv_format,
    csv_options,
    label_options,
    mixture,
    mixture_options,
    neighbor_options,
    parse_amount,
    parse_size,
    plan_options,
    scale_name,
    thread_option,
    whole_options,
)
from nngmix.cli.volume import augment_files, is_volume

__all__ = ["augment"]

_MEMBERS = {
    "inputs": "Files read.",
    "output": "What was written.",
    "rows": "Rows read.",
    "features": "Names of the columns that were used.",
    "dtype": "Their type.",
    "left_out": "Columns that are no features unasked, and why.",
    "categories": "Of each column of categories, how many values it has.",
    "labelled_anomalies": "How many there are.",
    "labels": "Their labels, each with its value and rows.",
    "unlabelled_rows": "Rows that partners were looked for in.",
    "missing_rows": "Rows skipped since they are not finite.",
    "new_rows": "Rows made.",
    "noise_std": "Standard deviation of the noise, as given or found; null without NNG-Mix.",
    "chosen": "With --method auto: what was added, or none, and why.",
    "seed": "What repeats the run.",
    "files": "Files written.",
    "bytes": "Their size.",
    "skipped": "Files left out by --skip-bad, each with path and error.",
    "seconds": "Time of each stage.",
}
_OUTPUT = "Table to write, of a format that is read; may be INPUT. Without an ending: a folder of new rows."
_AMOUNT = (
    "How many new rows: 10x is ten for each labelled anomaly; 10% is until the anomalies, old and new, are "
    "that share of the unlabelled rows; 500 is 500. Several labels share it by their numbers."
)
_ID = "An ignored column that tells rows apart: with --plan its values come back as anchor_id and partner_id."
_ANOMALIES = (
    "Into a folder: the labelled anomalies are the rows of this file, and all rows of INPUT are unlabelled."
)
_ROWS_PER_FILE = "Into a folder: rows of each file; 1000000 unless given."
_MEMORY = "Into a folder: memory to stay within, such as 1GiB; 2GiB unless given."
_WITH_OLD = "Into a folder: copy the Parquet files of INPUT there, too."
_SKIP_BAD = "Into a folder: leave out files that cannot be read or used, and say how many and why."


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Add made anomalies to a table.",
    context_settings={"show_default": True},
)
@click.argument("sources", metavar="INPUT...", nargs=-1, required=True, shell_complete=complete_path)
@click.option("-o", "--output", required=True, shell_complete=complete_path, help=_OUTPUT)
@label_options
@method_options
@click.option("-n", "--amount", default="10%", metavar="AMOUNT", callback=parse_amount, help=_AMOUNT)
@column_options
@whole_options
@click.option("--id", metavar="COLUMN", help=_ID)
@csv_options
@click.option("--only-new", is_flag=True, help="Write only the new rows.")
@plan_options
@neighbor_options
@mixture_options
@click.option("--anomalies", metavar="FILE", shell_complete=complete_path, help=_ANOMALIES)
@click.option("--rows-per-file", type=click.IntRange(min=1), metavar="ROWS", help=_ROWS_PER_FILE)
@click.option("--memory", metavar="SIZE", callback=parse_size, help=_MEMORY)
@click.option("--with-old", is_flag=True, help=_WITH_OLD)
@click.option("--skip-bad", is_flag=True, help=_SKIP_BAD)
@click.option("--resume", is_flag=True, help="Into a folder: go on with the run that is there.")
@thread_option
@click.pass_context
def augment(context: click.Context, /, sources: tuple[str, ...], output: str, **options: Any) -> None:
    """Add made anomalies to the table INPUT.

    The rows of INPUT come first, unchanged and in order. Columns of integers keep their type, and new rows
    hold whole numbers there, as in all columns in which every value is whole, unless --whole says otherwise;
    booleans that are no categories are written as floats. A column of one value has it in new rows too. Rows
    that do not carry the anomaly's label, or none, count as unlabelled. Ignored columns are empty for new
    rows. Row numbers count from 0. The output is written beside its name and renamed, so that nothing is
    ever half written. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a fault of nngmix, 130 stopped.

    \b
    nngmix augment shuttle.csv --label anomaly --anomaly 1 -n 10x -o more.csv
    nngmix augment flows.parquet --label class --anomaly attack --ignore id --ignore time -o more.csv
    nngmix augment flows.csv.gz --label kind --anomaly smurf. --anomaly satan. -o more.parquet
    nngmix augment flows.csv.gz --label kind --unlabeled normal. --missing skip --mark made -o more.csv
    nngmix augment cover.npz -n 500 --only-new --plan --seed 7 -o new.npz
    nngmix augment shuttle.csv --label anomaly --anomaly 1 --method auto --for random_forest -o more.csv
    nngmix augment flows.parquet --label class --anomaly attack --whole none --clip unlabeled -o more.csv
    nngmix augment kdd.csv --label attack --unlabeled normal. --categorical auto --missing keep -o more.csv

    FILES. Read and written: .csv, .tsv, .txt and .data, also with .gz, .bz2 or .zst; .parquet and .pq;
    .feather, .arrow and .ipc; .npz with X and y, and perhaps columns. All columns but the label and the
    ignored ones are features and must hold numbers, unless they are categories: float32 stays float32 if all
    are, everything else becomes float64, and an integer that float64 would change is refused. Not features
    unless asked for with --feature: the index of a pandas table, a column without a name that counts rows,
    the keys of a partitioned path (day=3/); the summary names them. In CSV a label is the same however its
    number is written (1, 1.0).

    CATEGORIES, named by --categorical, are what they were in new rows too, with all values and the order that
    a type of categories has; all those of a row are from one of its parents, which --plan names as donor.
    With auto they are the columns whose type is of texts, categories or booleans, in CSV those whose cells
    are texts, or true and false: texts among numbers are refused, and a cell is missing if it is empty. With
    --missing keep a new row misses what its donor misses.

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
    that loses nothing. Two runs at once into one folder, and inputs that change before the end, are refused.
    A file that cannot be read or used is named; --skip-bad leaves it out. --memory bounds
    what is read ahead and refuses more anomalies than would fit; Parquet row groups too large for it are read
    page by page.

    The same seed gives the same rows whatever the mode, the threads, and the files that the rows lie in.
    """
    if not output:
        raise click.UsageError("Option '-o' is empty: name a table, or a folder for new rows.")
    options["csv"] = csv_format(options)
    options["scale"] = scale_name(options["scale"])
    volume = {
        name: options.pop(name)
        for name in ("anomalies", "rows_per_file", "memory", "with_old", "skip_bad", "resume")
    }
    if is_volume(sources, output, *volume.values()):
        asked = {name: value for name, value in volume.items() if value is not None}
        check_nng_mix(context, options)
        augment_files(sources, output, mixture=mixture(options), **options, **asked)
    else:
        augment_file(sources[0], output, AskedMethod.of(context, options), **options)
