"""From labelled anomalies and unlabelled rows to new rows: search and generation together.

    python benches/end_to_end.py --json end_to_end.json
    python benches/end_to_end.py --quick         # does it run? (figures mean nothing)

Peers: the published script restated (a k-d tree query and a `vstack` per row; extrapolated beyond 1,000 rows,
and labelled so) and the best NumPy + scikit-learn form (brute force, then vectorised mixing). The sampler,
`NNGMix.fit_resample`, stands beside imbalanced-learn's SMOTE, which never looks at the unlabelled rows, and
beside one copy of X. Data are clustered; each contestant has a process of its own, and they take turns.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from support import markdown, options
from support.agreement import moments_apart
from support.arrays import make, store
from support.document import document, save
from support.race import Contestant, race
from support.shapes import Shape


class Case(NamedTuple):
    anomalies: int
    unlabeled: int
    columns: int
    n: int
    dtype: str = "float64"

    @property
    def name(self) -> str:
        return f"{self.anomalies}x{self.unlabeled}x{self.columns}-{self.dtype}-{self.n}"


CASES = (
    Case(49, 199_000, 29, 490),
    Case(500, 199_000, 29, 100_000),
    Case(500, 199_000, 29, 100_000, "float32"),
    Case(50, 10_000, 20, 500),
)


def main() -> None:
    parser = options.parser(__doc__)
    options.add_race_options(parser, budget=30)
    arguments = parser.parse_args()
    doc = document("end_to_end")
    doc["threads"] = arguments.threads
    for listed in CASES:
        if not options.wanted(listed.name, arguments):
            continue
        case = listed
        if arguments.quick:
            case = listed._replace(unlabeled=max(listed.unlabeled // 100, 500), n=min(listed.n, 2000))
        records = measure(case, arguments)
        doc["results"].append({"shape": case.name, **case._asdict(), "contestants": records})
        save(doc, arguments.json)
        print(f"\n## {case.name}\n\n{markdown.contestants_table(records)}")
        print("\n" + "; ".join(ratios(records)), flush=True)


def measure(case: Case, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    shape = Shape(case.anomalies, case.unlabeled, case.columns, case.dtype, "clustered")

    def entry(
        label: str, task: str, maker: str, threads: int = arguments.threads, note: str = ""
    ) -> Contestant:
        asked = {"maker": maker, "n": case.n, "threads": threads}
        return Contestant(label, f"support.mixers:{task}", arrays, asked, {}, note)

    with tempfile.TemporaryDirectory() as folder:
        arrays = store(Path(folder), *make(shape, 1, None))
        entries = [
            entry("nngmix", "whole", "ours"),
            entry("nngmix, 1 thread", "whole", "ours", 1),
            entry("NumPy + scikit-learn", "whole", "scikit_learn"),
            entry("script", "whole", "script", note="extrapolated" if case.n > 1000 else ""),
            entry("NNGMix.fit_resample", "sampler", "ours"),
            entry("SMOTE.fit_resample", "sampler", "smote"),
            entry("one copy of X", "sampler", "copy"),
        ]
        limits = options.limits_of(arguments)
        return race(entries, Path(folder), threads=arguments.threads, limits=limits, check=check)


def check(expected: Any, result: Any, entry: Contestant) -> float:
    """New rows of the search and generation contestants have the same moments; samplers return all rows."""
    return moments_apart(expected, result) if entry.task == "support.mixers:whole" else 0.0


def ratios(records: list[dict[str, Any]]) -> list[str]:
    median = {r["contestant"]: r["median"] for r in records if "median" in r}
    pairs = (
        ("nngmix", "script"),
        ("nngmix", "NumPy + scikit-learn"),
        ("NNGMix.fit_resample", "SMOTE.fit_resample"),
    )
    made = [f"{a} is {median[b] / median[a]:.1f}x {b}" for a, b in pairs if a in median and b in median]
    if {"nngmix", "NNGMix.fit_resample", "one copy of X"} <= median.keys():
        added = median["NNGMix.fit_resample"] - median["nngmix"]
        made.append(f"fit_resample adds {added / median['one copy of X']:.1f} copies of X")
    return made


if __name__ == "__main__":
    main()
