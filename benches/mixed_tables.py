"""New rows of mixed tables: whether they could be real, and what they are worth to detectors.

    python benches/mixed_tables.py --json mixed_tables.json
    python benches/mixed_tables.py --tables connections --seeds 1    # a part of it
    python benches/mixed_tables.py --quick           # does it run? (figures mean nothing)
    python benches/mixed_tables.py --volume --json mixed_volume.json
    python benches/mixed_tables.py --show mixed_tables.json   # its tables again

Tables that ship in packages (pip install river statsmodels) and tables made from seeds. Half of each is the
test; 3 or 10 anomalies of the other half are labelled, and the rest of it is unlabelled, anomalies included.
Every way to make rows (support/mixed_ways.py) brings the labelled ones to a tenth of the unlabelled rows.
`--volume` times `fit_resample` of a frame of 1,000,000 connections, beside SMOTENC's.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed, parallel_config

from support import markdown, options
from support.document import document, save
from support.made_tables import MADE
from support.mixed_measures import measure
from support.mixed_ways import ENSEMBLE, WAYS
from support.race import Contestant, Limits, race
from support.shipped_tables import SHIPPED
from support.table import MOST_ROWS

LIBRARIES = (
    *("nngmix", "numpy", "pandas", "scikit-learn", "imbalanced-learn", "xgboost", "xgboost-cpu"),
    *("river", "statsmodels"),
)
LABELS = (3, 10)
NAMES = [*(way.name for way in WAYS), ENSEMBLE]
# All in per cent, all but the detectability better the higher.
SHOWN = ("coherence", "possible", "detectability", "HGB AUROC", "HGB AP", "XGBoost AUROC", "XGBoost AP")
VOLUME = (("NNGMix", 1_000_000), ("SMOTENC", 10_000), ("SMOTENC", 100_000), ("SMOTENC", 1_000_000))
Records = list[dict[str, Any]]


def main() -> None:
    parser = options.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed, few rows: does it run at all?")
    parser.add_argument("--tables", default="", help="only tables whose name holds one of these, a,b,c")
    parser.add_argument("--seeds", type=int, default=3, help="splits of each table")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="splits measured at a time")
    parser.add_argument("--volume", action="store_true", help="time and memory of many rows instead")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of the volume")
    parser.add_argument("--limit", type=float, default=150, help="seconds that a call of the volume may take")
    parser.add_argument("--show", type=Path, metavar="JSON", help="print the tables of results, measure none")
    parser.add_argument("--json", type=Path, help="write the results here, after every table")
    arguments = parser.parse_args()
    if arguments.show is not None:
        print("\n".join(page(json.loads(arguments.show.read_text())["results"])))
        return
    doc = document("mixed_volume" if arguments.volume else "mixed_tables", LIBRARIES)
    if arguments.volume:
        doc["results"] = volume(arguments)
        print(markdown.contestants_table(doc["results"]))
    else:
        for records in evidence(arguments):
            doc["results"] += records
            save(doc, arguments.json)
        print("\n".join(page(doc["results"])))
    save(doc, arguments.json)


def evidence(arguments: argparse.Namespace) -> Iterator[Records]:
    """For each table, the measures of every way, number of labels and seed."""
    seeds, most_rows = (1, 600) if arguments.quick else (arguments.seeds, MOST_ROWS)
    parts = arguments.tables.split(",")
    # One thread each: detectors that share the cores wait for each other.
    with parallel_config("loky", n_jobs=arguments.jobs, inner_max_num_threads=1):
        for build in (*SHIPPED, *MADE):
            table = build(0)
            if not any(part in table.name for part in parts):
                continue
            print("==", table.name, flush=True)
            splits = [(labels, seed) for labels in LABELS for seed in range(seeds)]
            made = Parallel()(delayed(measure)(table, *split, most_rows) for split in splits)
            yield [record for records in made for record in records]


def volume(arguments: argparse.Namespace) -> Records:
    """Each sampler in a process of its own, the frame made there before the clock starts."""
    entries = []
    for sampler, most in VOLUME:
        rows = most // 100 if arguments.quick else most
        asked = {"sampler": sampler, "rows": rows, "threads": arguments.threads}
        task = "support.mixed_volume:fit_resample"
        entries.append(Contestant(f"{sampler}, {rows:,} rows", task, {}, asked))
    limits = Limits(1.0, 20.0, arguments.limit, max_rounds=3)
    with tempfile.TemporaryDirectory() as folder:
        return race(entries, Path(folder), threads=arguments.threads, limits=limits)


def page(records: Records) -> Iterator[str]:
    """The tables of benches/README.md: means over the tables, then AUROC table by table."""
    for labels in LABELS:
        of_labels = [record for record in records if record["labels"] == labels]
        tables = [*dict.fromkeys(record["table"] for record in of_labels)]
        yield f"\n{labels} labels, means of {len(tables)} tables:\n"
        rows = [[name, *(_mean(of_labels, name, shown) for shown in SHOWN)] for name in NAMES]
        yield markdown.table(["way", *SHOWN], rows)
        for detector in "HGB", "XGBoost":
            yield f"\nAUROC of {detector} with {labels} labels ({ENSEMBLE}: its own):\n"
            cells = [
                [table, *(_mean(of_labels, name, f"{detector} AUROC", table) for name in NAMES)]
                for table in tables
            ]
            yield markdown.table(["table", *NAMES], cells)


def _mean(records: Records, way: str, measure: str, table: str = "") -> str:
    """Of all tables alike, or of one, in per cent; the ensemble is asked for its own."""
    if way == ENSEMBLE:
        measure = measure.partition(" ")[2]
    values = [
        record[measure]
        for record in records
        if record["way"] == way and table in ("", record["table"]) and record.get(measure) is not None
    ]
    return f"{100 * statistics.mean(values):.1f}" if values else "-"


if __name__ == "__main__":
    main()
