"""Search benchmarks of ours alone: hard inputs, instruction sets, threads. Run by search.py."""

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import report
from harness import Contestant, race
from peers import OURS
from shapes import HARD, ODD_SHAPES, REAL_SET, SHAPES, Shape, make, store

LEVELS = ("avx512vnni", "avx512", "avx2", "baseline")
HARD_SHAPES = (Shape(50, 285_000, 30, "float64"), Shape(500, 200_000, 32, "float32"))


def entry(
    name: str, shape: Shape, arrays: dict[str, str], threads: int, environment: dict[str, str] | None = None
) -> Contestant:
    options = {"peer": OURS, "k": shape.k, "self_search": shape.self_search, "threads": threads}
    return Contestant(name, "peers:task", arrays, options, environment or {})


def hard_cases(arguments: argparse.Namespace, doc: dict[str, Any]) -> None:
    """Each hard input and the benign one of its shape; odd shapes by time per query, row and column."""
    for listed in HARD_SHAPES:
        benign = listed.quick() if arguments.quick else listed
        rows: list[list[str]] = []
        for case in (*HARD, *ODD_SHAPES):
            if not report.wanted(f"{listed.name} {case}", arguments):
                continue
            shape = dataclasses.replace(benign, **ODD_SHAPES.get(case, {}))
            with tempfile.TemporaryDirectory() as folder:
                queries, data = make(benign, seed=1, data_folder=None)
                entries = [
                    entry("benign", benign, store(Path(folder), queries, data, "benign-"), arguments.threads)
                ]
                if case in HARD:
                    with np.errstate(under="ignore"):
                        queries, data = HARD[case](queries, data, np.random.default_rng(2))
                else:
                    queries, data = make(shape, seed=1, data_folder=None)
                hard = store(Path(folder), queries, data, "hard-")
                entries.append(entry(case, shape, hard, arguments.threads))
                records = race(
                    entries, Path(folder), threads=arguments.threads, limits=report.limits_of(arguments)
                )
            work = [s.queries * s.rows * s.columns for s in (benign, shape)]
            rows.append(_hard_row(case, records, work, case in ODD_SHAPES))
            doc["results"].append({"shape": benign.name, "case": case, "contestants": records, "work": work})
            report.save(doc, arguments.json)
        if rows:
            print(f"\n## Hard cases at {benign.name}, k = {benign.k}\n")
            print(report.markdown(("case", "ms", "benign ms", "slower by", "per element"), rows), flush=True)


def _hard_row(case: str, records: list[dict[str, Any]], work: list[int], odd: bool) -> list[str]:
    benign, hard = records
    if "median" not in benign or "median" not in hard:
        return [case, hard.get("error", "-"), benign.get("error", "-"), "-", "-"]
    ratio = hard["median"] / benign["median"]
    element = f"{ratio * work[0] / work[1]:.2f}x" if odd else ""
    ms = [report.milliseconds(record["median"]) for record in (hard, benign)]
    return [case, *ms, f"{ratio:.2f}x", element]


def variants(arguments: argparse.Namespace, doc: dict[str, Any]) -> None:
    """Every instruction set at all threads, or one thread against all."""
    by_level = arguments.levels
    names = [f"{OURS}, {level}" for level in LEVELS] if by_level else [f"{OURS}, {n} threads" for n in (1, 2)]
    rows = []
    for listed in SHAPES:
        skipped = listed.data == REAL_SET and not arguments.data
        if skipped or listed.data == "clustered" or not report.wanted(listed.name, arguments):
            continue
        shape = listed.quick() if arguments.quick else listed
        with tempfile.TemporaryDirectory() as folder:
            folder_of_data = Path(arguments.data) if arguments.data else None
            arrays = store(Path(folder), *make(shape, seed=1, data_folder=folder_of_data))
            if by_level:
                entries = [
                    entry(name, shape, arrays, arguments.threads, {"NNGMIX_FORCE_ISA": level})
                    for name, level in zip(names, LEVELS, strict=True)
                ]
            else:
                entries = [entry(name, shape, arrays, n) for name, n in zip(names, (1, 2), strict=True)]
            # Every level and thread count gives the same bytes.
            records = race(
                entries,
                Path(folder),
                threads=arguments.threads,
                limits=report.limits_of(arguments),
                check=lambda expected, result, _: 0.0 if np.array_equal(expected, result) else float("inf"),
            )
        doc["results"].append({"shape": shape.name, "contestants": records})
        report.save(doc, arguments.json)
        rows.append([shape.name, *relative(records)])
        print(report.markdown([rows[-1][0], *names], [["", *rows[-1][1:]]]) + "\n", flush=True)
    print("\n## Median ms and speed relative to the first\n")
    print(report.markdown(["shape", *names], rows))


def relative(records: list[dict[str, Any]]) -> list[str]:
    """Median of each, and its speed relative to the first."""
    first = records[0].get("median")
    cells = []
    for record in records:
        if "median" not in record:
            cells.append(record.get("error", "-"))
            continue
        same = "" if record.get("error_over_tolerance", 0) == 0 else " OTHER BYTES"
        ratio = "" if first is None else f" ({first / record['median']:.2f}x)"
        cells.append(report.milliseconds(record["median"]) + ratio + same)
    return cells
