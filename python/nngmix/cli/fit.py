"""``nngmix fit``: files in, a saved table of neighbours out."""

from typing import Any

import click
from click.core import ParameterSource

from nngmix.cli.command import Command
from nngmix.cli.options import (
    column_options,
    complete_path,
    csv_format,
    csv_options,
    label_options,
    neighbor_options,
    parse_size,
    scale_name,
    thread_option,
    whole_options,
)
from nngmix.cli.progress import Progress
from nngmix.cli.summary import left_out_lines, print_summary
from nngmix.cli.tables import TABLE_MEMBERS, save_table, table_lines, table_target, table_told
from nngmix.files.formats import expand
from nngmix.files.paths import check_apart
from nngmix.neighbors.table import NeighborTable
from nngmix.parameters.amount import Amount

__all__ = ["fit"]

_MEMBERS = {
    "inputs": "Files read.",
    "output": "The table.",
    "rows": "Rows read.",
    **TABLE_MEMBERS,
    "missing_rows": "Rows skipped since they are not finite.",
    "skipped": "Files left out by --skip-bad, each with path and error.",
    "bytes": "Size of the table.",
    "seconds": "Time of each stage.",
}
_ANOMALIES = "The labelled anomalies are the rows of this file, and all rows of INPUT are unlabelled."
_LIKE = (
    "Take anomalies, scale and numbers of neighbours from this table, so that the tables of all parts merge. "
    "Needs --first-row; without --label all rows of INPUT are unlabelled."
)
_FIRST_ROW = "Number of the first row of INPUT: different rows need different numbers in tables that merge."
_SURVEY = "Find the anomalies and the scale alone: the table for --like."
# What a table that is given decides.
_DECIDED = (
    "anomalies",
    "features",
    "categorical_features",
    "categorical_weight",
    "whole_features",
    "clip",
    "scale",
    "n_neighbors",
    "n_neighbors_anomaly",
    "survey",
)


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Search for neighbours, and save the table.",
    context_settings={"show_default": True},
)
@click.argument("sources", metavar="INPUT...", nargs=-1, required=True, shell_complete=complete_path)
@click.option("-o", "--output", required=True, shell_complete=complete_path, help="The table, an .npz.")
@label_options
@column_options
@whole_options
@csv_options
@neighbor_options
@click.option("--anomalies", metavar="FILE", shell_complete=complete_path, help=_ANOMALIES)
@click.option("--like", metavar="TABLE", shell_complete=complete_path, help=_LIKE)
@click.option("--first-row", type=click.IntRange(0, 1 << 62), metavar="NUMBER", help=_FIRST_ROW)
@click.option("--survey", is_flag=True, help=_SURVEY)
@click.option(
    "--memory", metavar="SIZE", callback=parse_size, help="Memory to stay within: 2GiB unless given."
)
@click.option("--skip-bad", is_flag=True, help="Leave out files that cannot be read or used, and say which.")
@thread_option
@click.pass_context
def fit(
    context: click.Context,
    /,
    sources: tuple[str, ...],
    output: str,
    like: str | None,
    first_row: int | None,
    survey: bool,
    **options: Any,
) -> None:
    """Find the nearest unlabelled rows of each labelled anomaly in INPUT, and save them as a table.

    INPUT is what nngmix augment reads into a folder: files of any format but .npz, folders and patterns. The
    table is all that new rows are made from, and small whatever the rows; its anomalies have one label.

    \b
    nngmix fit 'data/*.parquet' --label class --anomaly attack -o all.npz
    nngmix fit kdd.csv --label attack --anomaly smurf. --categorical auto --missing keep -o all.npz
    nngmix generate all.npz -n 1000 --seed 7 -o rows.parquet

    IN PARTS, on as many machines as you like: one pass over all files for the scale, then a search of each
    part, whose tables merge into that of all files.

    \b
    nngmix fit 'data/*.parquet' --label class --anomaly attack --survey -o survey.npz
    nngmix fit data/0.parquet --label class --like survey.npz --anomaly attack --first-row 0 -o a.npz
    nngmix fit data/1.parquet --label class --like survey.npz --anomaly attack --first-row 200 -o b.npz
    nngmix merge a.npz b.npz -o c.npz

    With --scale none and --anomalies no survey is needed. Categories of the parts unite; the survey says
    which columns hold them, and whether values may be missing.
    """
    from nngmix.jobs import Job, find_table

    table_target(output)
    check_apart([*expand(sources), *filter(None, [like, options["anomalies"]])], table=output)
    if like is not None:
        _check_undecided(context, first_row)
    template = None if like is None else NeighborTable.load(like)
    options["csv"] = csv_format(options)
    scale = scale_name(options.pop("scale"))
    given = {name: value for name, value in options.items() if value is not None}
    if template is not None and options["label"] is None:
        given["anomalies"] = like
    if template is not None and template.feature_names is not None:
        given["features"] = tuple(map(str, template.feature_names))
    if template is not None:
        given |= _asked_by(context, template)
    job = Job(sources, output, Amount(n_samples=0), scale=scale, **given)
    progress = Progress(unit=" files")
    try:
        found = find_table(job, progress, like=template, first_row=first_row or 0, survey_only=survey)
    finally:
        progress.close()
    size, written = save_table(found.fitted.table, output)
    table, counts = found.fitted.table, found.fitted.counts
    skipped = [("skipped", item["error"]) for item in found.skipped]
    print_summary(
        f"{len(found.files)} files -> {output}",
        [
            ("rows read", f"{counts.n_rows:,}"),
            *left_out_lines(found.left_out),
            *table_lines(table),
            *([("rows not finite", f"{counts.n_missing:,}, not used")] if counts.n_missing else []),
            *skipped,
            ("time", f"{sum(progress.seconds.values()):.2f} s"),
            written,
        ],
        {
            "inputs": found.files,
            "output": output,
            "rows": counts.n_rows,
            **table_told(table),
            "missing_rows": counts.n_missing,
            "skipped": found.skipped,
            "bytes": size,
            "seconds": progress.seconds,
        },
    )


def _asked_by(context: click.Context, like: NeighborTable) -> dict[str, Any]:
    """What a table asks of the columns; a usage error for missing values that it takes otherwise."""
    kept = context.params["missing"] == "keep"
    source = context.get_parameter_source("missing")
    if like.may_miss != kept and (kept or source is not ParameterSource.DEFAULT):
        was = "was fitted with --missing keep" if like.may_miss else "was not fitted with it"
        raise click.UsageError(f"--missing {context.params['missing']} and --like: the table {was}", context)
    asked: dict[str, Any] = {"missing": "keep"} if like.may_miss else {}
    names = [
        name
        for name, values in zip(like.feature_names or (), like.categories, strict=False)
        if values is not None
    ]
    # What is whole has been decided, but dates are told so.
    dates = [
        name for name, unit in zip(like.feature_names or (), like.known.units or (), strict=False) if unit
    ]
    asked |= {"whole_features": tuple(map(str, dates))} if dates else {}
    return asked | ({"categorical_features": tuple(map(str, names))} if names else {})


def _check_undecided(context: click.Context, first_row: int | None) -> None:
    """A usage error for options beside --like that the table decides, or for one that it needs."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in _DECIDED and source is not ParameterSource.DEFAULT:
            raise click.UsageError(
                f"{parameter.opts[-1]} and --like exclude each other: the table decides it", context
            )
    if first_row is None:
        raise click.UsageError(
            "Missing option '--first-row': with --like, rows are numbered over all parts, from 0", context
        )
