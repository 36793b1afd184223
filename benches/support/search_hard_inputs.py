"""Our search on hard inputs against a benign one of the same shape; what `search.py` runs if asked."""

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from support import markdown
from support.arrays import make, store
from support.document import save
from support.hard_inputs import HARD, ODD_SHAPES
from support.options import limits_of, wanted
from support.race import race
from support.search_contestants import ours_alone
from support.shapes import Shape

HARD_SHAPES = (Shape(50, 285_000, 30, "float64"), Shape(500, 200_000, 32, "float32"))


def race_hard_inputs(arguments: argparse.Namespace, doc: dict[str, Any]) -> None:
    """Each hard input and the benign one of its shape; odd shapes by time per query, row and column."""
    for listed in HARD_SHAPES:
        benign = listed.quick() if arguments.quick else listed
        rows: list[list[str]] = []
        for case in (*HARD, *ODD_SHAPES):
            if not wanted(f"{listed.name} {case}", arguments):
                continue
            shape = dataclasses.replace(benign, **ODD_SHAPES.get(case, {}))
            with tempfile.TemporaryDirectory() as folder:
                queries, data = make(benign, seed=1, data_folder=None)
                entries = [
                    ours_alone(
                        "benign", benign, store(Path(folder), queries, data, "benign-"), arguments.threads
                    )
                ]
                if case in HARD:
                    with np.errstate(under="ignore"):
                        queries, data = HARD[case](queries, data, np.random.default_rng(2))
                else:
                    queries, data = make(shape, seed=1, data_folder=None)
                hard = store(Path(folder), queries, data, "hard-")
                entries.append(ours_alone(case, shape, hard, arguments.threads))
                records = race(entries, Path(folder), threads=arguments.threads, limits=limits_of(arguments))
            work = [s.queries * s.rows * s.columns for s in (benign, shape)]
            rows.append(_hard_row(case, records, work, case in ODD_SHAPES))
            doc["results"].append({"shape": benign.name, "case": case, "contestants": records, "work": work})
            save(doc, arguments.json)
        if rows:
            print(f"\n## Hard cases at {benign.name}, k = {benign.k}\n")
            print(markdown.table(("case", "ms", "benign ms", "slower by", "per element"), rows), flush=True)


def _hard_row(case: str, records: list[dict[str, Any]], work: list[int], odd: bool) -> list[str]:
    benign, hard = records
    if "median" not in benign or "median" not in hard:
        return [case, hard.get("error", "-"), benign.get("error", "-"), "-", "-"]
    ratio = hard["median"] / benign["median"]
    element = f"{ratio * work[0] / work[1]:.2f}x" if odd else ""
    ms = [markdown.milliseconds(record["median"]) for record in (hard, benign)]
    return [case, *ms, f"{ratio:.2f}x", element]
