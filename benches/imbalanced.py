"""Beside imbalanced-learn: types in and out, estimator checks passed, time and memory of `fit_resample`.

    python benches/imbalanced.py --json imbalanced.json
    python benches/imbalanced.py --quick           # does it run? (figures mean nothing)

SMOTE, which never looks at the unlabelled rows, and NNGMix bring 50 anomalies to a tenth of 285,000 x 30
unlabelled float64 values, in a C-contiguous array and in a pandas frame. Each sampler and container has a
process of its own, and they take turns. The peak is that of a call beyond its inputs, its result included.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from support import markdown, options
from support.arrays import make, store
from support.document import TABLE_LIBRARIES, document, save
from support.race import Contestant, race
from support.samplers import SAMPLERS, checks, given_back, type_names, types
from support.shapes import Shape

SHAPE = Shape(50, 285_000, 30, "float64", "clustered")
IN = ("array", "pandas frame")
# What is aimed at: how many times the second's time the first may take.
TARGETS = (
    ("NNGMix, pandas frame", "NNGMix, array", 1.3),
    ("NNGMix, pandas frame", "SMOTE, pandas frame", 2.0),
)


def main() -> int:
    parser = options.parser(__doc__)
    options.add_race_options(parser, budget=60)
    arguments = parser.parse_args()
    doc = document("imbalanced", (*TABLE_LIBRARIES, "scikit-learn", "imbalanced-learn"))
    doc["threads"] = arguments.threads

    records = measure(SHAPE.quick() if arguments.quick else SHAPE, arguments)
    doc["results"].append({"shape": SHAPE.name, "contestants": records})
    print(f"\n## fit_resample, {SHAPE.name}\n\n{markdown.contestants_table(records)}\n")
    median = {record["contestant"]: record["median"] for record in records if "median" in record}
    for ours, other, most in TARGETS:
        if ours in median and other in median:
            ratio = median[ours] / median[other]
            print(f"{ours}: {ratio:.2f} times {other} (aim: at most {most})")

    passed = {name: checks(name) for name in SAMPLERS}
    doc["checks"] = passed
    suites = [
        [f"checks of {suite}", *(passed[name][suite] for name in SAMPLERS)] for suite in passed["SMOTE"]
    ]
    print("\n## Checks passed, of those that apply\n\n" + markdown.table(["", *SAMPLERS], suites))

    rows = [[type_names(*table), *(given_back(name, *table) for name in SAMPLERS)] for table in types()]
    doc["types"] = rows
    cells = [[given, *("the same" if back == given else back for back in backs)] for given, *backs in rows]
    print("\n## Types of X and y\n\n" + markdown.table(["in", *SAMPLERS], cells))
    save(doc, arguments.json)
    return int(any("error" in record for record in records))


def measure(shape: Shape, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        arrays = store(Path(folder), *make(shape, 1, None))
        entries = [
            Contestant(
                f"{sampler}, {container}",
                "support.samplers:fit_resample",
                arrays,
                {"sampler": sampler, "container": container, "threads": arguments.threads},
            )
            for container in IN
            for sampler in SAMPLERS
        ]
        limits = options.limits_of(arguments)
        return race(entries, Path(folder), threads=arguments.threads, limits=limits)


if __name__ == "__main__":
    sys.exit(main())
