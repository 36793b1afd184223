"""``nngmix plot``: the picture of a table and of the rows that were made for it."""

import os
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from nngmix.cli.command import Command
from nngmix.cli.options import column_options, complete_path, csv_format, csv_options, label_options
from nngmix.cli.summary import human_size, print_summary
from nngmix.files.paths import check_output
from nngmix.files.reader import read_table
from nngmix.files.replace import replacing
from nngmix.files.scan import Scan
from nngmix.files.table import Table
from nngmix.plan import ID_COLUMNS, PLAN_COLUMNS, plan_columns
from nngmix.rows.asked_columns import ColumnsAsked, Features
from nngmix.rows.label_counts import LabelCounts
from nngmix.rows.label_default import default_rule
from nngmix.rows.label_values import same_label
from nngmix.rows.labels import LabelRule, read_labels

__all__ = ["plot"]

_MEMBERS = {
    "inputs": "The table.",
    "output": "The picture.",
    "rows": "Rows read.",
    "unlabelled_rows": "Rows drawn as unlabelled.",
    "labelled_anomalies": "Rows drawn as anomalies.",
    "new_rows": "Rows drawn as made.",
    "missing_rows": "Rows not drawn since they are not finite.",
    "bytes": "Size of the picture.",
}
_MARK = (
    "Column that is true for rows that were made; unless given, the columns of --plan tell if they are there."
)
_ENDINGS = (".png", ".pdf", ".svg")


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Draw a table with its new rows.",
    context_settings={"show_default": True},
)
@click.argument("source", metavar="FILE", shell_complete=complete_path)
@click.option(
    "-o", "--output", required=True, shell_complete=complete_path, help="Picture: .png, .pdf or .svg."
)
@label_options
@click.option("--mark", metavar="COLUMN", help=_MARK)
@column_options
@csv_options
def plot(
    source: str,
    output: str,
    label: str | None,
    anomaly: tuple[str, ...],
    unlabeled: tuple[str, ...],
    mark: str | None,
    features: tuple[str, ...],
    ignore: tuple[str, ...],
    missing: str,
    categorical_features: Features,
    **csv: Any,
) -> None:
    """Draw the rows of FILE, such as nngmix augment has written, on their first two principal components.

    The components are those of the rows that are unlabelled, of columns of numbers alone: what --categorical
    names is not drawn. Needs pip install 'nngmix[plot]'.

    \b
    nngmix augment shuttle.csv --label anomaly --anomaly 1 --mark made -o more.csv
    nngmix plot more.csv --label anomaly --mark made -o picture.png
    """
    ending = os.path.splitext(output)[1].lower()
    if ending not in _ENDINGS:
        raise ValueError(f"{output}: the ending must be .png, .pdf or .svg, got {ending!r}")
    if missing == "keep":
        raise click.UsageError("--missing keep: a row that misses a value has no place in a picture: skip it")
    check_output(output)
    _need_extra()
    csv_given = csv_format(csv)
    planned: tuple[str, ...] = ()
    if not source.lower().endswith(".npz"):
        there = Scan(source, csv=csv_given, columns=[]).names
        planned = (*plan_columns(True), *ID_COLUMNS) if set(PLAN_COLUMNS) <= set(there) else ()
        planned = tuple(name for name in planned if name in there and name not in features)
    marks = () if mark is None else (mark,)
    ignore = (*ignore, *marks, *planned)
    asked = ColumnsAsked(categorical_features)
    table = read_table(source, label, ignore, features=features, csv=csv_given, asked=asked)
    X = _numbers(table)
    finite = np.isfinite(X).all(axis=1)
    if missing == "error":
        table.rows.check_finite(X)
    new = _made(table, mark, planned)
    odd = _anomalies(table, anomaly, unlabeled) & ~new
    kinds = {"unlabelled": ~odd & ~new & finite, "anomaly": odd & finite, "new": new & finite}
    size = _draw(output, ending, X, kinds)
    counts = {name: int(mask.sum()) for name, mask in kinds.items()}
    n_missing = int((~finite).sum())
    print_summary(
        f"{source} -> {output}",
        [
            ("rows read", f"{len(X):,}"),
            ("unlabelled rows", f"{counts['unlabelled']:,}"),
            ("labelled anomalies", f"{counts['anomaly']:,}"),
            ("new rows", f"{counts['new']:,}"),
            *([("rows not finite", f"{n_missing:,}, not drawn")] if n_missing else []),
            ("written", human_size(size)),
        ],
        {
            "inputs": [source],
            "output": output,
            "rows": len(X),
            "unlabelled_rows": counts["unlabelled"],
            "labelled_anomalies": counts["anomaly"],
            "new_rows": counts["new"],
            "missing_rows": n_missing,
            "bytes": size,
        },
    )


def _numbers(table: Table) -> NDArray[Any]:
    """The features, with nothing in the place of categories."""
    kinds = table.rows.kinds
    if kinds is None:
        return table.X
    if kinds.categorical.all():
        raise ValueError(f"{table.path}: all features hold categories, and a picture is one of numbers")
    return np.where(kinds.categorical, table.X.dtype.type(0), table.X)


def _need_extra() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(f"plot needs {error.name}: pip install 'nngmix[plot]'") from error


def _made(table: Table, mark: str | None, planned: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which rows were made."""
    if mark is not None:
        labels = read_labels(f"the column {mark!r} of {table.path}", table.ignored[mark])
        true = [same_label(True, value) for value in labels.values]
        made = np.array([*true, False], bool)[labels.codes]
    elif planned:
        # Old rows have no anchor; a CSV shows that as nothing.
        anchor = table.ignored["anchor"].to_pylist()
        made = np.array([value not in (None, "") for value in anchor], bool)
    else:
        made = np.zeros(len(table), bool)
    return made


def _anomalies(table: Table, anomaly: tuple[str, ...], unlabeled: tuple[str, ...]) -> NDArray[np.bool_]:
    if table.label is None:
        return np.zeros(len(table), bool)
    where = f"the label column {table.label!r} of {table.path}"
    labels = read_labels(where, table.labels, written=table.typeless)
    rule = LabelRule.of(anomaly or None, unlabeled or None) if anomaly or unlabeled else default_rule(labels)
    counts = LabelCounts()
    counts.add(labels.counts())
    rule.check_met(where, counts, labels.written)
    return rule.split(labels).anomaly


def _draw(path: str, ending: str, X: NDArray[Any], kinds: dict[str, NDArray[np.bool_]]) -> int:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from nngmix.demo.plane import BLUE, GREY, RED, STYLE, Points, draw_plane

    of = X[kinds["unlabelled"]] if kinds["unlabelled"].any() else X[kinds["anomaly"] | kinds["new"]]
    if not len(of):
        raise ValueError("there is no finite row to draw")
    groups = [
        Points(X[kinds["unlabelled"]], "unlabelled rows", GREY, 4),
        Points(X[kinds["new"]], "new rows", BLUE, 10, layer=2, alpha=0.6),
        Points(X[kinds["anomaly"]], "labelled anomalies", RED, 40, layer=4, edge="white"),
    ]
    with mpl.rc_context(STYLE), replacing(os.path.realpath(path)) as file:
        figure = Figure(figsize=(9, 6), layout="constrained", facecolor="white")
        draw_plane(figure.subplots(), [group for group in groups if len(group.rows)], of, "")
        figure.savefig(file, dpi=110, format=ending[1:])
        return file.tell()
