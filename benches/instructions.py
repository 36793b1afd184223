"""A guard against kernels that stop being vectorised: their instructions, counted, against recorded ceilings.

    cargo build --release -p nngmix-core --benches && python benches/instructions.py
    python benches/instructions.py --record        # after a change that is meant to cost more, or less

Counts come from valgrind's callgrind at the AVX2 level (valgrind has no AVX-512), are the same in every run
and do not depend on what else the machine is doing. A count more than a tenth above its ceiling fails.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from support import options

KERNELS = (
    *("search-f32", "search-f64", "search-long", "search-small", "search-codes"),
    *("search-many", "search-mixed"),
    *("normals", "plans", "rows-f32", "rows-f64", "ranges", "scaled-f32", "scaled-f64", "sums"),
)
ROOT = Path(__file__).resolve().parent.parent
CEILINGS = Path(__file__).parent / "results" / "instructions.json"
SLACK = 1.1


def main() -> int:
    parser = options.parser(__doc__)
    parser.add_argument("--record", action="store_true", help="write the counts as the new ceilings")
    arguments = parser.parse_args()
    counts = {kernel: count(binary(), kernel) for kernel in KERNELS}
    if arguments.record:
        CEILINGS.write_text(json.dumps(counts, indent=2) + "\n")
        print(f"recorded in {CEILINGS.relative_to(ROOT)}")
        return 0
    ceilings = json.loads(CEILINGS.read_text())
    failed = [kernel for kernel in KERNELS if counts[kernel] > SLACK * ceilings[kernel]]
    for kernel in KERNELS:
        verdict = "TOO MANY" if kernel in failed else "ok"
        print(f"{kernel:<12} {counts[kernel]:>13,} of {ceilings[kernel]:>13,}  {verdict}")
    return int(bool(failed))


def binary() -> Path:
    """The newest build of the counted workloads."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for path in (target / "release" / "deps").glob("instructions-*") if not path.suffix]
    if not built:
        sys.exit("nothing to count: run `cargo build --release -p nngmix-core --benches` first")
    return max(built, key=lambda path: path.stat().st_mtime)


def count(path: Path, kernel: str) -> int:
    """Instructions of one kernel without the making of its data."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted*"]
    try:
        done = subprocess.run(
            [*command, path, kernel],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "NNGMIX_FORCE_ISA": "avx2"},
        )
    except FileNotFoundError:
        sys.exit("valgrind is needed: apt-get install valgrind")
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if collected is None or int(collected[1]) == 0:
        sys.exit(f"callgrind counted nothing for {kernel}:\n{done.stderr}")
    return int(collected[1])


if __name__ == "__main__":
    raise SystemExit(main())
