"""Time and peak memory against the number of rows: reading alone, with the search, and writing.

    python benches/growth.py FOLDER --sizes 1e5 1e6 1e7 --json benches/results/growth.json
    python benches/growth.py FOLDER --sizes 1e8 --modes read search augment --json benches/results/growth.json
    python benches/growth.py FOLDER --sizes 1e8 --modes read search --cold --json benches/results/growth.json

Makes the input files under FOLDER if they are not there (12 GB for 1e8 rows; see growth_data.py). Every
measurement is a process of its own; of several the median is kept.

    read      pyarrow.dataset alone: record batches, which nothing looks at
    matrix    batches of nngmix.stream.Scan, put into row-major matrices
    search    nngmix.stream.fit, 50 anomalies, unscaled: one pass
    scaled    the same with scale="minmax": two passes
    augment   nngmix augment, min-max scaled, to 10 % anomalies
    write     pyarrow writes ready columns to Parquet, as many rows as `generate` makes
    generate  rows made and written by the writer of nngmix augment
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

import nngmix
from growth_data import N_ANOMALIES, N_FEATURES, ROWS_PER_FILE, make
from nngmix.matrices import interleave
from nngmix.scaled import SEARCH_VALUES
from nngmix.scan import Scan
from nngmix.stream import fit

NAMES = [f"x{j}" for j in range(N_FEATURES)]
MODES = ["read", "matrix", "search", "scaled", "augment", "write", "generate"]


def scan(folder: Path) -> Scan:
    return Scan(folder, columns=NAMES, batch_rows=SEARCH_VALUES // N_FEATURES)


def anomalies(folder: Path) -> np.ndarray:
    first = pq.ParquetFile(folder / "part-00000.parquet").iter_batches(N_ANOMALIES, columns=NAMES)
    return np.column_stack([column.to_numpy() for column in next(iter(first)).columns])


def read(folder: Path) -> None:
    # Without pre_buffer, which was up to seven times slower here.
    options = ds.ParquetFragmentScanOptions(pre_buffer=False)
    for _ in ds.dataset(folder).to_batches(columns=NAMES, fragment_scan_options=options):
        pass


def put_into_matrices(folder: Path) -> None:
    out = np.empty((SEARCH_VALUES // N_FEATURES, N_FEATURES), np.float32)
    for batch in scan(folder):
        interleave([column.to_numpy() for column in batch.columns], out[: batch.num_rows])


def augment(folder: Path, out: Path) -> None:
    from nngmix.cli import run

    asked = ["--label", "label", "--anomaly", "1", "-n", "10%", "--seed", "0"]
    if run(["augment", str(folder), "-o", str(out), *asked]) != 0:
        sys.exit("nngmix augment failed")


def spans(n_rows: int) -> dict[int, tuple[int, int]]:
    """Files of a million rows, as the command line makes them."""
    starts = range(0, n_rows, ROWS_PER_FILE)
    return {number: (start, min(start + ROWS_PER_FILE, n_rows)) for number, start in enumerate(starts)}


def write(out: Path, n_rows: int, group: int) -> None:
    """Ready columns of one row group, written again and again: nothing is made in between."""
    columns = np.random.default_rng(0).random((N_FEATURES, group), dtype=np.float32)
    batch = pa.RecordBatch.from_arrays([pa.array(column) for column in columns], NAMES)
    started = time.perf_counter()
    out.mkdir(parents=True)
    for number, (start, stop) in spans(n_rows).items():
        with open(out / f"part-{number:05d}.parquet", "wb") as file:
            with pq.ParquetWriter(file, batch.schema, use_dictionary=False) as writer:
                for first in range(start, stop, group):
                    writer.write_batch(batch.slice(0, min(group, stop - first)), row_group_size=group)
            os.fsync(file.fileno())
    report(started)


def generate(folder: Path, out: Path, n_rows: int) -> None:
    from nngmix.volume.making import Maker, write_files

    table = fit(anomalies(folder), [next(iter(scan(folder)))], scale="minmax")
    mixture = {"alpha": 0.2, "beta": 0.2, "unlabeled_fraction": 0.5, "random_state": 0}
    maker = Maker(table, NAMES, None, mixture, 0.01, False, None)
    started = time.perf_counter()
    out.mkdir(parents=True)
    list(write_files(str(out), maker, spans(n_rows)))
    report(started)


def report(started: float) -> None:
    lines = Path("/proc/self/status").read_text().splitlines()
    # Not getrusage, which begins with the memory of the process this one was forked from.
    peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    print(json.dumps({"seconds": time.perf_counter() - started, "peak_rss": peak}))


def work(mode: str, folder: Path, n_rows: int) -> None:
    out = folder.parent / "out"
    shutil.rmtree(out, ignore_errors=True)
    n_new = min(n_rows, 10_000_000)
    if mode == "write":
        return write(out, n_new, (1 << 22) // N_FEATURES)
    if mode == "generate":
        return generate(folder, out, n_new)
    X_anomaly = anomalies(folder)
    started = time.perf_counter()
    if mode == "read":
        read(folder)
    elif mode == "matrix":
        put_into_matrices(folder)
    elif mode == "augment":
        augment(folder, out)
    else:
        fit(X_anomaly, scan(folder), scale="minmax" if mode == "scaled" else None)
    report(started)
    return None


def model_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def forget(path: Path) -> None:
    """Take a file out of the system's cache."""
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def measure(mode: str, folder: Path, n_rows: int, repeats: int, cold: bool) -> dict[str, float]:
    command = [sys.executable, __file__, str(folder), "--worker", mode, "--sizes", str(n_rows)]
    runs = []
    for _ in range(repeats):
        if cold:
            for path in folder.iterdir():
                forget(path)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
        shutil.rmtree(folder.parent / "out", ignore_errors=True)
    seconds = statistics.median(run["seconds"] for run in runs)
    peak = max(run["peak_rss"] for run in runs)
    print(
        f"{n_rows:>11,} {mode:<9} {seconds:9.3f} s  {seconds / n_rows * 1e9:8.1f} ns a row "
        f"{peak / 2**20:7.0f} MiB"
    )
    return {"seconds": seconds, "peak_rss": peak}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--sizes", nargs="+", type=lambda text: int(float(text)), default=[10**5, 10**6, 10**7]
    )
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--repeats", type=int, default=3, help="of sizes up to 1e7; larger ones run once")
    parser.add_argument("--cold", action="store_true", help="read from the disk and not from its cache")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", choices=MODES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        work(args.worker, args.folder, args.sizes[0])
        return
    results = []
    for n_rows in args.sizes:
        folder = make(args.folder / f"1e{len(str(n_rows)) - 1}", n_rows)
        if not args.cold:
            # One pass beforehand, so that all read from the same state of the system's cache.
            read(folder)
        modes = {
            mode: measure(mode, folder, n_rows, args.repeats if n_rows <= 10**7 else 1, args.cold)
            for mode in args.modes
        }
        results.append({"rows": n_rows, "columns": N_FEATURES, "anomalies": N_ANOMALIES, "modes": modes})
    about = {
        "machine": model_name(),
        "cpus": os.cpu_count(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pyarrow": pa.__version__,
            "nngmix": nngmix.__version__,
        },
        "command": "benches/growth.py FOLDER " + " ".join(sys.argv[2:]),
        "input": "Parquet, uncompressed, plain, row groups of 2^18 rows, files of at most 1e6 rows",
    }
    if args.json:
        # One file of several runs, since the large sizes take long.
        before = json.loads(args.json.read_text()) if args.json.exists() else []
        run = {**about, "cold": args.cold, "results": results}
        args.json.write_text(json.dumps([*before, run], indent=1) + "\n")


if __name__ == "__main__":
    main()
