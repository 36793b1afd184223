"""Wide tables: is the time of the whole command linear in the number of columns?

    python benches/wide.py --json wide.json
    python benches/wide.py --quick               # does it run? (figures mean nothing)

`nngmix augment` on tables of 12 rows, 3 of them labelled anomalies, with 10,000 and with 40,000 columns, from
Parquet and from CSV, file to file and into a folder: the whole command, with the start of its interpreter.
Sizes take turns. It fails if the larger table takes more than 5 times as long as the smaller one, or if a
command fails or is stopped at the limit.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from support import markdown, options, wide_tables
from support.command_line import time_command
from support.document import TABLE_LIBRARIES, document, save

# From a file of this format to this output, which with no ending is a folder.
ROUTES = (
    ("parquet", "out.parquet"),
    ("parquet", "out"),
    ("csv", "out.csv"),
    ("csv", "out"),
)
MOST = 5.0


def main() -> int:
    parser = options.parser(__doc__)
    parser.add_argument("--columns", nargs=2, type=int, default=[10_000, 40_000], metavar=("FEWER", "MORE"))
    parser.add_argument("--repeats", type=int, default=3, help="runs of each command; the median counts")
    parser.add_argument(
        "--limit", type=float, default=300, help="stop a command that takes longer, in seconds"
    )
    parser.add_argument("--quick", action="store_true", help="100 and 400 columns, once, without a verdict")
    parser.add_argument("--json", type=Path, help="write the results here")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.columns, arguments.repeats = [100, 400], 1
    doc = document("wide", TABLE_LIBRARIES)
    doc |= {"columns": arguments.columns, "rows": wide_tables.N_ROWS, "most": MOST}
    with tempfile.TemporaryDirectory() as folder:
        for n in arguments.columns:
            wide_tables.make(Path(folder), n)
        # The first command of all pays for files that are not in the system's cache yet.
        time_command(["--version"])
        for source, target in ROUTES:
            doc["results"].append(measure(Path(folder), source, target, arguments))
            save(doc, arguments.json)
    fewer, more = (f"{n:,} columns, s" for n in arguments.columns)
    print(markdown.table(["command", fewer, more, "ratio"], map(row, doc["results"])))
    too_slow = [result for result in doc["results"] if not result["ratio"] or result["ratio"] > MOST]
    return int(bool(too_slow) and not arguments.quick)


def measure(folder: Path, source: str, target: str, arguments: argparse.Namespace) -> dict[str, Any]:
    times: dict[int, list[float]] = {n: [] for n in arguments.columns}
    errors: dict[int, str] = {}
    for turn, n in itertools.product(range(arguments.repeats), arguments.columns):
        if n in errors:
            continue
        out = folder / f"{turn}-{n}-{source}-{target}"
        asked = ["augment", str(wide_tables.path(folder, n, source)), *wide_tables.AUGMENT, "-o", str(out)]
        try:
            times[n].append(time_command(asked, arguments.limit))
        except RuntimeError as error:
            errors[n] = str(error)
    medians = {n: statistics.median(spent) for n, spent in times.items() if spent and n not in errors}
    fewer, more = (medians.get(n) for n in arguments.columns)
    kind = "into a folder" if "." not in target else "file to file"
    return {
        "shape": f"{source}, {kind}",
        "seconds": times,
        "median": medians,
        "errors": errors,
        "ratio": more / fewer if fewer and more else None,
    }


def row(result: dict[str, Any]) -> list[str]:
    cells = [
        f"{result['median'][n]:.2f}" if n in result["median"] else result["errors"].get(n, "-")
        for n in result["seconds"]
    ]
    return [result["shape"], *cells, f"{result['ratio']:.2f}x" if result["ratio"] else "-"]


if __name__ == "__main__":
    sys.exit(main())
