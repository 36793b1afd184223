"""Dask with two workers against one, and the same job by the shell, by Dask and by Spark.

    python benches/engines.py FOLDER --json benches/results/engines.json
    python benches/engines.py FOLDER --quick     # does it run? (figures mean nothing)

Makes 4e6 x 30 float32 rows of Parquet in 32 files under FOLDER if they are not there (0.5 GB).

    search     nngmix.dask.fit, one pass; 10,000 anomalies: bound by arithmetic, 2,000: by that and by reading
    generate   nngmix.dask.generate, 2e7 rows, each made and thrown away where it is made

by one worker and by two, processes of one thread each, taking turns; then

    job        read the files, find the 50 labelled anomalies, scale, search, make rows to 10 % anomalies and
               write them as Parquet, by nngmix augment, two Dask workers and Spark's local[2], taking turns:
               with the same bytes
"""

import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pyarrow.parquet as pq
from distributed import Client

import nngmix.dask
import nngmix.spark
from support import options
from support.clusters import dask_cluster, spark_session
from support.document import command, save
from support.machine import processor, versions
from support.parquet_rows import FEATURES, LABEL, N_FEATURES, make

N_FILES = 32
LIBRARIES = ("nngmix", "numpy", "pyarrow", "pandas", "dask", "distributed", "pyspark")
AUGMENT: dict[str, Any] = {"label": LABEL, "features": FEATURES, "only_new": True, "random_state": 0}


@dataclass(frozen=True)
class Size:
    rows_per_file: int = 125_000
    many_anomalies: int = 10_000
    fewer_anomalies: int = 2_000
    n_made: int = 20_000_000

    @property
    def n_rows(self) -> int:
        return N_FILES * self.rows_per_file


QUICK = Size(rows_per_file=1000, many_anomalies=100, fewer_anomalies=50, n_made=10_000)


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def compare_workers(folder: Path, size: Size, repeats: int) -> dict[str, Any]:
    """Times of one worker and of two, in turns, and their ratio; both must give the same bytes."""
    frame = dd.read_parquet(folder, columns=FEATURES)
    anomalies = np.random.default_rng(3).random((size.many_anomalies, N_FEATURES), dtype=np.float32)
    names = {n: f"search, {n} anomalies" for n in (size.many_anomalies, size.fewer_anomalies)}
    times: dict[str, dict[int, list[float]]] = {
        name: {1: [], 2: []} for name in (*names.values(), "generate")
    }
    found: dict[int, set[str]] = {n: set() for n in names}
    with ExitStack() as stack:
        both = {n: stack.enter_context(dask_cluster(n)) for n in (1, 2)}
        for n, cluster in both.items():
            with Client(cluster) as client:
                client.wait_for_workers(n)
                # Imports and the first look at the files.
                nngmix.dask.fit(anomalies[:10], frame)
        for _ in range(repeats):
            for n, cluster in both.items():
                with Client(cluster):
                    for count, name in names.items():
                        spent, table = seconds(partial(nngmix.dask.fit, anomalies[:count], frame))
                        times[name][n].append(spent)
                        # Rows made from it tell a table from another.
                        rows = table.rows(0, 20 * count, random_state=0)
                        found[count].add(hashlib.sha256(rows.tobytes()).hexdigest())
                    made = nngmix.dask.generate(table, size.n_made, N_FILES, columns=FEATURES, random_state=0)
                    spent, counts = seconds(made.map_partitions(len, meta=("rows", int)).compute)
                    assert counts.sum() == size.n_made
                    times["generate"][n].append(spent)
    assert all(len(hashes) == 1 for hashes in found.values()), "one worker and two found different neighbours"
    summary = {}
    for name, of in times.items():
        medians = {n: statistics.median(values) for n, values in of.items()}
        summary[name] = {"seconds": of, "median": medians, "speedup": medians[1] / medians[2]}
    return summary


def written(out: Path) -> tuple[int, str]:
    """Number and hash of the rows in a folder of Parquet files, in the order of its files."""
    tables = [pq.read_table(file, columns=FEATURES) for file in sorted(out.glob("part*.parquet"))]
    rows = [np.column_stack([table[name].to_numpy() for name in FEATURES]) for table in tables]
    return sum(map(len, rows)), hashlib.sha256(b"".join(part.tobytes() for part in rows)).hexdigest()


def job(folder: Path, out: Path, repeats: int) -> dict[str, Any]:
    """The same job by the shell and both engines, each warm; the times are those of the whole job."""

    def by_shell() -> None:
        options = ["-n", "10%", "--seed", "0", "--label", LABEL, "--anomaly", "1"]
        command = [sys.executable, "-m", "nngmix", "augment", str(folder), "-o", str(out), *options]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    def by_dask() -> None:
        made = nngmix.dask.augment(dd.read_parquet(folder), "10%", npartitions=4, **AUGMENT)
        # Without dictionaries of numbers that never repeat, as the shell writes them.
        options = {"write_index": False, "use_dictionary": False}
        made.to_parquet(out, name_function=lambda number: f"part-{number:05}.parquet", **options)

    def by_spark() -> None:
        frame = session.read.parquet(str(folder))
        made = nngmix.spark.augment(frame, "10%", num_partitions=4, **AUGMENT)
        made.write.mode("overwrite").parquet(str(out))

    times: dict[str, list[float]] = {}
    wrote: dict[str, tuple[int, str]] = {}

    def turn(name: str, work: Callable[[], None]) -> None:
        shutil.rmtree(out, ignore_errors=True)
        times.setdefault(name, []).append(seconds(work)[0])
        wrote[name] = written(out)

    with ExitStack() as stack:
        stack.enter_context(Client(stack.enter_context(dask_cluster(2))))
        for _ in range(repeats + 1):
            turn("shell", by_shell)
            turn("dask", by_dask)
        session = spark_session(2)
        stack.callback(session.stop)
        turn("spark", by_spark)
        turn("spark", by_spark)
    shutil.rmtree(out, ignore_errors=True)
    results: dict[str, Any] = {
        name: {
            "first": spent[0],
            "seconds": spent[1:],
            "median": statistics.median(spent[1:]),
            "rows_written": wrote[name][0],
            "sha256": wrote[name][1],
        }
        for name, spent in times.items()
    }
    return {**results, "same_bytes": len({digest for _, digest in wrote.values()}) == 1}


def main() -> int:
    parser = options.parser(__doc__)
    parser.add_argument("folder", type=Path, help="where the files are or will be")
    parser.add_argument("--repeats", type=int, default=3, help="of one worker and two, of the shell and Dask")
    parser.add_argument("--quick", action="store_true", help="shrink everything: does it run at all?")
    parser.add_argument("--json", type=Path, help="write the results here")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else Size()
    name = "engines-quick" if arguments.quick else "engines"
    folder = make(arguments.folder.resolve() / name, size.n_rows, size.rows_per_file)
    doc: dict[str, Any] = {
        "machine": processor(),
        "cpus": os.cpu_count(),
        "versions": {"python": platform.python_version(), **versions(LIBRARIES)},
        "command": command(),
        "input": f"Parquet, {size.n_rows} x {N_FEATURES} float32 in {N_FILES} files, in the cache",
        "workers": compare_workers(folder, size, arguments.repeats),
        "job": job(folder, arguments.folder.resolve() / "out", arguments.repeats),
    }
    print(json.dumps(doc, indent=1))
    save(doc, arguments.json)
    return 0 if doc["job"]["same_bytes"] else 1


if __name__ == "__main__":
    sys.exit(main())
