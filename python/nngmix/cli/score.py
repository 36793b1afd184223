"""``nngmix score``: what a ranking says of rows to come."""

from typing import Any

import click

from nngmix.cli.command import Command
from nngmix.cli.options import complete_path, csv_format, csv_options, thread_option
from nngmix.cli.progress import Progress
from nngmix.cli.ranked import (
    LAST,
    SOURCES,
    id_option,
    output_option,
    ranked_lines,
    ranked_told,
    top_option,
)
from nngmix.cli.summary import human_size, print_summary, say
from nngmix.files.formats import expand
from nngmix.files.paths import check_apart
from nngmix.files.writer import write_columns
from nngmix.rows.asked_columns import Missing

__all__ = ["score"]

_SAVED = "What nngmix rank --model has saved."
_MISSING = (
    "Rows with a missing or infinite feature: an error; skip them: they get no score; or keep them, if "
    "nngmix rank was told so. As it was told unless given."
)


@click.command(
    cls=Command,
    members={**SOURCES, "model": "What scored them.", **LAST},
    short_help="Score rows to come with what nngmix rank has saved.",
    context_settings={"show_default": True},
)
@click.argument("sources", metavar="NEW...", nargs=-1, required=True, shell_complete=complete_path)
@click.option("--model", required=True, metavar="FILE", shell_complete=complete_path, help=_SAVED)
@output_option
@id_option
@top_option
@click.option("--missing", type=click.Choice(["error", "skip", "keep"]), help=_MISSING)
@csv_options
@thread_option
def score(
    sources: tuple[str, ...],
    model: str,
    output: str,
    id: str | None,
    top: int,
    missing: Missing | None,
    n_threads: int | None,
    **csv: Any,
) -> None:
    """Score the rows of NEW as nngmix rank would, had it not seen them.

    Columns are matched by name; others than the model's are passed by. Scores are written in the order of the
    rows, and those of a row do not depend on the rows beside it.

    \b
    nngmix rank mine.csv --label class --anomaly fraud -o ranked.csv --model model.npz
    nngmix score new.csv --model model.npz -o scores.csv
    """
    from nngmix.ranking import RankInputs, load_ranker, score_files

    check_apart([*expand(sources), model], scores=output)
    ranker = load_ranker(model, n_threads=n_threads, missing=missing)
    progress = Progress()
    try:
        known, format = ranker.score.model_.known, csv_format(csv)
        inputs = RankInputs(sources, None, ranker.features(), (), id, format, ranker.columns(), known)
        ranked = score_files(inputs, ranker, top=top, report=lambda stage, _: progress.lap(stage))
    finally:
        progress.close()
    size = write_columns(output, ranked.table())
    progress.lap("writing")
    print_summary(
        f"{', '.join(sources)} -> {output}",
        [
            ("rows read", f"{len(ranked.scores):,}"),
            ("time", f"{sum(progress.seconds.values()):.2f} s"),
            ("written", f"{len(ranked.order):,} rows, {human_size(size)}"),
        ],
        {
            "inputs": list(sources),
            "output": output,
            "rows": len(ranked.scores),
            "ranked_rows": len(ranked.order),
            "model": model,
            "bytes": size,
            "seconds": progress.seconds,
            **ranked_told(ranked),
        },
    )
    for line in ranked_lines(ranked):
        say(line)
