"""Two versions of nngmix side by side: is the new one as fast as the old one, with the same bytes?

    python benches/compare.py OLD_PYTHON NEW_PYTHON --json compare.json
    python benches/compare.py OLD_PYTHON OLD_PYTHON              # what this machine's noise looks like
    python benches/compare.py OLD_PYTHON NEW_PYTHON --quick      # does it run? (figures mean nothing)

OLD_PYTHON and NEW_PYTHON are the interpreters of two virtual environments with different installs of nngmix,
each a release build with the extra `cli`. Measured are search, generation, `nng_mix`, `fit_resample`,
`stream.fit`, the command `nngmix augment` on 1e6 rows of Parquet, the import and the start of the command
line. Every case runs in one process of each version, and the two take turns; PYTHONPATH is ignored.

A case is SLOWER if both the ratio of the medians and that of the minima exceed `--slack`. The exit code is 1
if a case is slower, fails in the new version or gives other bytes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from support import markdown, options, parquet_rows
from support.agreement import same_bytes
from support.arrays import make, store
from support.document import command, document, save
from support.process import BENCHES
from support.race import Contestant, race
from support.version_cases import Case, cases

PARQUET_ROWS = 1_000_000
# Neither the source tree nor a rule of this shell against compiled files must decide what an import costs.
ENVIRONMENT = {"PYTHONPATH": None, "PYTHONDONTWRITEBYTECODE": None}
HEADER = ("case", "old ms", "quartiles", "new ms", "quartiles", "new / old", "of the minima", "verdict")


def main() -> int:
    parser = options.parser(__doc__)
    parser.add_argument("old", metavar="OLD_PYTHON", help="interpreter with the old version")
    parser.add_argument("new", metavar="NEW_PYTHON", help="interpreter with the new version")
    options.add_race_options(parser, budget=15)
    parser.add_argument(
        "--slack", type=float, default=1.1, help="ratio from which on a case counts as slower"
    )
    arguments = parser.parse_args()
    # Not resolved: the interpreter of an environment is a link.
    sides = {side: os.path.abspath(getattr(arguments, side)) for side in ("old", "new")}
    doc = document("compare", ("numpy", "pyarrow"))
    doc["command"] = command({arguments.old: "OLD_PYTHON", arguments.new: "NEW_PYTHON"})
    doc |= {"threads": arguments.threads, "slack": arguments.slack}
    doc["sides"] = {side: installed(python) for side, python in sides.items()}
    for side, about in doc["sides"].items():
        print(f"{side}: " + ", ".join(f"{name} {value}" for name, value in about.items()))
    if doc["sides"]["old"]["digest"] == doc["sides"]["new"]["digest"]:
        print("Both have the same files of nngmix: what differs is noise.")
    with tempfile.TemporaryDirectory() as folder:
        n_rows = 10_000 if arguments.quick else PARQUET_ROWS
        source = parquet_rows.make(Path(folder) / "source", n_rows) / "part-00000.parquet"
        for listed in cases(arguments.threads, source, Path(folder) / "out"):
            if options.wanted(listed.name, arguments):
                case = listed.quick() if arguments.quick else listed
                doc["results"].append(
                    result(case, measure(case, sides, Path(folder), arguments), arguments.slack)
                )
                save(doc, arguments.json)
                print(f"{listed.name}: {doc['results'][-1]['verdict']}", flush=True)
    print("\n" + markdown.table(HEADER, map(row, doc["results"])))
    bad = {"FAILED", "OTHER BYTES"} if arguments.quick else {"FAILED", "OTHER BYTES", "SLOWER"}
    return int(any(r["verdict"] in bad for r in doc["results"]))


def installed(python: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    done = subprocess.run(
        [python, "-m", "support.installed"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=BENCHES,
        env=environment,
    )
    about: dict[str, Any] = json.loads(done.stdout)
    return about


def measure(
    case: Case, sides: dict[str, str], folder: Path, arguments: argparse.Namespace
) -> list[dict[str, Any]]:
    arrays = store(folder, *make(case.shape, 1, None))
    threads = {"threads": arguments.threads} if case.uses_threads else {}
    entries = [
        Contestant(side, case.task, arrays, {**case.options, **threads}, ENVIRONMENT, python=python)
        for side, python in sides.items()
    ]
    return race(
        entries,
        folder,
        threads=arguments.threads,
        limits=options.limits_of(arguments),
        check=lambda expected, found, _: same_bytes(expected, found),
    )


def result(case: Case, records: list[dict[str, Any]], slack: float) -> dict[str, Any]:
    old, new = records
    made: dict[str, Any] = {"case": case.name, "contestants": records}
    if "median" in old and "median" in new:
        made["ratio"] = new["median"] / old["median"]
        made["ratio_of_minima"] = new["min"] / old["min"]
    return {**made, "verdict": verdict(made, new, slack)}


def verdict(made: dict[str, Any], new: dict[str, Any], slack: float) -> str:
    if "ratio" not in made:
        return "FAILED"
    if new.get("error_over_tolerance", 0) > 0:
        return "OTHER BYTES"
    ratios = made["ratio"], made["ratio_of_minima"]
    if min(ratios) > slack:
        return "SLOWER"
    return "faster" if max(ratios) < 1 / slack else "as fast"


def row(made: dict[str, Any]) -> list[str]:
    cells = [made["case"]]
    for record in made["contestants"]:
        if "median" in record:
            spread = f"{markdown.milliseconds(record['q1'])} .. {markdown.milliseconds(record['q3'])}"
            cells += [markdown.milliseconds(record["median"]), spread]
        else:
            cells += [record.get("error", "-"), "-"]
    ratios = [f"{made[name]:.2f}" if name in made else "-" for name in ("ratio", "ratio_of_minima")]
    return [*cells, *ratios, made["verdict"]]


if __name__ == "__main__":
    sys.exit(main())
