"""The door: what it costs to pass a frame instead of an array.

    python benches/frames.py --json frames.json
    python benches/frames.py --quick             # does it run? (figures mean nothing)

`nng_mix` and `NNGMix.fit_resample` make 500 new rows from 50 labelled anomalies and 285,000 x 30 unlabelled
values, which stand in a C-contiguous array, a Fortran-ordered array, a pandas frame of NumPy or of Arrow
columns, a polars frame or a pyarrow table. Each container has a process of its own, and they take turns; a
cell is the median in milliseconds and how many times the array's it is. All must give the same new rows.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from support import markdown, options
from support.agreement import same_bytes
from support.arrays import make, store
from support.containers import CONTAINERS
from support.document import TABLE_LIBRARIES, document, save
from support.race import Contestant, race
from support.shapes import Shape

N_NEW = 500
SHAPES = (Shape(50, 285_000, 30, "float64"), Shape(50, 285_000, 30, "float32"))
CALLS = ("nng_mix", "fit_resample")


def main() -> int:
    parser = options.parser(__doc__)
    options.add_race_options(parser, budget=20)
    arguments = parser.parse_args()
    doc = document("frames", TABLE_LIBRARIES)
    doc["threads"] = arguments.threads
    rows = []
    for listed in SHAPES:
        for call in CALLS:
            name = f"{call}-{listed.name}"
            if options.wanted(name, arguments):
                shape = listed.quick() if arguments.quick else listed
                records = measure(call, shape, arguments)
                doc["results"].append({"shape": name, "contestants": records})
                save(doc, arguments.json)
                rows.append([f"`{call}`, {listed.dtype}", *markdown.slowdown(records)])
                print(f"\n## {name}\n\n{markdown.contestants_table(records)}", flush=True)
    print("\n## Median ms, and times that of the array\n")
    print(markdown.table(["", *CONTAINERS], rows))
    return int(any(failed(record) for result in doc["results"] for record in result["contestants"]))


def measure(call: str, shape: Shape, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        arrays = store(Path(folder), *make(shape, 1, None))
        asked = {"n": N_NEW, "threads": arguments.threads}
        entries = [
            Contestant(name, f"support.containers:{call}", arrays, {"container": name, **asked})
            for name in CONTAINERS
        ]
        return race(
            entries,
            Path(folder),
            threads=arguments.threads,
            limits=options.limits_of(arguments),
            check=lambda expected, result, _: same_bytes(expected, result),
        )


def failed(record: dict[str, Any]) -> bool:
    return "error" in record or record.get("error_over_tolerance", 0) > 1


if __name__ == "__main__":
    sys.exit(main())
