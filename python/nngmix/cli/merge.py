"""``nngmix merge``: the tables of parts in, the table of all rows out."""

from functools import reduce

import click
import numpy as np

from nngmix.cli.command import Command
from nngmix.cli.options import complete_path
from nngmix.cli.summary import print_summary
from nngmix.cli.tables import TABLE_MEMBERS, save_table, table_lines, table_target, table_told
from nngmix.neighbors.table import NeighborTable

__all__ = ["merge"]

_MEMBERS = {
    "inputs": "The tables of the parts.",
    "output": "The table of all.",
    **TABLE_MEMBERS,
    "bytes": "Size of the table.",
}


@click.command(cls=Command, members=_MEMBERS, short_help="Merge tables of parts into one.")
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True, shell_complete=complete_path)
@click.option("-o", "--output", required=True, shell_complete=complete_path, help="The table, an .npz.")
def merge(tables: tuple[str, ...], output: str) -> None:
    """Merge saved tables of the same anomalies, each of which has seen other rows.

    The order does not matter: the result is the table of all rows at once. nngmix fit --help tells how the
    tables of parts are made.

    \b
    nngmix merge a.npz b.npz -o c.npz
    nngmix generate c.npz -n 1000 --seed 7 -o rows.parquet
    """
    table_target(output)
    loaded = [NeighborTable.load(path) for path in tables]
    seen = loaded[0].row_ids
    for path, table in zip(tables[1:], loaded[1:], strict=True):
        both = np.intersect1d(seen[seen >= 0], table.row_ids)
        if len(both):
            raise ValueError(
                f"{path}: holds row {both[0]}, which a table before it holds, too: is it the same table, or "
                "one of rows with the same numbers? Number them on with nngmix fit --first-row"
            )
        seen = np.union1d(seen, table.row_ids)
    merged = reduce(NeighborTable.merge, loaded)
    size, written = save_table(merged, output)
    print_summary(
        f"{len(tables)} tables -> {output}",
        [*table_lines(merged), written],
        {"inputs": list(tables), "output": output, **table_told(merged), "bytes": size},
    )
