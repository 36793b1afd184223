"""What ranking commands share: options, and the first of ranked rows as a short table and for JSON."""

from collections.abc import Iterator
from numbers import Real
from typing import Any

import click

from nngmix.cli.options import complete_path
from nngmix.files.paths import check_output
from nngmix.files.writer import check_target
from nngmix.ranking.rank import Ranked

__all__ = [
    "LAST",
    "SOURCES",
    "id_option",
    "output_option",
    "parse_path",
    "ranked_lines",
    "ranked_told",
    "top_option",
]

RANKED_MEMBERS = {
    "top": "The first rows, each with rank, row, id, score, nearest anomaly, its label, and the columns that "
    "tell with their contributions."
}
SOURCES = {
    "inputs": "What was named.",
    "output": "The scores.",
    "rows": "Rows read.",
    "ranked_rows": "Rows with a score.",
}
LAST = {"bytes": "Size of the scores.", "seconds": "Time of each stage.", **RANKED_MEMBERS}
# Of a value that is wider the rest is not shown.
_MOST_LETTERS = 28


def parse_path(context: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    """A file that can be written is told before the work from one that cannot."""
    if path is not None and not context.resilient_parsing:
        if parameter.name == "output":
            check_target(path)
        elif parameter.name == "report" and not path.lower().endswith((".html", ".htm")):
            raise click.BadParameter(f"the ending must be .html, got {path}")
        else:
            check_output(path)
    return path


output_option = click.option(
    "-o",
    "--output",
    required=True,
    callback=parse_path,
    shell_complete=complete_path,
    help="Table of all scores: .csv, .parquet, .feather.",
)
id_option = click.option(
    "--id", metavar="COLUMN", help="Column that tells rows apart, shown beside the scores; it is no feature."
)
top_option = click.option(
    "--top", type=click.IntRange(min=0), default=20, help="Rows that are printed, with their reasons."
)


def ranked_told(ranked: Ranked) -> dict[str, Any]:
    """The member of JSON."""
    return {"top": list(_rows(ranked))}


def _rows(ranked: Ranked) -> Iterator[dict[str, Any]]:
    reasons = ranked.reasons
    for i in range(len(ranked.top)):
        row = int(ranked.order[i])
        yield {
            "rank": i + 1,
            "row": row,
            "id": None if ranked.ids is None else ranked.ids[row].as_py(),
            "score": float(ranked.scores[row]),
            "nearest_anomaly": int(reasons.anomaly[i]),
            "label": reasons.label[i],
            "columns": dict(zip(map(str, reasons.names[i]), reasons.contributions[i].tolist(), strict=True)),
        }


def ranked_lines(ranked: Ranked) -> Iterator[str]:
    """The table, line by line."""
    rows = list(_rows(ranked))
    if not rows:
        return
    titles = ["rank", "row", *([] if ranked.id is None else [ranked.id]), "score", "nearest anomaly"]
    cells = [
        [
            f"{row['rank']}",
            f"{row['row']}",
            *([] if ranked.id is None else [_short(row["id"])]),
            f"{row['score']:.3f}",
            f"row {row['nearest_anomaly']} ({_short(row['label'])})",
        ]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    yield ""
    yield (
        "  " + "  ".join(text.rjust(width) for text, width in zip(titles, widths, strict=True)) + "  columns"
    )
    for i, texts in enumerate(cells):
        shown = "  ".join(text.rjust(width) for text, width in zip(texts, widths, strict=True))
        told = zip(ranked.reasons.names[i], ranked.reasons.values[i], strict=True)
        yield f"  {shown}  {', '.join(_told(name, value) for name, value in told)}"


def _told(name: Any, value: Any) -> str:
    """A column that tells; with its value, if that is no number."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    return _short(name) if number else f"{_short(name)}={_short('missing' if value is None else value)}"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"
