"""Memory: new rows from a memory-mapped U larger than anything that may be copied.

    python benches/memory.py --json memory.json    # 8 GB: 62.5 million rows of 32 columns, float32
    python benches/memory.py --quick               # does it run? (figures mean nothing)

The file is written, searched and removed. What counts is anonymous memory (`RssAnon` of /proc/self/status,
looked at every 2 ms): pages of the file are the system's to drop at any time. `nngmix.nng_mix` runs in a
process of its own; "beyond the inputs" is its peak less what it held before the call, with the anomalies in
memory, and so includes the table and the new rows.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from support import options
from support.document import document, save
from support.measurement import memory

ANOMALIES, N_SAMPLES, N_NEIGHBORS = 50, 500, 10
LIMIT = 64 << 20
WRITTEN_ROWS = 1 << 18


def main() -> None:
    parser = options.parser(__doc__)
    parser.add_argument("--rows", type=int, default=62_500_000)
    parser.add_argument("--columns", type=int, default=32)
    parser.add_argument("--folder", help="where the file is written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write what was measured to this file")
    parser.add_argument("--quick", action="store_true", help="a thousandth of the rows")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rows = max(arguments.rows // 1000, 1)
    if arguments.measure is not None:
        print(measure(arguments.measure, arguments.rows, arguments.columns))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / "unlabeled.float32"
        write(path, arguments.rows, arguments.columns)
        shape = [f"--rows={arguments.rows}", f"--columns={arguments.columns}"]
        child = subprocess.run(
            [sys.executable, __file__, f"--measure={path}", *shape],
            check=True,
            capture_output=True,
            text=True,
        )
        seconds, beyond = map(float, child.stdout.split())
        size = path.stat().st_size
    table = ANOMALIES * N_NEIGHBORS * (4 * arguments.columns + 16)
    doc = document("memory")
    doc["results"].append(
        {
            "shape": f"{ANOMALIES}x{arguments.rows}x{arguments.columns}-float32",
            "bytes": size,
            "seconds": seconds,
            "table_bytes": table,
            "beyond_inputs_bytes": int(beyond),
        }
    )
    save(doc, arguments.json)
    print(
        f"U of {size / 1e9:.2f} GB searched in {seconds:.2f} s ({size / seconds / 1e9:.1f} GB/s); "
        f"{beyond / 2**20:.1f} MiB beyond the inputs, the table is {table / 2**20:.2f} MiB"
    )
    if beyond > table + LIMIT:
        sys.exit(f"more than the table and {LIMIT >> 20} MiB")


def write(path: Path, rows: int, columns: int) -> None:
    """Uniform rows, part by part."""
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for start in range(0, rows, WRITTEN_ROWS):
            rng.random((min(WRITTEN_ROWS, rows - start), columns), np.float32).tofile(file)


def measure(path: Path, rows: int, columns: int) -> str:
    """Seconds and the peak of anonymous memory beyond the inputs, in bytes."""
    import nngmix

    unlabeled = np.memmap(path, np.float32, "r", shape=(rows, columns))
    anomalies = np.random.default_rng(1).random((ANOMALIES, columns), np.float32)
    before = memory("RssAnon")
    peak, done = before, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, memory("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    made: Any = nngmix.nng_mix(anomalies, unlabeled, N_SAMPLES, n_neighbors=N_NEIGHBORS, random_state=0)
    seconds = time.perf_counter() - begin
    done.set()
    watcher.join()
    assert made.shape == (N_SAMPLES, columns)
    return f"{seconds} {max(peak, memory('RssAnon')) - before}"


if __name__ == "__main__":
    main()
