"""The demo in one picture: the rows projected to a plane, and the scores as bars."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.demo.measure import AMOUNTS, WAYS, Score
from nngmix.demo.plane import AMBER, BLUE, GREY, INK, RED, SLATE, STYLE, Points, draw_plane
from nngmix.demo.scores import grouped, values_of
from nngmix.demo.shuttle import Split

__all__ = ["draw"]


def draw(path: str, split: Split, new: NDArray[np.float64], scores: list[Score]) -> None:
    """One picture: the rows projected to a plane, and the scores as bars."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12)
        figure = Figure(figsize=(13, 5.4), layout=layout, facecolor="white")
        plane, bars = figure.subplots(1, 2, width_ratios=(1.75, 1))
        of, title = split.X[~split.labeled], "From ten labelled anomalies to thousands"
        draw_plane(plane, _groups(split, new), of, title)
        _draw_bars(bars, scores)
        figure.savefig(path, dpi=110)


def _groups(split: Split, new: NDArray[np.float64]) -> list[Points]:
    normal = ~split.labeled & ~split.hidden
    return [
        Points(split.X[normal], "unlabelled rows, normal", GREY, 4),
        Points(split.X[split.hidden], "unlabelled rows, in truth anomalies", AMBER, 8, layer=3),
        Points(new, "new anomalies made by NNG-Mix", BLUE, 10, layer=2, alpha=0.6),
        Points(split.X[split.labeled], "labelled anomalies", RED, 80, layer=4, framed=False, edge="white"),
    ]


def _draw_bars(axes: Any, scores: list[Score]) -> None:
    groups = grouped(scores)
    colors = dict(zip(WAYS, (GREY, SLATE, BLUE), strict=True))
    detectors = list(dict.fromkeys(key[0] for key in groups))
    for i, detector in enumerate(detectors):
        for j, way in enumerate(WAYS):
            amount = "-" if way == WAYS[0] else AMOUNTS[-1]
            label = way if way == WAYS[0] else f"{way}, {amount}"
            values = values_of(groups[detector, amount, way], "auroc")
            mean = float(np.mean(values))
            x = i + 0.27 * (j - 1)
            axes.bar(x, mean, 0.25, color=colors[way], label=label if i == 0 else None)
            axes.plot([x, x], [min(values), max(values)], color=INK, lw=1.2)
            axes.text(x, max(values) + 0.015, f"{mean:.2f}", ha="center", va="bottom")
    axes.axhline(0.5, color=INK, lw=0.8, ls=":", zorder=0)
    axes.text(0.5, 0.505, "chance", ha="center", va="bottom", fontsize=9)
    axes.set(ylim=(0, 1.28), yticks=np.linspace(0, 1, 6), xticks=range(len(detectors)))
    axes.set_xticklabels(detectors)
    axes.set_title("AUROC on unseen rows, mean of runs", loc="left", weight="bold")
    axes.legend(loc="upper left", frameon=False, ncols=1)
    axes.spines[["top", "right"]].set_visible(False)
