"""``nngmix generate``: a saved table in, new rows out."""

import secrets
from typing import Any

import click
import numpy as np

from nngmix.cli.command import Command
from nngmix.cli.options import (
    complete_path,
    mixture,
    mixture_options,
    parse_amount,
    plan_options,
    thread_option,
)
from nngmix.cli.summary import human_size, noise_lines, print_summary
from nngmix.files.arrow import arrow
from nngmix.files.csv_numbers import narrowest_type
from nngmix.files.new_columns import empty_columns
from nngmix.files.paths import check_apart
from nngmix.files.table import Table
from nngmix.files.writer import check_target, check_writing, write_table
from nngmix.methods.new_rows import NewRows
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.amount import Amount
from nngmix.parameters.checks import check_span
from nngmix.plan import added_columns
from nngmix.rows.arrays import check_room
from nngmix.rows.names import check_unique
from nngmix.rows.rows import coded_rows
from nngmix.rows.scaling import finish_in

__all__ = ["generate"]

_MEMBERS = {
    "inputs": "The table.",
    "output": "What was written.",
    "start": "Number of the first row.",
    "new_rows": "Rows made.",
    "noise_std": "Standard deviation of the noise, as given or found.",
    "seed": "What repeats the run.",
    "bytes": "Size of the file.",
}
_AMOUNT = (
    "How many new rows: 500 is 500; 10x is ten for each of its anomalies; 10% is until the anomalies, old "
    "and new, are that share of the rows that the table has seen."
)


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Make new rows from a saved table.",
    context_settings={"show_default": True},
)
@click.argument("source", metavar="TABLE", shell_complete=complete_path)
@click.option(
    "-o", "--output", required=True, shell_complete=complete_path, help="File to write, as augment."
)
@click.option("-n", "--amount", required=True, metavar="AMOUNT", callback=parse_amount, help=_AMOUNT)
@click.option("--start", type=click.IntRange(min=0), default=0, help="Number of the first row to make.")
@click.option("--label", metavar="COLUMN", help="Add a column of labels; needs --anomaly.")
@click.option("--anomaly", metavar="VALUE", help="The label of the new rows; needs --label.")
@plan_options
@mixture_options
@thread_option
def generate(
    source: str,
    output: str,
    amount: Amount,
    start: int,
    label: str | None,
    anomaly: str | None,
    plan: bool,
    mark: str | None,
    seed: int | None,
    n_threads: int | None,
    **options: Any,
) -> None:
    """Make new anomalies from TABLE, which nngmix fit or merge, or NeighborTable.save, has written.

    They are the rows that nngmix augment makes of all the rows that the table has seen, in their units. Row i
    depends on the table, the options, the seed and i alone: parts made with --start on several machines
    are those of one run. In the plan, anchors count the anomalies of the table from 0.

    \b
    nngmix generate c.npz -n 1000 --seed 7 -o rows.parquet
    nngmix generate c.npz -n 500 --start 500 --seed 7 --label class --anomaly attack -o second-half.csv
    """
    if (label is None) != (anomaly is None):
        raise click.UsageError("--label and --anomaly go together: the column, and its value")
    mix = mixture(options)
    seed = secrets.randbits(63) if seed is None else seed
    check_target(output)
    check_apart([source], rows=output)
    table = NeighborTable.load(source, n_threads=n_threads)
    if table.n_seen == 0 and mix.unlabeled_fraction > 0:
        raise ValueError(
            f"{source}: has seen no unlabelled rows, as a table of --survey: merge the tables of the parts, "
            "or give --unlabeled-fraction 0"
        )
    n_rows = amount.count(len(table.X_anomaly), table.n_seen)
    check_span(start, start + n_rows, table.n_features)
    check_room(n_rows, table.n_features, table.dtype, "--start")
    empty = _empty(source, table, label, anomaly)
    check_writing(empty, output, added=added_columns(plan, None, mark, donors=table.kinds is not None))
    new = NewRows(table, mix, random_state=seed)
    rows = np.empty((n_rows, table.n_features), table.dtype)
    columns = None
    if plan:
        columns = new.fill_with_plan(start, rows).columns()
    else:
        new.fill(start, rows)
    size = write_table(
        output,
        empty,
        rows,
        anomaly,
        plan=columns,
        mark=mark,
        only_new=True,
        finish=finish_in(table.scale),
        kinds=table.kinds,
    )
    print_summary(
        f"{source} -> {output}",
        [
            ("new rows", f"{n_rows:,} from number {start:,} on"),
            *noise_lines(mix.noise_std, new.mixture.noise_std),
            ("seed", str(seed)),
            ("written", human_size(size)),
        ],
        {
            "inputs": [source],
            "output": output,
            "start": start,
            "new_rows": n_rows,
            "noise_std": new.mixture.noise_std,
            "seed": seed,
            "bytes": size,
        },
    )


def _empty(source: str, table: NeighborTable, label: str | None, anomaly: str | None) -> Table:
    """A table without rows, of the columns that the new ones have."""
    pa = arrow()
    names = table.feature_names
    features = tuple(f"x{j}" for j in range(table.n_features)) if names is None else tuple(map(str, names))
    columns = features if label is None else (*features, label)
    check_unique(source, columns)
    kind = pa.string() if anomaly is None else narrowest_type([anomaly])
    return Table(
        path=source,
        rows=coded_rows(source, np.empty((0, table.n_features), table.dtype), None, table.kinds, table.types),
        features=features,
        label=label,
        labels=None if label is None else pa.chunked_array([pa.array([], kind)]),
        ignored={},
        columns=columns,
        source=empty_columns(features, table.types, table.categories, table.dtype),
        npz_label=label or "y",
        named=names is not None,
    )
