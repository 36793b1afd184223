"""What was measured, on what, with what: the JSON document and markdown tables."""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness import HERE, Limits

LIBRARIES = (
    "nngmix",
    "numpy",
    "scipy",
    "scikit-learn",
    "faiss-cpu",
    "pykdtree",
    "imbalanced-learn",
    "threadpoolctl",
)
SHOWN_SETS = (
    "sse2",
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx_vnni",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "asimdhp",
    "asimddp",
    "sve",
    "sve2",
)


def _proc(file: str, *names: str) -> str:
    try:
        lines = Path("/proc", file).read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() in names), "")


def instruction_sets() -> list[str]:
    flags = set(_proc("cpuinfo", "flags", "Features").split())
    return [name for name in SHOWN_SETS if name in flags]


def machine() -> dict[str, Any]:
    return {
        "cpu": _proc("cpuinfo", "model name") or platform.processor() or platform.machine(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory": _proc("meminfo", "MemTotal"),
        "instruction_sets": instruction_sets(),
        "system": platform.platform(),
        "load_before": os.getloadavg()[0],
    }


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=HERE, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def document(benchmark: str) -> dict[str, Any]:
    """Everything but the results, which the benchmark appends to."""
    return {
        "benchmark": benchmark,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python", *sys.argv]),
        "commit": _commit(),
        "python": platform.python_version(),
        "versions": {library: _version(library) for library in LIBRARIES},
        "machine": machine(),
        "results": [],
    }


def add_arguments(parser: argparse.ArgumentParser, budget: float) -> None:
    """Arguments that every benchmark takes."""
    parser.add_argument("--quick", action="store_true", help="shrink every shape: does it run at all?")
    parser.add_argument("--shapes", default="", help="run only shapes whose name holds one of these, a,b,c")
    parser.add_argument("--budget", type=float, default=budget, help="seconds of rounds for each shape")
    parser.add_argument(
        "--limit", type=float, default=60, help="stop a contestant whose one call takes longer"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the results here, after every shape")


def limits_of(arguments: argparse.Namespace) -> Limits:
    budget = min(arguments.budget, 1.0) if arguments.quick else arguments.budget
    return Limits(budget, min(20.0, arguments.limit), arguments.limit)


def wanted(name: str, arguments: argparse.Namespace) -> bool:
    parts = [part for part in arguments.shapes.split(",") if part]
    return not parts or any(part in name for part in parts)


def save(doc: dict[str, Any], path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(doc, indent=1) + "\n")


def milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    ms = seconds * 1e3
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def markdown(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def contestants_table(records: Iterable[dict[str, Any]]) -> str:
    """Every contestant of one shape: time, spread, memory, agreement."""
    rows = []
    for r in records:
        name = r["contestant"] + (f" ({r['note']})" if r["note"] else "")
        if "median" not in r:
            rows.append([name, r.get("error", "-"), *["-"] * 5])
            continue
        off = r.get("error_over_tolerance")
        agrees = "-" if off is None else "yes" if off <= 1 else f"NO, {off:.3g} x tolerance"
        spread = f"{milliseconds(r['q1'])} .. {milliseconds(r['q3'])}"
        peak = f"{r['peak_bytes'] / 2**20:,.1f}"
        rows.append(
            [name, milliseconds(r["median"]), spread, milliseconds(r["min"]), r["n_calls"], peak, agrees]
        )
    header = ["contestant", "median ms", "quartiles", "min", "calls", "peak MiB beyond inputs", "agrees"]
    return markdown(header, rows)
