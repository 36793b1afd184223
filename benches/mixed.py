"""Neighbours in tables of numbers, categories and missing values against what a user could take instead.

    python benches/mixed.py --json mixed.json      # every shape, every peer
    python benches/mixed.py --quick                # does it all run? (figures mean nothing)

Peers run in processes of their own, interleaved (support/race.py, support/mixed_peers.py): one-hot columns
and our search of numbers (from ranks, and encoded before), faiss' METRIC_GOWER and METRIC_NaNEuclidean,
scikit-learn's nan_euclidean_distances and the gower package, both by blocks. Where no value is missing,
one-hot columns have our metric, and distances are compared. Where all columns are numbers, ours is set beside
our search of numbers.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from support import markdown, options
from support.document import SEARCH_LIBRARIES, document, save
from support.mixed_tables import MIXED_SHAPES, MixedShape, store_mixed
from support.race import Contestant, race
from support.search_contestants import faiss_environment

TASK = "support.mixed_peers:task"
# Of a distance that is a sum of one-hot columns.
TOLERANCE = 1e-4


def main() -> None:
    parser = options.parser(__doc__)
    options.add_race_options(parser, budget=30)
    arguments = parser.parse_args()
    doc = document("mixed", (*SEARCH_LIBRARIES, "gower"))
    doc["threads"] = arguments.threads
    rows = []
    for listed in MIXED_SHAPES:
        if not options.wanted(listed.name, arguments):
            continue
        shape = listed.quick() if arguments.quick else listed
        records = race_shape(shape, arguments)
        doc["results"].append({"shape": shape.name, **vars(shape), "contestants": records})
        save(doc, arguments.json)
        print(f"\n## {shape.name}\n\n{markdown.contestants_table(records)}", flush=True)
        rows += [
            [shape.name if i == 0 else "", record["contestant"], cell]
            for i, (record, cell) in enumerate(zip(records, markdown.slowdown(records), strict=True))
        ]
    print("\n## Median ms, and how many times ours\n")
    print(markdown.table(["shape", "contestant", "median ms"], rows))


def race_shape(shape: MixedShape, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    def check(expected: Any, result: Any, entry: Contestant) -> float:
        # In float32 the root of 1/2 has 8 digits.
        off = np.abs(expected - result).max() if has_our_metric(entry, shape) else 0.0
        return 0.0 if off <= TOLERANCE else float(off / TOLERANCE)

    with tempfile.TemporaryDirectory() as folder:
        entries = contestants(shape, store_mixed(shape, Path(folder)), arguments.threads)
        limits = options.limits_of(arguments)
        records = race(entries, Path(folder), threads=arguments.threads, limits=limits, check=check)
    for entry, record in zip(entries, records, strict=True):
        if not has_our_metric(entry, shape):
            record.pop("error_over_tolerance", None)
    return records


def has_our_metric(entry: Contestant, shape: MixedShape) -> bool:
    return shape.missing == 0 and entry.options["peer"] in ("ours", "numbers", "one_hot", "one_hot_before")


def contestants(shape: MixedShape, arrays: dict[str, str], threads: int) -> list[Contestant]:
    def entry(name: str, peer: str, **more: str) -> Contestant:
        asked = {"peer": peer, "numeric": shape.numeric, "k": shape.k, "threads": threads, **more}
        environment = faiss_environment() if peer == "faiss" else {}
        return Contestant(name, TASK, arrays, asked, environment)

    entries = [entry("nngmix, mixed", "ours")]
    if shape.categorical > 0:
        entries += [
            entry("one-hot + nngmix", "one_hot"),
            entry("one-hot + nngmix, encoded before", "one_hot_before"),
        ]
    elif shape.missing == 0:
        entries.append(entry("nngmix, numbers", "numbers"))
    return [
        *entries,
        entry("faiss METRIC_GOWER", "faiss", metric="METRIC_GOWER"),
        entry("faiss METRIC_NaNEuclidean", "faiss", metric="METRIC_NaNEuclidean"),
        entry("scikit-learn nan_euclidean_distances", "scikit_learn"),
        entry("gower", "gower"),
    ]


if __name__ == "__main__":
    main()
