"""Generation: rows from neighbours already found, against vectorised NumPy, in GB/s of output.

    python benches/mix.py --json mix.json        # float32 and float64, four widths, reused and fresh output
    python benches/mix.py --levels               # every NNGMIX_FORCE_ISA, into a reused buffer
    python benches/mix.py --quick                # does it run? (figures mean nothing)

Ours runs with one thread and with `--threads`, NumPy with one (its generators know no more), each in a
process of its own, interleaved. "fill" writes a constant to the same output: what the memory allows, page
faults of a fresh output included. The reference is extrapolated from a sixteenth of the rows. Peak memory is
beyond the inputs, which hold the reused buffer but not a fresh output.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from support import markdown, options
from support.agreement import moments_apart, same_bytes
from support.arrays import make, store
from support.document import document, save
from support.machine import LEVELS
from support.race import Contestant, race
from support.shapes import Shape

ANOMALIES, UNLABELED = 500, 20_000
OUTPUT_BYTES = 1 << 27
WIDTHS = (7, 30, 128, 512)


def main() -> None:
    parser = options.parser(__doc__)
    options.add_race_options(parser, budget=20)
    parser.add_argument("--levels", action="store_true", help="every NNGMIX_FORCE_ISA; ours alone")
    arguments = parser.parse_args()
    doc = document("mix")
    doc |= {"mode": "levels" if arguments.levels else "peers", "threads": arguments.threads}
    rows = []
    for dtype in ("float32", "float64"):
        for d in WIDTHS:
            for reuse in (True, False)[: 1 if arguments.levels else 2]:
                name = f"{dtype}-{d}-{'reused' if reuse else 'fresh'}"
                if options.wanted(name, arguments):
                    made = measure(name, dtype, d, reuse, arguments)
                    doc["results"].append(made)
                    rows.append(summary_row(made))
                    save(doc, arguments.json)
    print("\n## GB/s of output (speed relative to vectorised NumPy, or to the first level)\n")
    if rows:
        names = [record["contestant"] for record in doc["results"][0]["contestants"]]
        print(markdown.table(["output", *names], rows))


def measure(name: str, dtype: str, d: int, reuse: bool, arguments: argparse.Namespace) -> dict[str, Any]:
    size = OUTPUT_BYTES // 256 if arguments.quick else OUTPUT_BYTES
    n = size // (d * np.dtype(dtype).itemsize)
    anomalies, unlabeled = make(Shape(ANOMALIES, UNLABELED, d, dtype, "clustered"), 1, None)

    def entry(label: str, maker: str, threads: int, level: str = "", note: str = "") -> Contestant:
        asked = {"maker": maker, "n": n, "threads": threads, "reuse": reuse}
        environment = {"NNGMIX_FORCE_ISA": level} if level else {}
        return Contestant(label, "support.mixers:generation", arrays, asked, environment, note)

    with tempfile.TemporaryDirectory() as folder:
        arrays = store(Path(folder), anomalies, unlabeled)
        if arguments.levels:
            entries = [entry(f"nngmix, {level}", "ours", 1, level) for level in LEVELS]
        else:
            many = arguments.threads
            entries = [
                entry("nngmix, 1 thread", "ours", 1),
                entry(f"nngmix, {many} threads", "ours", many),
                entry("NumPy", "numpy", 1),
                entry("fill, 1 thread", "fill", 1),
                entry(f"fill, {many} threads", "fill", many),
                entry("nngmix.reference", "reference", 1, note="a sixteenth of the rows, extrapolated"),
            ]
        limits = options.limits_of(arguments)
        records = race(entries, Path(folder), threads=arguments.threads, limits=limits, check=check)
    print(f"\n## {name}, {n} rows\n\n{markdown.contestants_table(records)}", flush=True)
    n_bytes = n * d * np.dtype(dtype).itemsize
    return {"shape": name, "rows": n, "columns": d, "bytes": n_bytes, "contestants": records}


def check(expected: Any, result: Any, entry: Contestant) -> float:
    """Ours and the reference are the same bytes; NumPy's rows have the same distribution."""
    if entry.options["maker"] == "fill":
        return 0.0
    if entry.options["maker"] != "numpy":
        return same_bytes(expected, result)
    return moments_apart(expected, result)


def summary_row(made: dict[str, Any]) -> list[str]:
    records = made["contestants"]
    names = [record["contestant"] for record in records]
    base = records[names.index("NumPy") if "NumPy" in names else 0].get("median")
    cells = [made["shape"]]
    for record in records:
        if "median" not in record:
            cells.append(record.get("error", "-"))
            continue
        record["gb_per_second"] = made["bytes"] / record["median"] * 1e-9
        ratio = f" ({base / record['median']:.2f}x)" if base else ""
        cells.append(f"{record['gb_per_second']:.2f}{ratio}")
    return cells


if __name__ == "__main__":
    main()
