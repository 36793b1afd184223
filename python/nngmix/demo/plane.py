"""Rows of several kinds as points of a plane: their first two principal components."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AMBER", "BLUE", "GREY", "INK", "RED", "SLATE", "STYLE", "Points", "draw_plane"]

INK, GREY, SLATE, AMBER, BLUE, RED = "#22272e", "#b8bdc6", "#7b8494", "#f2a531", "#2f6bd8", "#d6243a"
STYLE: dict[Any, Any] = {"font.size": 11, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": SLATE}

# Rows that the components are found from: more show nothing else.
_MOST_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Points:
    """Rows of one kind, and how they are drawn.

    Attributes
    ----------
    rows : ndarray of shape (n_rows, n_features)
    label : str
        What the legend says after their number.
    color : str
    size : float
    layer : float
        Higher is further to the front.
    framed : bool
        They may lie outside of what is shown, or must not.
    edge, alpha
        As of a scatter plot.
    """

    rows: NDArray[Any]
    label: str
    color: str
    size: float
    layer: float = 1
    framed: bool = True
    edge: str | None = None
    alpha: float | None = None


def draw_plane(axes: Any, groups: Sequence[Points], of: NDArray[Any], title: str) -> None:
    """Draw the groups on the principal components of the rows `of`, each column scaled by its range there."""
    offset, width = of.min(axis=0), np.ptp(of, axis=0)
    width = np.where(width > 0, width, 1.0)

    def scaled(rows: NDArray[Any]) -> NDArray[np.float64]:
        values: NDArray[np.float64] = (rows - offset) / width
        return values

    sample = scaled(of[:: max(1, len(of) // _MOST_ROWS)])
    middle = sample.mean(axis=0)
    components = _components(sample - middle)
    places = [(scaled(group.rows) - middle) @ components for group in groups]
    for group, place in zip(groups, places, strict=True):
        label, width_of_edge = f"{len(group.rows):,} {group.label}", 1.2 if group.edge else 0
        style = {"color": group.color, "lw": width_of_edge, "ec": group.edge, "alpha": group.alpha}
        axes.scatter(*place.T, s=group.size, label=label, zorder=group.layer, **style)
    # A handful of far rows would squeeze everything else into a corner.
    seen = np.concatenate(
        [place for group, place in zip(groups, places, strict=True) if group.framed] or places
    )
    low, high = np.quantile(seen, (0.0005, 0.9995), axis=0)
    margin = 0.06 * np.maximum(high - low, 1e-9)
    axes.set(
        xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + 4 * margin[1])
    )
    axes.set(xticks=[], yticks=[], xlabel="first principal component", ylabel="second principal component")
    axes.set_title(title, loc="left", weight="bold")
    legend = axes.legend(loc="upper right", frameon=False, handletextpad=0.2)
    for handle in legend.legend_handles:
        handle.set(sizes=[45], alpha=1)
    axes.spines[["top", "right"]].set_visible(False)


def _components(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first two directions as columns, each with its largest entry above 0; zeros for one that is not."""
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions[:2]
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    missing = np.zeros((2 - len(directions), centred.shape[1]))
    return np.concatenate([directions, missing]).T
