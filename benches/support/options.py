"""Command-line options that benchmarks share, and what they mean."""

import argparse
import os
from pathlib import Path

from support.race import Limits


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser whose help begins with the docstring of the benchmark, laid out as it stands."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_race_options(parser: argparse.ArgumentParser, budget: float) -> None:
    """Options of every benchmark that races contestants."""
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
