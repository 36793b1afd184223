"""The demo in one picture: the rows projected to a plane, and the scores as bars."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.demo.measure import AMOUNTS, WAYS, Score
from nngmix.demo.scores import grouped, values_of
from nngmix.demo.shuttle import Split

__all__ = ["draw"]

_INK, _GREY, _SLATE, _AMBER, _BLUE, _RED = "#22272e", "#b8bdc6", "#7b8494", "#f2a531", "#2f6bd8", "#d6243a"


def draw(path: str, split: Split, new: NDArray[np.float64], scores: list[Score]) -> None:
    """One picture: the rows projected to a plane, and the scores as bars."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(
        {"font.size": 11, "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _SLATE}
    ):
        layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12)
        figure = Figure(figsize=(13, 5.4), layout=layout, facecolor="white")
        plane, bars = figure.subplots(1, 2, width_ratios=(1.75, 1))
        _draw_plane(plane, split, new)
        _draw_bars(bars, scores)
        figure.savefig(path, dpi=110)


def _draw_plane(axes: Any, split: Split, new: NDArray[np.float64]) -> None:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import MinMaxScaler

    unlabeled = split.X[~split.labeled]
    scale = MinMaxScaler().fit(unlabeled)
    project = PCA(2).fit(scale.transform(unlabeled))

    def points(rows: NDArray[np.float64], size: float, color: str, label: str, **style: Any) -> Any:
        places = project.transform(scale.transform(rows))
        axes.scatter(*places.T, s=size, color=color, label=f"{len(rows):,} {label}", **style)
        return places

    normal = ~split.labeled & ~split.hidden
    points(split.X[normal], 4, _GREY, "unlabelled rows, normal", lw=0)
    hidden = points(split.X[split.hidden], 8, _AMBER, "unlabelled rows, in truth anomalies", lw=0, zorder=3)
    made = points(new, 10, _BLUE, "new anomalies made by NNG-Mix", lw=0, alpha=0.6, zorder=2)
    points(split.X[split.labeled], 80, _RED, "labelled anomalies", lw=1.2, ec="white", zorder=4)
    # A handful of far rows would squeeze everything else into a corner.
    seen = np.concatenate([hidden, made, project.transform(scale.transform(split.X[normal]))])
    low, high = np.quantile(seen, (0.0005, 0.9995), axis=0)
    margin = 0.06 * (high - low)
    axes.set(xlim=(low - margin)[:1].tolist() + (high + margin)[:1].tolist())
    axes.set(ylim=(low - margin)[1:].tolist() + (high + 4 * margin)[1:].tolist())
    axes.set(xticks=[], yticks=[], xlabel="first principal component", ylabel="second principal component")
    axes.set_title("From ten labelled anomalies to thousands", loc="left", weight="bold")
    legend = axes.legend(loc="upper right", frameon=False, handletextpad=0.2)
    for handle in legend.legend_handles:
        handle.set(sizes=[45], alpha=1)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_bars(axes: Any, scores: list[Score]) -> None:
    groups = grouped(scores)
    colors = dict(zip(WAYS, (_GREY, _SLATE, _BLUE), strict=True))
    detectors = list(dict.fromkeys(key[0] for key in groups))
    for i, detector in enumerate(detectors):
        for j, way in enumerate(WAYS):
            amount = "-" if way == WAYS[0] else AMOUNTS[-1]
            label = way if way == WAYS[0] else f"{way}, {amount}"
            values = values_of(groups[detector, amount, way], "auroc")
            mean = float(np.mean(values))
            x = i + 0.27 * (j - 1)
            axes.bar(x, mean, 0.25, color=colors[way], label=label if i == 0 else None)
            axes.plot([x, x], [min(values), max(values)], color=_INK, lw=1.2)
            axes.text(x, max(values) + 0.015, f"{mean:.2f}", ha="center", va="bottom")
    axes.axhline(0.5, color=_INK, lw=0.8, ls=":", zorder=0)
    axes.text(0.5, 0.505, "chance", ha="center", va="bottom", fontsize=9)
    axes.set(ylim=(0, 1.28), yticks=np.linspace(0, 1, 6), xticks=range(len(detectors)))
    axes.set_xticklabels(detectors)
    axes.set_title("AUROC on unseen rows, mean of runs", loc="left", weight="bold")
    axes.legend(loc="upper left", frameon=False, ncols=1)
    axes.spines[["top", "right"]].set_visible(False)
