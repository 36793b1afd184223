"""The report: tables as CSV, pictures as PNG, and all of it in one HTML page that needs nothing else."""

import base64
import io
import os
import platform
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from nngmix.evaluation.check import check_extra
from nngmix.evaluation.plots import pictures
from nngmix.evaluation.summary import (
    BASELINES,
    SETTING,
    arm_name,
    failures,
    frame,
    per_set,
    ranked,
    summarize,
)
from nngmix.files.replace import replacing

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Report", "write_report"]

_PACKAGES = ("nngmix", "numpy", "scipy", "scikit-learn", "imbalanced-learn")


class Report(NamedTuple):
    """What `write_report` has written.

    Attributes
    ----------
    path : str
        Where the page is.
    summary : DataFrame
        One line for each arm: the labels, the detector, the method and the amount, and what they reach.
    """

    path: str
    summary: "DataFrame"


def write_report(folder: str, rows: Iterable[Mapping[str, str]], command: str = "") -> Report:
    """Write ``report.html``, ``summary.csv``, ``per_set.csv`` and the PNGs into `folder`.

    Parameters
    ----------
    folder : str
        Must exist.
    rows : iterable of mappings
        Rows of a file of results, as `read_rows` gives them.
    command : str
        What made them, for the page to say.

    Returns
    -------
    Report
        The path of the page, and the summary as a table.

    Raises
    ------
    ImportError
        If a package of the extra ``evaluate`` is missing.
    OSError
        If something cannot be written.
    """
    check_extra()
    rows = list(rows)
    table = frame(rows)
    summary, sets = summarize(table), per_set(table)
    for name, content in (("summary.csv", summary), ("per_set.csv", _flat(sets))):
        with replacing(os.path.join(folder, name)) as file:
            file.write(content.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())
    drawn = []
    for name, caption, figure in pictures(table):
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=120)
        with replacing(os.path.join(folder, f"{name}.png")) as file:
            file.write(image.getvalue())
        drawn.append({"caption": caption, "data": base64.b64encode(image.getvalue()).decode()})
    path = os.path.join(folder, "report.html")
    with replacing(path) as file:
        file.write(_page(table, summary, sets, failures(rows), drawn, command).encode())
    return Report(path, summary)


def _flat(sets: "DataFrame") -> "DataFrame":
    flat = sets.reset_index()
    flat.columns = [arm_name(*name) if name[1] else name[0] for name in flat.columns]
    return flat


def _page(
    table: "DataFrame",
    summary: "DataFrame",
    sets: "DataFrame",
    failed: "DataFrame",
    drawn: list[dict[str, str]],
    command: str,
) -> str:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = resources.files("nngmix.evaluation").joinpath("page.html").read_text(encoding="utf-8")
    environment.filters.update(points=_points, signed=_signed, small=_small)
    first = table.iloc[0]
    about = {
        "protocol": first["protocol"],
        "max_rows": first["max_rows"],
        "min_labels": first["min_labels"],
        "sets": table["set"].nunique(),
        "seeds": ", ".join(sorted(table["seed"].unique(), key=int)),
        "cells": len(table),
        "hours": f"{(table['fit_seconds'].sum() + table['make_seconds'].sum()) / 3600:.2f}",
        "command": command,
        "versions": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "machine": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    }
    text: str = environment.from_string(page).render(
        about=about,
        ranked=[(labels, ways.to_dict("records")) for labels, ways in ranked(summary)],
        settings=_by_setting(summary),
        baselines=[name for name in BASELINES if f"gain_{name}" in summary],
        pictures=drawn,
        sets=_by_setting(_flat(sets)),
        failed=failed.to_dict("records"),
    )
    return text


def _by_setting(table: "DataFrame") -> list[dict[str, Any]]:
    """The rows of each detector and labelled share as one table."""
    out = []
    for key, group in table.groupby(SETTING, sort=False):
        kept = group.drop(columns=SETTING)
        measured = list(kept.columns[kept.notna().any()])
        rows = kept.astype(object).where(kept.notna(), None).to_dict("records")
        for row in rows:
            if "method" in row:
                row["name"] = arm_name(row["method"], row["amount"])
        labels = f"{key[1]} of the anomalies labelled" if key[1].endswith("%") else f"{key[1]} labels"
        out.append({"title": f"{key[2]}, {labels}", "rows": rows, "columns": measured})
    return out


def _points(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.1f}"


def _small(value: float | None) -> str:
    if value is None:
        return "–"
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0") if value < 1 else "1"
