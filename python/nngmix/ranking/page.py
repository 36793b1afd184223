"""A page of ranked rows that needs nothing else: the picture, and the first rows with their reasons."""

import base64
import html
import io
from collections.abc import Sequence
from importlib.util import find_spec
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix import __version__
from nngmix.files.replace import replacing
from nngmix.ranking.rank import Ranked
from nngmix.ranking.rankers import Ranker
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import as_rows

__all__ = ["need_extra", "write_page"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #22272e; max-width: 1150px; margin: 2rem auto }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #e3e6ea; text-align: right; white-space: nowrap }
.scroll { overflow-x: auto } img { max-width: 100%; border: 1px solid #e3e6ea } b { color: #b3261e }
p, figcaption { max-width: 70em } figure { margin: 1.5rem 0 }
"""
_ABOUT = """\
A score is the logarithm of how many times farther a row is from unlabelled rows than from known anomalies, in
scaled columns; it says in which order to look, and is no probability. Bold are the columns that tell: in
which a row differs from its unlabelled neighbours and not from the nearest known anomaly."""


def need_extra() -> None:
    """ImportError unless the picture can be drawn."""
    if find_spec("matplotlib") is None:
        raise ImportError("the page needs matplotlib: pip install 'nngmix[demo]'")


def write_page(path: str, ranked: Ranked, ranker: Ranker, source: str) -> None:
    """Write the page.

    Parameters
    ----------
    path : str
    ranked : Ranked
    ranker : Ranker
        What ranked them.
    source : str
        What they were read from.
    """
    model = ranker.score.model_
    names = [f"x{j}" for j in range(model.n_features)] if model.names is None else model.names
    title = f"The first {len(ranked.top):,} of {len(ranked.order):,} ranked rows of {source}"
    known = f"{len(model.anomalies):,} known anomalies, {len(model.normals):,} rows known to be normal"
    page = [
        "<!doctype html>",
        f'<html lang="en"><meta charset="utf-8"><title>nngmix rank</title><style>{_STYLE}</style>',
        f"<h1>{html.escape(title)}</h1><p>{known}. {_ABOUT}</p>",
        f'<figure><img alt="ranked rows" src="data:image/png;base64,{_picture(ranked, ranker)}"></figure>',
        f'<div class="scroll"><table>{_head(ranked, names)}{"".join(_lines(ranked, names))}</table></div>',
        f"<p>nngmix {__version__}</p></html>",
    ]
    with replacing(path) as file:
        file.write("\n".join(page).encode())


def _head(ranked: Ranked, names: Sequence[Any]) -> str:
    titles = ["rank", "row", *([] if ranked.id is None else [ranked.id]), "score", "nearest anomaly", *names]
    return "<tr>" + "".join(f"<th>{html.escape(str(title))}" for title in titles) + "</tr>\n"


def _lines(ranked: Ranked, names: Sequence[Any]) -> list[str]:
    lines = []
    for i, values in enumerate(ranked.top.tolist()):
        row, reasons = int(ranked.order[i]), ranked.reasons
        id_ = [] if ranked.ids is None else [ranked.ids[row].as_py()]
        cells = [i + 1, row, *id_, f"{ranked.scores[row]:.3f}", f"{reasons.anomaly[i]} ({reasons.label[i]})"]
        told = set(reasons.columns[i].tolist())
        texts = map(_shown, values)
        shown = [f"<b>{text}</b>" if j in told else text for j, text in enumerate(texts)]
        lines.append(
            "<tr>"
            + "".join(f"<td>{html.escape(str(cell))}" for cell in cells)
            + "".join(f"<td>{cell}" for cell in shown)
            + "</tr>\n"
        )
    return lines


def _shown(value: Any) -> str:
    """A number, a category, or nothing for what is missing."""
    if value is None:
        return ""
    number = isinstance(value, Real) and not isinstance(value, bool)
    return f"{value:.6g}" if number else html.escape(str(value))


def _placed(unlabeled: NDArray[Any], *others: NDArray[Any]) -> list[NDArray[Any]]:
    """Rows that can be drawn: categories stand at their ranks, what is missing where the others are."""
    there = ~np.isnan(unlabeled)
    means = np.where(there, unlabeled, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return [np.where(np.isnan(rows), means.astype(rows.dtype), rows) for rows in (unlabeled, *others)]


def _picture(ranked: Ranked, ranker: Ranker) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from nngmix.demo.plane import AMBER, BLUE, GREY, RED, SLATE, STYLE, Points, draw_plane

    model = ranker.score.model_
    first = as_rows("X", ranked.top, asked=ColumnsAsked(missing=ranker.score.missing), known=model.known)
    top = [rows for _, _, rows in model.queries(first)] or [model.normals.rows[:0]]
    sides = (model.unlabeled.rows, model.normals.rows, np.concatenate(top), model.anomalies.rows)
    unlabeled, normal, ahead, anomaly = _placed(*sides)
    groups = [
        Points(unlabeled, "unlabelled rows", GREY, 4),
        Points(normal, "rows known to be normal", BLUE, 30, layer=3),
        Points(ahead, "first rows", AMBER, 24, layer=3),
        Points(anomaly, "labelled anomalies", RED, 60, layer=4, edge="white"),
    ]
    image = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(13, 5.4), layout="constrained", facecolor="white")
        plane, curve = figure.subplots(1, 2, width_ratios=(1.75, 1))
        shown = [group for group in groups if len(group.rows)]
        draw_plane(plane, shown, unlabeled, "The rows, and the first of them")
        scores = ranked.scores[ranked.order]
        curve.semilogx(np.arange(1, len(scores) + 1), scores, color=SLATE)
        curve.axvline(max(1, len(ranked.top)), color=AMBER)
        curve.set(xlabel="rank", ylabel="score")
        curve.set_title("Scores by rank", loc="left", weight="bold")
        curve.spines[["top", "right"]].set_visible(False)
        figure.savefig(image, format="png", dpi=100)
    return base64.b64encode(image.getvalue()).decode()
