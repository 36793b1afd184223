"""The pictures of a report: gain per set, and gain against the number of labels."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from nngmix.evaluation.statistics import compare
from nngmix.evaluation.summary import arm_name, gains

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

__all__ = ["gain_by_labels", "gain_by_set", "pictures"]

_COLORS = {
    "none": "#9aa1ad",
    "class_weight": "#8c6bb1",
    "duplicate": "#4d4f57",
    "smote": "#e07b39",
    "mixup": "#c9a227",
    "cutout": "#a05a2c",
    "cutmix": "#d45087",
    "gaussian_noise": "#2f9e77",
    "nng_mix": "#2f6bd8",
}
_INK, _GRID = "#22272e", "#d9dce1"
_TICKS = (-50, -20, -10, -5, 0, 5, 10, 20, 50)
_AGAINST = {"none": "no augmentation", "duplicate": "plain duplication"}


def pictures(table: "DataFrame") -> "Iterator[tuple[str, str, Figure]]":
    """Name, caption and figure of every picture that the results allow."""
    for baseline, words in _AGAINST.items():
        found = gains(table, baseline)
        if found.empty:
            continue
        what = "set" if "set" in found else "split"
        yield (
            f"gain-per-{what}-over-{baseline}",
            f"Gain in AUROC points over {words}: a dot is a {what}, the bar the mean with its 95 % "
            "bootstrap interval.",
            gain_by_set(found, words),
        )
        yield (
            f"gain-by-labels-over-{baseline}",
            f"Gain in AUROC points over {words} against the number of labelled anomalies: mean over the "
            f"{what}s that have this many, with its 95 % bootstrap interval.",
            gain_by_labels(found, words),
        )


def gain_by_set(found: "DataFrame", words: str) -> "Figure":
    """A panel for each detector (across) and labelled share (down); a row of dots for each method."""
    detectors, labels = list(dict.fromkeys(found["detector"])), list(dict.fromkeys(found["labels"]))
    arms = list(dict.fromkeys(zip(found["method"], found["amount"], strict=True)))
    figure, panels = _panels(
        len(labels), len(detectors), width=3.4, height=0.9 + 0.3 * len(arms), sharex=True, sharey=True
    )
    rng = np.random.default_rng(0)
    for i, label in enumerate(labels):
        for j, detector in enumerate(detectors):
            axes = panels[i][j]
            axes.axvline(0, color=_INK, lw=0.8)
            for k, (method, amount) in enumerate(arms):
                chosen = _chosen(found, detector=detector, labels=label, method=method, amount=amount)
                if not len(chosen):
                    continue
                values, color = 100 * chosen["gain"].to_numpy(), _color(method)
                y = k + rng.uniform(-0.22, 0.22, len(values))
                axes.scatter(values, y, s=9, color=color, alpha=0.45, lw=0)
                mean = compare(values)
                axes.plot([mean.low, mean.high], [k, k], color=color, lw=3, solid_capstyle="butt")
                axes.plot(mean.mean, k, "D", color=color, ms=5, mec="white", mew=0.8)
            axes.set_xscale("symlog", linthresh=10, linscale=1.5)
            axes.set_xticks(_TICKS, [str(tick) for tick in _TICKS])
            axes.set_yticks(range(len(arms)), [arm_name(*arm) for arm in arms])
            axes.set_ylim(len(arms) - 0.5, -0.5)
            axes.set_title(f"{detector}, {_labels_name(label)}", loc="left", fontsize=10)
    figure.supxlabel(f"AUROC points over {words}", fontsize=10)
    return figure


def gain_by_labels(found: "DataFrame", words: str) -> "Figure":
    """A panel for each detector; a line for each method, with the interval of its mean."""
    detectors = list(dict.fromkeys(found["detector"]))
    figure, panels = _panels(1, len(detectors), width=2.9, height=3.2, sharex=True, sharey=True)
    n_labeled = found.groupby("labels", sort=False)["n_labeled"].mean().sort_values()
    for axes, detector in zip(panels[0], detectors, strict=True):
        axes.axhline(0, color=_INK, lw=0.8)
        arms = found[found["detector"] == detector].groupby(["method", "amount"], sort=False)
        for k, ((method, amount), group) in enumerate(arms):
            points = [(x, group[group["labels"] == label]["gain"]) for label, x in n_labeled.items()]
            means = [(x, compare(100 * values)) for x, values in points if len(values)]
            # A little aside, so that intervals do not hide one another.
            x = [x * (1 + 0.025 * (k - (len(arms) - 1) / 2)) for x, _ in means]
            y = np.array([mean.mean for _, mean in means])
            spans = np.array([[mean.mean - mean.low, mean.high - mean.mean] for _, mean in means])
            axes.errorbar(
                x,
                y,
                np.clip(np.nan_to_num(spans.T), 0, None),
                label=arm_name(method, amount),
                color=_color(method),
                ls="--" if amount.endswith("x") else "-",
                lw=1.6,
                marker="o",
                ms=4,
                elinewidth=0.9,
            )
        axes.set_xscale("log")
        axes.set_xticks(n_labeled, [f"{x:.0f}" for x in n_labeled])
        axes.minorticks_off()
        axes.set_title(detector, loc="left", fontsize=10)
    panels[0][-1].legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.supxlabel("labelled anomalies (mean)", fontsize=10)
    figure.supylabel(f"AUROC points over {words}", fontsize=10)
    return figure


def _panels(n_down: int, n_across: int, *, width: float, height: float, **share: Any) -> "tuple[Figure, Any]":
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(
        figsize=(1.8 + width * n_across, 0.6 + height * n_down),
        layout=ConstrainedLayoutEngine(),
        facecolor="white",
    )
    panels = figure.subplots(n_down, n_across, squeeze=False, **share)
    for axes in panels.ravel():
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=_GRID, lw=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=8)
    return figure, panels


def _chosen(found: "DataFrame", **values: str) -> "DataFrame":
    for name, value in values.items():
        found = found[found[name] == value]
    return found


def _color(method: str) -> str:
    return _COLORS.get(method.partition(":")[0], "#5b6270")


def _labels_name(label: str) -> str:
    return f"{label} of the anomalies labelled" if label.endswith("%") else f"{label} labels"
