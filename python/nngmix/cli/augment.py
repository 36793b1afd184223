"""``nngmix augment``: a table with a few labelled anomalies in, an augmented table out."""

import secrets
from typing import Any

import click

from nngmix import __version__
from nngmix.cli.report import Progress, human_size
from nngmix.cli.volume import augment_files, is_volume, parse_size
from nngmix.files import Table, check_target, check_writing, find_anomalies, read_table, write_table
from nngmix.methods.resample import Resampled, resample
from nngmix.parameters.amount import Amount

__all__ = ["augment"]


_STAGES = {
    "reading": "reading",
    "scale": "scaling",
    "search": "search",
    "mix": "mixing",
    "writing": "writing",
}

_AMOUNT = (
    "How many new rows: 10x is ten for each labelled anomaly; 10% is until the anomalies, old and new, are "
    "that share of the unlabelled rows; 500 is 500."
)
_SCALE = "Scale of the features for search and noise; rows come back in the units of INPUT."
_NEIGHBORS = (
    "The partner is one of so many nearest unlabelled rows; with a dot (0.5) that multiple of the anomalies."
)
_NEIGHBORS_ANOMALY = "The same among the anomalies, where each counts itself."

_OUTPUT = "Table to write: .csv, .parquet or .npz; may be INPUT. Without an ending: a folder of new rows."
_ANOMALIES = (
    "Into a folder: the labelled anomalies are the rows of this file (.csv or .parquet), and all rows of "
    "INPUT are unlabelled."
)
_ROWS_PER_FILE = "Into a folder: rows of each file; 1000000 unless given."
_MEMORY = "Into a folder: memory to stay within, such as 1GiB; 2GiB unless given."
_SKIP_BAD = "Into a folder: leave out files that cannot be read or lack values, and count them."


