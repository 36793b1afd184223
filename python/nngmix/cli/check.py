"""``nngmix check``: what is in a file, and what augmenting it would refuse."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from nngmix.cli.command import Command
from nngmix.cli.options import (
    column_options,
    complete_path,
    csv_format,
    csv_options,
    label_options,
    neighbor_options,
    noise_option,
    scale_name,
    thread_option,
)
from nngmix.cli.summary import Lines, category_lines, left_out_lines, print_summary, shown
from nngmix.inspection import Inspection, inspect_file
from nngmix.rows.names import listed

__all__ = ["check"]

_MEMBERS = {
    "path": "The file.",
    "rows": "Rows of it.",
    "dtype": "Type of the features together, or null.",
    "columns": "Of each feature: name, type, categories, values missing, if constant or whole, its twin.",
    "left_out": "Columns that are no features unasked, and why.",
    "missing_rows": "Rows with a missing or infinite feature.",
    "duplicated_rows": "Rows that are the same as one before them in all features.",
    "labels": "Each with value, rows, and what it is taken for: anomaly, unlabelled or neither.",
    "nearest_unlabelled": "Distances from the anomalies: least, median, largest; how many are zero.",
    "nearest_anomaly": "The same to the nearest other anomaly.",
    "noise": "How far --noise-std moves new rows, and whether that is far off; or null.",
    "refused": "All that augment would refuse.",
    "warnings": "All that it would warn of.",
    "suggestion": "The words of a command that works, or null.",
    "usable": "Whether nothing would be refused.",
}
# Labels that are shown one by one.
_MOST_LABELS = 20


@click.command(
    cls=Command,
    members=_MEMBERS,
    short_help="Look into a table before augmenting it.",
    context_settings={"show_default": True},
)
@click.argument("source", metavar="FILE", shell_complete=complete_path)
@label_options
@column_options
@csv_options
@neighbor_options
@noise_option
@thread_option
def check(source: str, label: str | None, features: tuple[str, ...], **options: Any) -> int:
    """Say what is in FILE, what nngmix augment would refuse, and a command that works.

    All faults are told at once. Without --anomaly and --unlabeled, 1 is the anomaly among 0 and 1, and
    otherwise the most frequent label is that of the unlabelled rows. Nothing is written. Exit codes: 0 the
    file is usable with these options, 1 it would be refused.

    \b
    nngmix check shuttle.csv --label anomaly
    nngmix check flows.parquet --label class --anomaly attack --ignore id --ignore time
    nngmix check kdd.csv --label attack --unlabeled normal. --categorical auto --missing keep
    nngmix check betrag.csv --delimiter ';' --decimal , --label art --unlabeled gut --json
    """
    options["csv"] = csv_format(options)
    options["scale"] = scale_name(options["scale"])
    found = inspect_file(source, label, features=features, **options)
    told = asdict(found)
    told |= {"suggestion": told.pop("command"), "usable": found.usable}
    print_summary(source, _lines(found, label), told)
    return 0 if found.usable else 1


def _lines(found: Inspection, label: str | None) -> Lines:
    lines: Lines = []
    if found.columns:
        typed = f" ({found.dtype})" if found.dtype else ""
        types = ", ".join(dict.fromkeys(column["type"] for column in found.columns))
        lines.append(("shape", f"{found.rows:,} rows with {len(found.columns):,} features{typed}"))
        lines.append(("types", types))
        lines += left_out_lines(found.left_out)
        told = {c["name"]: c["categories"] for c in found.columns if c["categories"] is not None}
        lines += category_lines(told)
        lines.append(("missing", _missing(found)))
        constant = [repr(column["name"]) for column in found.columns if column["constant"]]
        lines.append(("constant columns", listed(constant) or "none"))
        whole = [repr(column["name"]) for column in found.columns if column["whole"]]
        lines.append(("whole columns", listed(whole) or "none"))
        same = [f"{c['name']!r} = {c['same_as']!r}" for c in found.columns if c["same_as"] is not None]
        lines.append(("same columns", listed(same) or "none"))
        lines.append(("duplicated rows", f"{found.duplicated_rows:,}"))
    ordered = sorted(found.labels, key=lambda item: -item["rows"])
    for i, item in enumerate(ordered[:_MOST_LABELS]):
        value = "no label" if item["value"] is None else shown(item["value"])
        taken = "" if item["taken_for"] is None else f": {item['taken_for']}"
        lines.append((f"label {label or 'y'}" if i == 0 else "", f"{value}, {item['rows']:,} rows{taken}"))
    if len(ordered) > _MOST_LABELS:
        lines.append(("", f"and {len(ordered) - _MOST_LABELS} more labels"))
    if found.nearest_unlabelled is not None and found.nearest_anomaly is not None:
        lines.append(("nearest unlabelled", _distances(found.nearest_unlabelled)))
        lines.append(("nearest anomaly", _distances(found.nearest_anomaly)))
    if found.noise is not None:
        lines.append(("noise", found.noise))
    lines += [("would be refused" if i == 0 else "", said) for i, said in enumerate(found.refused)]
    lines += [("would warn" if i == 0 else "", said) for i, said in enumerate(found.warnings)]
    if found.command is not None:
        lines.append(("try", shlex.join(found.command)))
    return lines


def _missing(found: Inspection) -> str:
    if not found.missing_rows:
        return "none"
    counts = (
        f"{c['name']!r} {c['missing']:,} ({c['missing'] / found.rows:.1%})"
        for c in found.columns
        if c["missing"]
    )
    return f"{found.missing_rows:,} rows: {listed(counts)}"


def _distances(of: Mapping[str, Any]) -> str:
    if of["median"] is None:
        return "there is none"
    zero = f"; {of['zero']:,} at 0" if of["zero"] else ""
    return f"least {of['least']:.3g}, median {of['median']:.3g}, largest {of['largest']:.3g}{zero}"
