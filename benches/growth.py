"""Time and peak memory against the number of rows: reading alone, with the search, and writing.

    python benches/growth.py FOLDER --sizes 1e5 1e6 1e7 --json benches/results/growth.json
    python benches/growth.py FOLDER --sizes 1e8 --modes read search augment --json benches/results/growth.json
    python benches/growth.py FOLDER --sizes 1e8 --modes read search --cold --json benches/results/growth.json

Makes the input files under FOLDER if they are not there (12 GB for 1e8 rows). Every measurement is a process
of its own; of several the median is kept.

    read      pyarrow.dataset alone: record batches, which nothing looks at
    matrix    nngmix.stream.fit for one anomaly, unscaled: reading, columns into rows, next to no search
    search    nngmix.stream.fit, 50 anomalies, unscaled: one pass
    scaled    the same with scale="minmax": two passes
    augment   nngmix augment, min-max scaled, to 10 % anomalies
    write     pyarrow writes ready columns to Parquet, as many rows as `generate` makes
    generate  nngmix augment on a file of at most 70,000 rows: as many new rows as were asked for, up to 1e7
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from support import options
from support.document import command, save
from support.machine import processor, versions
from support.parquet_rows import ABOUT, N_ANOMALIES, N_FEATURES, forget, make
from support.process import BENCHES

MODES = ["read", "matrix", "search", "scaled", "augment", "write", "generate"]


def main() -> None:
    parser = options.parser(__doc__)
    parser.add_argument("folder", type=Path, help="where the files are or will be")
    parser.add_argument(
        "--sizes", nargs="+", type=lambda text: int(float(text)), default=[10**5, 10**6, 10**7]
    )
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--repeats", type=int, default=3, help="of sizes up to 1e7; larger ones run once")
    parser.add_argument("--cold", action="store_true", help="read from the disk and not from its cache")
    parser.add_argument("--json", type=Path, help="add the results to those in this file")
    arguments = parser.parse_args()
    results = []
    for n_rows in arguments.sizes:
        folder = make(arguments.folder.resolve() / f"1e{len(str(n_rows)) - 1}", n_rows)
        if not arguments.cold:
            # One pass beforehand, so that all read from the same state of the system's cache.
            run("read", folder, n_rows)
        repeats = arguments.repeats if n_rows <= 10**7 else 1
        modes = {mode: measure(mode, folder, n_rows, repeats, arguments.cold) for mode in arguments.modes}
        results.append({"rows": n_rows, "columns": N_FEATURES, "anomalies": N_ANOMALIES, "modes": modes})
    if arguments.json:
        # One file of several runs, since the large sizes take long.
        before = json.loads(arguments.json.read_text()) if arguments.json.exists() else []
        save([*before, {**about(), "cold": arguments.cold, "results": results}], arguments.json)


def measure(mode: str, folder: Path, n_rows: int, repeats: int, cold: bool) -> dict[str, Any]:
    runs = []
    for _ in range(repeats):
        if cold:
            forget(folder)
        runs.append(run(mode, folder, n_rows))
    seconds = statistics.median(run["seconds"] for run in runs)
    peak = max(run["peak_rss"] for run in runs)
    print(
        f"{n_rows:>11,} {mode:<9} {seconds:9.3f} s  {seconds / n_rows * 1e9:8.1f} ns a row "
        f"{peak / 2**20:7.0f} MiB",
        flush=True,
    )
    return {"seconds": seconds, "peak_rss": peak}


def run(mode: str, folder: Path, n_rows: int) -> dict[str, Any]:
    """One measurement in a process of its own."""
    worker = [sys.executable, "-m", "support.growth_modes", mode, str(folder), str(n_rows)]
    done = subprocess.run(worker, stdout=subprocess.PIPE, text=True, check=True, cwd=BENCHES)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def about() -> dict[str, Any]:
    return {
        "machine": processor(),
        "cpus": os.cpu_count(),
        "versions": {"python": platform.python_version(), **versions(("numpy", "pyarrow", "nngmix"))},
        "command": command(),
        "input": ABOUT,
    }


if __name__ == "__main__":
    main()