def _parse_memory(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    return None if text is None else parse_size(context, parameter, text)


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


@click.command(short_help="Add made anomalies to a table.", context_settings={"show_default": True})
@click.argument("sources", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, help=_OUTPUT)
@click.option("--label", metavar="COLUMN", help="Column of the labels. In an NPZ: the array y unless named.")
@click.option("--anomaly", metavar="VALUE", help="Label of the known anomalies. In an NPZ: 1 unless given.")
@click.option("-n", "--amount", default="10%", metavar="AMOUNT", callback=_parse_amount, help=_AMOUNT)
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column that is no feature; repeatable.")
@click.option("--only-new", is_flag=True, help="Write only the new rows.")
@click.option("--plan", is_flag=True, help="Add what each new row is made of: anchor, partner, pool, lam.")
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
@click.option("--memory", metavar="SIZE", callback=_parse_memory, help=_MEMORY)
@click.option("--with-old", is_flag=True, help="Into a folder: copy the Parquet files of INPUT there, too.")
@click.option("--skip-bad", is_flag=True, help=_SKIP_BAD)
@click.option("--resume", is_flag=True, help="Into a folder: go on with the run that is there.")
@click.option("--n-threads", type=click.IntRange(min=1), help="Threads: as many as there are unless given.")
def augment(
    sources: tuple[str, ...],
    output: str,
    label: str | None,
    anomaly: str | None,
    amount: Amount,
    ignore: tuple[str, ...],
    only_new: bool,
    plan: bool,
    seed: int | None,
    scale: str,
    anomalies: str | None,
    rows_per_file: int | None,
    memory: int | None,
    with_old: bool,
    skip_bad: bool,
    resume: bool,
    **parameters: Any,
) -> None:
    """Add made anomalies to the table INPUT (.csv, .parquet or .npz with X and y).

    The rows of INPUT come first, unchanged and in order; features that are integers or booleans are written
    as float64. Rows that do not carry the anomaly's label, or none, count as unlabelled. Ignored columns are
    empty for new rows. Row numbers count from 0.

    \b
    nngmix augment shuttle.csv --label anomaly --anomaly 1 -n 10x -o more.csv
    nngmix augment flows.parquet --label class --anomaly attack --ignore id --ignore time -o more.csv
    nngmix augment cover.npz -n 500 --only-new --plan --seed 7 -o new.npz

    At volume: several files, a folder, a pattern in quotes, or an OUTPUT without an ending. The files
    (.parquet, .csv, .arrow or .feather, read in the order of their names) are one table, gone through twice
    in bounded memory, and OUTPUT becomes a folder of Parquet files of the new rows alone, with
    _manifest.json, which tells what was made from what. A run that was stopped goes on with --resume, to the
    same bytes.

    \b
    nngmix augment 'data/*.parquet' --label class --anomaly attack -n 1% -o new/
    nngmix augment data/ --anomalies attacks.parquet -n 1000000 --memory 1GiB -o new/ --resume
    """
    if is_volume(sources, output, anomalies, rows_per_file, memory, with_old, skip_bad, resume):
        asked = {"rows_per_file": rows_per_file, "memory": memory}
        parameters |= {name: value for name, value in asked.items() if value is not None}
        augment_files(
            sources,
            output,
            label=label,
            anomaly=anomaly,
            anomalies=anomalies,
            amount=amount,
            ignore=ignore,
            only_new=only_new,
            plan=plan,
            seed=seed,
            scale=scale,
            with_old=with_old,
            skip_bad=skip_bad,
            resume=resume,
            **parameters,
        )
        return
    source = sources[0]
    is_npz = source.lower().endswith(".npz")
    if not is_npz and (label is None or anomaly is None):
        missing = "--label" if label is None else "--anomaly"
        raise click.UsageError(f"Missing option '{missing}': only an NPZ has a default for it.")
    # An own seed rather than None, so that the summary can tell how to repeat the run.
    seed = secrets.randbits(63) if seed is None else seed
    check_target(output)
    progress = Progress()
    table = read_table(source, "y" if label is None else label, ignore)
    value, is_anomaly = find_anomalies(table, "1" if anomaly is None else anomaly)
    check_writing(table, output, plan)
    progress.lap("reading")
    try:
        new = resample(
            table.X,
            is_anomaly,
            amount,
            scale=None if scale == "none" else scale,
            random_state=seed,
            progress=progress,
            **parameters,
        )
    except MemoryError as error:
        # The way out that the functions name is one for Python.
        said = str(error).partition(";")[0] or "there is not enough memory"
        raise MemoryError(
            f"{said}; name a folder as output, without an ending: its rows are written as they are made"
        ) from error
    finally:
        progress.close()
    size = write_table(output, table, new.rows, value, plan=new.plan if plan else None, only_new=only_new)
    progress.lap("writing")
    n_written = len(new.rows) + (0 if only_new else len(table.X))
    click.echo(f"nngmix {__version__}: {source} -> {output}")
    for name, text in _summary(table, is_anomaly, value, new, seed, progress):
        click.echo(f"  {name:<18} {text}")
    click.echo(f"  {'written':<18} {n_written:,} rows, {human_size(size)}")


def _summary(
    table: Table, is_anomaly: Any, value: Any, new: Resampled, seed: int, progress: Progress
) -> list[tuple[str, str]]:
    n_anomalies, n_new, n_near = int(is_anomaly.sum()), len(new.rows), int(new.plan.unlabeled.sum())
    times = ", ".join(f"{_STAGES[stage]} {seconds:.2f} s" for stage, seconds in progress.seconds.items())
    return [
        ("rows read", f"{len(table.X):,} with {len(table.features):,} features ({table.X.dtype})"),
        ("labelled anomalies", f"{n_anomalies:,} ({table.label} = {value})"),
        ("unlabelled rows", f"{len(table.X) - n_anomalies:,}"),
        ("new rows", f"{n_new:,}: {n_near:,} with an unlabelled partner, {n_new - n_near:,} with an anomaly"),
        ("seed", f"{seed}"),
        ("time", f"{sum(progress.seconds.values()):.2f} s: {times}"),
    ]
