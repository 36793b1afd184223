"""What `compare.py` measures in both versions: a task, its data and its options."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.shapes import Shape


@dataclass(frozen=True)
class Case:
    name: str
    task: str
    shape: Shape
    options: dict[str, Any] = field(default_factory=dict)
    uses_threads: bool = True

    def quick(self) -> "Case":
        """The same on little data."""
        options = dict(self.options)
        if "n" in options:
            options["n"] = min(options["n"], 1000)
        return replace(self, shape=self.shape.quick(), options=options)


def cases(threads: int, parquet: Path, out: Path) -> list[Case]:
    """All of them; `parquet` is the file that the command line reads, `out` the folder that it writes."""
    made = [
        Case(f"kneighbors, {s.name}", "support.peers:task", s, _search(s))
        for s in (
            Shape(50, 285_000, 30, "float64"),
            Shape(50, 285_000, 30, "float32"),
            Shape(500, 10_000, 512, "float64"),
            Shape(50, 50, 30, "float64", "self"),
        )
    ]
    few = Shape(2, 2, 1, "float64")
    for n in dict.fromkeys((1, threads)):
        for reuse in (True, False):
            name = f"rows, float32 x 30, {'reused' if reuse else 'fresh'} output, {n} thread{'s'[: n > 1]}"
            asked = {"maker": "ours", "n": (1 << 27) // 120, "reuse": reuse, "threads": n}
            shape = Shape(500, 20_000, 30, "float32", "clustered")
            made.append(Case(name, "support.mixers:generation", shape, asked, uses_threads=False))
    tasks = "support.version_tasks"
    return [
        *made,
        Case(
            "nng_mix, 50 anomalies, 10,000 x 20 float64, 500 new",
            "support.mixers:whole",
            Shape(50, 10_000, 20, "float64", "clustered"),
            {"maker": "ours", "n": 500},
        ),
        Case(
            "fit_resample, 100,000 x 30 float64, 10,000 new",
            f"{tasks}:fit_resample",
            Shape(50, 100_000, 30, "float64", "clustered"),
            {"n": 10_000},
        ),
        Case(
            "stream.fit, min-max, 1e6 x 30 float32 in blocks of 1e5",
            f"{tasks}:stream_fit",
            Shape(50, 1_000_000, 30, "float32"),
            {"block_rows": 100_000},
        ),
        Case(
            "nngmix augment, Parquet file into a folder",
            f"{tasks}:augment",
            few,
            {"source": str(parquet), "out": str(out)},
        ),
        Case("import nngmix, beyond NumPy", f"{tasks}:import_package", few, uses_threads=False),
        Case("nngmix --version", f"{tasks}:start_command", few, uses_threads=False),
    ]


def _search(shape: Shape) -> dict[str, Any]:
    return {"peer": "nngmix", "k": shape.k, "self_search": shape.self_search}
