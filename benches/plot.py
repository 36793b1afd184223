"""The README's picture from the JSON of search.py.

    python benches/plot.py search.json -o search.png [--shapes 50x285000,500x1000000]

A panel for each shape, a bar for each library at its best setting there, logarithmic time. A bar's label is
its time and how many times ours it takes. Contestants that were stopped or disagreed are left out.
"""

import json
import math
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine

from support import options
from support.peers import OURS, is_ours

LIBRARIES = ("faiss", "scikit-learn", "scipy", "pykdtree", "NumPy")
SHOWN = (
    "50x285000x30-f64-clustered",
    "50x1000000x128-f32-clustered",
    "500x1000000x32-f32-clustered",
    "5000x1000000x32-f32-clustered",
    "1000x100000x128-f32-clustered",
    "5000x600000x10-f64-clustered",
)
OURS_COLOR, PEER_COLOR, INK = "#d1495b", "#b8c4ce", "#26323d"


def best_times(result: dict[str, Any]) -> list[tuple[str, float]]:
    """Ours first, then each library's fastest correct setting, fastest first."""
    ours: list[tuple[str, float]] = []
    peers: dict[str, float] = {}
    for record in result["contestants"]:
        if "median" not in record or record.get("error_over_tolerance", 0) > 1:
            continue
        name, seconds = record["contestant"], record["median"]
        if is_ours(name):
            ours.append((OURS, seconds))
            continue
        library = next((library for library in LIBRARIES if name.startswith(library)), None)
        if library is not None:
            peers[library] = min(seconds, peers.get(library, math.inf))
    return ours + sorted(peers.items(), key=lambda item: item[1])


def duration(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.3g} s"
    ms = seconds * 1e3
    return f"{ms:.0f} ms" if ms >= 10 else f"{ms:.2g} ms" if ms >= 0.1 else f"{ms * 1e3:.0f} µs"


def times_ours(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×"


def panel(axes: Axes, result: dict[str, Any]) -> None:
    bars = best_times(result)
    names, times = [name for name, _ in bars], [seconds for _, seconds in bars]
    left, right = min(times) / 3, max(times)
    colors = [OURS_COLOR if name == OURS else PEER_COLOR for name in names]
    axes.barh(names, [seconds - left for seconds in times], left=left, color=colors, height=0.72)
    for row, (name, seconds) in enumerate(bars):
        ratio = "" if name == OURS else f"  ({times_ours(seconds / times[0])})"
        axes.annotate(
            duration(seconds) + ratio,
            (seconds, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=OURS_COLOR if name == OURS else INK,
            fontweight="bold" if name == OURS else "normal",
        )
    axes.set_xscale("log")
    # Room for the label behind the longest bar.
    axes.set_xlim(left, right * (right / left) ** 0.65)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=9.5, labelcolor=INK)
    axes.get_yticklabels()[0].set_fontweight("bold")
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(INK)
    dtype = result["dtype"]
    title = f"{result['queries']:,} queries, {result['rows']:,} rows × {result['columns']}"
    axes.set_title(
        f"{title}\n{dtype}, {result['data']}", loc="left", fontsize=10, color=INK, linespacing=1.35
    )


def main() -> None:
    parser = options.parser(__doc__)
    parser.add_argument("json", type=Path, help="written by search.py")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the PNG")
    parser.add_argument("--shapes", help="panels: shapes whose name holds one of these, a,b,c")
    arguments = parser.parse_args()
    doc = json.loads(arguments.json.read_text())
    wanted = tuple(arguments.shapes.split(",")) if arguments.shapes else SHOWN
    # Without our own time there is nothing to compare with.
    timed = [result for result in doc["results"] if "ours_seconds" in result]
    results = [result for result in timed if any(part in result["shape"] for part in wanted)] or timed[:6]
    if not results:
        parser.error(f"{arguments.json} holds no search results against peers")
    columns = min(3, len(results))
    rows = math.ceil(len(results) / columns)
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)
    figure, grid = plt.subplots(
        rows, columns, figsize=(4.1 * columns, 2.3 * rows + 0.75), squeeze=False, layout=layout
    )
    for axes in grid.flat[len(results) :]:
        axes.set_visible(False)
    for axes, result in zip(grid.flat, results, strict=False):
        panel(axes, result)
    figure.suptitle(
        f"The {results[0]['k']} nearest neighbours, from arrays to answer (log scale, shorter is better)",
        x=0.01,
        ha="left",
        fontsize=13,
        fontweight="bold",
        color=INK,
    )
    machine, versions = doc["machine"], doc["versions"]
    peers = ("faiss-cpu", "scikit-learn", "scipy", "pykdtree", "numpy")
    listed = ", ".join(f"{name} {versions[name]}" for name in peers if versions.get(name))
    figure.supxlabel(
        f"{machine['cpu']}, {doc['threads']} threads; each library at its fastest setting, index building "
        f"included; faiss computes in float32. {listed}",
        x=0.01,
        ha="left",
        fontsize=7.5,
        color=INK,
    )
    figure.savefig(arguments.output, dpi=160)


if __name__ == "__main__":
    main()
