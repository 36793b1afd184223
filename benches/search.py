"""Exact nearest-neighbour search against its peers, from raw arrays to (distances, indices).

    python benches/search.py --data ADBENCH --json search.json     # every shape, every peer
    python benches/search.py --many                                # many queries, few columns: trees at home
    python benches/search.py --hard | --levels | --scaling         # ours alone
    python benches/search.py --quick                               # in three minutes: won or lost here?

Peers run in processes of their own, interleaved (support/race.py, support/peers.py). For each shape a table
of all contestants is printed (median, quartiles, minimum, peak memory beyond the inputs, and whether the
distances agree with ours), and at the end one of ours, the fastest peer and the machine's limit,
``max(bytes / read bandwidth, 2 n_q n_u d / float32 FMA peak)``: measure the two constants on your machine and
pass them (`--read-gbs`, `--peak-gflops`); the defaults are those of two AVX-512 cores at 2.9 GHz.
Trees are left out beyond 64 columns, where they visit every row, unless `--every-peer`.

`--quick` races some shapes of every kind against the peers that are usually the fastest, as far as they are
installed, and ends with a verdict on each; `--hard`, `--levels` and `--scaling` then only show that they run.

`--hard` measures inputs known to break such searches against a benign one of the same shape, `--levels` every
NNGMIX_FORCE_ISA, `--scaling` one thread against two.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from support import markdown, options
from support.arrays import make, store
from support.document import document, save
from support.machine import LEVELS
from support.peers import is_ours
from support.race import Contestant, race
from support.search_contestants import contestants, tolerance
from support.search_hard_inputs import race_hard_inputs
from support.search_variants import race_variants
from support.shapes import MANY, QUICK_SHAPES, REAL_SET, SHAPES, Shape

# Times nearer to each other are level: another run could turn them round.
CLEARLY = 1.1
# Shapes at which time and peak memory of the reference are shown, too.
REFERENCE_SHAPES = ("50x285000x30-f64-uniform", "500x1000000x32-f32-uniform")


def main() -> None:
    arguments = parse()
    doc = document("search")
    doc["limits"] = {"read_gbs": arguments.read_gbs, "peak_gflops": arguments.peak_gflops}
    doc |= {"threads": arguments.threads, "isa": arguments.isa}
    if arguments.hard:
        doc["mode"] = "hard"
        race_hard_inputs(arguments, doc)
    elif arguments.levels or arguments.scaling:
        doc["mode"] = "levels" if arguments.levels else "scaling"
        race_variants(arguments, doc)
    else:
        doc["mode"] = "many" if arguments.many else "peers"
        against_peers(arguments, doc)


def parse() -> argparse.Namespace:
    parser = options.parser(__doc__)
    options.add_race_options(parser, budget=60)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--many", action="store_true", help="many queries among few columns, against trees")
    mode.add_argument("--hard", action="store_true", help="inputs known to break such searches; ours alone")
    mode.add_argument("--levels", action="store_true", help="every NNGMIX_FORCE_ISA; ours alone")
    mode.add_argument("--scaling", action="store_true", help="one thread against two; ours alone")
    parser.add_argument(
        "--data", default=os.environ.get("NNGMIX_BENCH_DATA"), help=f"folder with {REAL_SET}.npz"
    )
    parser.add_argument(
        "--isa", default="", choices=LEVELS, help="an instruction set for ours; avx2 for peers, too"
    )
    parser.add_argument("--every-peer", action="store_true", help="trees beyond 64 columns, too")
    parser.add_argument("--read-gbs", type=float, default=25.0, help="read bandwidth of all threads, GB/s")
    parser.add_argument("--peak-gflops", type=float, default=337.0, help="float32 FMA peak of all threads")
    return parser.parse_args()


def against_peers(arguments: argparse.Namespace, doc: dict[str, Any]) -> None:
    rows = []
    shapes = MANY if arguments.many else QUICK_SHAPES if arguments.quick else SHAPES
    for shape in shapes:
        real = shape.data.endswith(REAL_SET)
        if not options.wanted(shape.name, arguments) or (real and not arguments.data):
            continue
        with tempfile.TemporaryDirectory() as folder:
            arrays, largest_norm = prepare(shape, Path(folder), arguments)
            entries = contestants(
                shape,
                arrays,
                arguments.threads,
                every_peer=arguments.every_peer,
                with_reference=shape.name in REFERENCE_SHAPES,
                fastest_alone=arguments.quick,
                trees_alone=arguments.many,
                isa=arguments.isa,
            )

            def check(expected: Any, result: Any, entry: Contestant, shape: Shape = shape) -> float:
                off = np.abs(expected[: len(result)] ** 2 - np.asarray(result, float) ** 2).max()
                return float(off / tolerance(entry, shape, largest_norm))  # noqa: B023 - called in this turn

            records = race(
                entries,
                Path(folder),
                threads=arguments.threads,
                limits=options.limits_of(arguments),
                check=check,
            )
        doc["results"].append(summary(shape, records, doc["limits"]))
        save(doc, arguments.json)
        rows.append(doc["results"][-1])
        if arguments.quick:
            print(f"{shape.name:<30} {verdict(rows[-1])}", flush=True)
        else:
            print(f"\n## {shape.name}\n\n{markdown.contestants_table(records)}", flush=True)
    print("\n## Ours, the fastest peer and the limit\n")
    print(markdown.table(HEADER, (summary_row(row) for row in rows)))


def prepare(shape: Shape, folder: Path, arguments: argparse.Namespace) -> tuple[dict[str, str], float]:
    """Files of the arrays, and the largest squared norm in them."""
    queries, rows = make(shape, seed=1, data_folder=Path(arguments.data) if arguments.data else None)
    norms = (np.einsum("ij,ij->i", part, part, dtype=np.float64).max() for part in (queries, rows))
    return store(folder, queries, rows), float(max(norms))


def summary(shape: Shape, records: list[dict[str, Any]], limits: dict[str, float]) -> dict[str, Any]:
    n_bytes = shape.rows * shape.columns * np.dtype(shape.dtype).itemsize
    flops = 2 * shape.queries * shape.rows * shape.columns
    limit = max(n_bytes / limits["read_gbs"], flops / limits["peak_gflops"]) * 1e-9
    made = {"shape": shape.name, **vars(shape), "limit_seconds": limit, "contestants": records}
    timed = [r for r in records if "median" in r]
    ours = next((r for r in timed if is_ours(r["contestant"])), None)
    # The reference is no peer, and a wrong answer is no victory.
    peers = [
        r
        for r in timed
        if r is not ours and "reference" not in r["contestant"] and r.get("error_over_tolerance", 0) <= 1
    ]
    if ours is not None:
        made |= {"ours_seconds": ours["median"], "share_of_limit": limit / ours["median"]}
    if ours is not None and peers:
        best = min(peers, key=lambda r: r["median"])
        made |= {"fastest_peer": best["contestant"], "fastest_peer_seconds": best["median"]}
        made["ratio"] = best["median"] / ours["median"]
    return made


def verdict(made: dict[str, Any]) -> str:
    if "ratio" not in made:
        return "no peer at hand"
    ratio = made["ratio"]
    word = "win" if ratio >= CLEARLY else "LOSS" if ratio <= 1 / CLEARLY else "level"
    return f"{word:<5} {ratio:.2f}x {made['fastest_peer']}"


HEADER = ("shape", "ours ms", "fastest peer", "its ms", "ratio", "limit ms", "of the limit", "verdict")


def summary_row(made: dict[str, Any]) -> list[str]:
    return [
        made["shape"],
        markdown.milliseconds(made.get("ours_seconds")),
        made.get("fastest_peer", "-"),
        markdown.milliseconds(made.get("fastest_peer_seconds")),
        f"{made['ratio']:.2f}x" if "ratio" in made else "-",
        markdown.milliseconds(made["limit_seconds"]),
        f"{made['share_of_limit']:.0%}" if "share_of_limit" in made else "-",
        verdict(made).partition(" ")[0],
    ]


if __name__ == "__main__":
    main()
