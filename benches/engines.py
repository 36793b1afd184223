"""Dask with two workers against one, and the same job by Dask and by Spark.

    python benches/engines.py FOLDER --json benches/results/engines.json

Makes 4e6 x 30 float32 rows of Parquet in 32 files under FOLDER if they are not there (0.5 GB, by
growth_data.py).

    search     nngmix.dask.fit, one pass; 10,000 anomalies: bound by arithmetic, 2,000: by that and by reading
    generate   nngmix.dask.generate, 2e7 rows, each made and thrown away where it is made

by one worker and by two, processes of one thread each, taking turns; then

    job        read the files, find the 50 labelled anomalies, scale, search, make rows to 10 % anomalies and
               write them as Parquet, by two Dask workers and by Spark's local[2]: with the same bytes
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pyarrow.parquet as pq
from distributed import Client

import nngmix.dask
import nngmix.spark
from growth import model_name
from growth_data import N_FEATURES, make

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
import clusters

NAMES = [f"x{j}" for j in range(N_FEATURES)]
N_ROWS, ROWS_PER_FILE = 4_000_000, 125_000
MANY, FEWER = 10_000, 2_000
N_MADE, N_PARTS = 20_000_000, 32
OPTIONS: dict[str, Any] = {"label": "label", "features": NAMES, "only_new": True, "random_state": 0}


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def compare_workers(folder: Path, repeats: int) -> dict[str, Any]:
    """Times of one worker and of two, in turns, and their ratio; both must give the same bytes."""
    frame = dd.read_parquet(folder, columns=NAMES)
    anomalies = np.random.default_rng(3).random((MANY, N_FEATURES), dtype=np.float32)
    names = {MANY: f"search, {MANY} anomalies", FEWER: f"search, {FEWER} anomalies"}
    times: dict[str, dict[int, list[float]]] = {
        name: {1: [], 2: []} for name in (*names.values(), "generate")
    }
    found: dict[int, set[str]] = {MANY: set(), FEWER: set()}
    with ExitStack() as stack:
        both = {n: stack.enter_context(clusters.dask_cluster(n)) for n in (1, 2)}
        for n, cluster in both.items():
            with Client(cluster) as client:
                client.wait_for_workers(n)
                # Imports and the first look at the files.
                nngmix.dask.fit(anomalies[:10], frame)
        for _ in range(repeats):
            for n, cluster in both.items():
                with Client(cluster):
                    for count, name in names.items():
                        spent, table = seconds(lambda n=count: nngmix.dask.fit(anomalies[:n], frame))
                        times[name][n].append(spent)
                        found[count].add(hashlib.sha256(table.table.neighbor_rows.tobytes()).hexdigest())
                    made = nngmix.dask.generate(table, N_MADE, N_PARTS, columns=NAMES, random_state=0)
                    spent, counts = seconds(made.map_partitions(len, meta=("rows", int)).compute)
                    assert counts.sum() == N_MADE
                    times["generate"][n].append(spent)
    assert all(len(hashes) == 1 for hashes in found.values()), "one worker and two found different neighbours"
    summary = {}
    for name, of in times.items():
        medians = {n: statistics.median(values) for n, values in of.items()}
        summary[name] = {"seconds": of, "median": medians, "speedup": medians[1] / medians[2]}
    return summary


def written(out: Path) -> tuple[int, str]:
    """Number and hash of the rows in a folder of Parquet files, in the order of its files."""
    tables = [pq.read_table(file, columns=NAMES) for file in sorted(out.glob("part*.parquet"))]
    rows = [np.column_stack([table[name].to_numpy() for name in NAMES]) for table in tables]
    return sum(map(len, rows)), hashlib.sha256(b"".join(part.tobytes() for part in rows)).hexdigest()


def job(folder: Path, out: Path, repeats: int) -> dict[str, Any]:
    """The same job by both engines, each warm; the times are those of the whole job."""

    def by_dask() -> None:
        made = nngmix.dask.augment(dd.read_parquet(folder), "10%", npartitions=4, **OPTIONS)
        made.to_parquet(out, write_index=False, name_function=lambda number: f"part-{number:05}.parquet")

    def by_spark() -> None:
        frame = session.read.parquet(str(folder))
        made = nngmix.spark.augment(frame, "10%", num_partitions=4, **OPTIONS)
        made.write.mode("overwrite").parquet(str(out))

    results: dict[str, Any] = {}
    with ExitStack() as stack:
        cluster = stack.enter_context(clusters.dask_cluster(2))
        stack.enter_context(Client(cluster))
        session = clusters.spark_session(2)
        stack.callback(session.stop)
        for name, work in (("dask", by_dask), ("spark", by_spark)):
            spent = []
            for _ in range(repeats + 1):
                shutil.rmtree(out, ignore_errors=True)
                spent.append(seconds(work)[0])
            n_rows, digest = written(out)
            results[name] = {
                "first": spent[0],
                "seconds": spent[1:],
                "median": statistics.median(spent[1:]),
                "rows_written": n_rows,
                "sha256": digest,
            }
    shutil.rmtree(out, ignore_errors=True)
    results["same_bytes"] = results["dask"]["sha256"] == results["spark"]["sha256"]
    return results


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=3, help="of one worker and two")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    folder = make(args.folder / "engines", N_ROWS, ROWS_PER_FILE)
    libraries = ("nngmix", "numpy", "pyarrow", "pandas", "dask", "distributed", "pyspark")
    report = {
        "machine": model_name(),
        "cpus": os.cpu_count(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in libraries}},
        "command": "benches/engines.py FOLDER " + " ".join(sys.argv[2:]),
        "input": f"Parquet, {N_ROWS} x {N_FEATURES} float32 in {N_ROWS // ROWS_PER_FILE} files, in the cache",
        "workers": compare_workers(folder, args.repeats),
        "job": job(folder, args.folder / "out", 1),
    }
    text = json.dumps(report, indent=1)
    print(text)
    if args.json:
        args.json.write_text(text + "\n")
    return 0 if report["job"]["same_bytes"] else 1


if __name__ == "__main__":
    sys.exit(main())
