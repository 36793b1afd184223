"""Races: every contestant in a process of its own, interleaved in one run, with medians and spread.

A contestant is a task (`module:function`, a function that takes arrays and options and returns a callable
without arguments) with an environment. All contestants of a race stay alive and take turns, A B C A B C, so
that a noisy minute hits all of them. The first call of each is a warm-up; one that takes longer than
`slow_seconds` is the only one, and a contestant that exceeds `limit_seconds` is stopped and recorded as such.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.process import Process

# OpenMP and OpenBLAS threads spin for up to 25 ms after a call: let them fall asleep before the next turn.
PAUSE_SECONDS = 0.05
# Short calls are repeated within a turn, so that every contestant is measured warm.
TURN_SECONDS = 0.05

Check = Callable[[NDArray[Any], NDArray[Any], "Contestant"], float]


@dataclass(frozen=True)
class Contestant:
    name: str
    task: str
    arrays: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict)
    note: str = ""
    # The interpreter; empty for the one that runs the race.
    python: str = ""


@dataclass(frozen=True)
class Limits:
    budget_seconds: float = 60.0
    slow_seconds: float = 20.0
    limit_seconds: float = 60.0
    max_rounds: int = 25


def race(
    contestants: Iterable[Contestant],
    folder: Path,
    *,
    threads: int,
    limits: Limits,
    check: Check | None = None,
) -> list[dict[str, Any]]:
    """Run the contestants round-robin; the first one's result is what the others are checked against."""
    entries = list(contestants)
    records: list[dict[str, Any]] = [{"contestant": c.name, "note": c.note, "seconds": []} for c in entries]
    processes = [Process(entry.python, entry.environment, threads) for entry in entries]
    try:
        expected = None
        starters = []
        for contestant, process, record in zip(entries, processes, records, strict=True):
            answer = _warm_up(contestant, process, limits)
            if "error" in answer:
                record["error"] = answer["error"]
                process.close()
                continue
            if check is not None:
                result = _result(process, folder, limits)
                expected = result if expected is None else expected
                record["error_over_tolerance"] = check(expected, result, contestant)
            record["peak_bytes"] = answer["peak_bytes"]
            if answer["seconds"][0] > limits.slow_seconds:
                record["seconds"] = answer["seconds"]
                process.close()
            else:
                starters.append((process, record))
        _rounds(starters, limits)
    finally:
        for process in processes:
            process.close()
    for record in records:
        _summarise(record)
    return records


def _warm_up(contestant: Contestant, process: Process, limits: Limits) -> dict[str, Any]:
    prepared = process.ask(
        10 * limits.limit_seconds,
        do="prepare",
        task=contestant.task,
        arrays=contestant.arrays,
        options=contestant.options,
    )
    time.sleep(PAUSE_SECONDS)
    return prepared if "error" in prepared else process.ask(limits.limit_seconds, do="run", seconds=0)


def _result(process: Process, folder: Path, limits: Limits) -> NDArray[Any]:
    path = folder / "result.npy"
    saved = process.ask(limits.limit_seconds, do="save", path=str(path))
    if "error" in saved:
        raise RuntimeError(f"a result cannot be saved: {saved['error']}")
    result: NDArray[Any] = np.load(path)
    path.unlink()
    return result


def _rounds(starters: list[tuple[Process, dict[str, Any]]], limits: Limits) -> None:
    end = time.monotonic() + limits.budget_seconds
    for done in range(limits.max_rounds):
        # One full round is always run, whatever the budget.
        if done > 0 and time.monotonic() > end:
            break
        for process, record in starters:
            if "error" in record:
                continue
            time.sleep(PAUSE_SECONDS)
            answer = process.ask(2 * limits.limit_seconds, do="run", seconds=TURN_SECONDS)
            if "error" in answer:
                record["error"] = answer["error"]
                continue
            record["seconds"] += answer["seconds"]
            record["peak_bytes"] = max(record["peak_bytes"], answer["peak_bytes"])
            record["rounds"] = done + 1


def _summarise(record: dict[str, Any]) -> None:
    times = record["seconds"]
    record["n_calls"] = len(times)
    if times:
        quartiles = statistics.quantiles(times, n=4, method="inclusive") if len(times) > 1 else times * 3
        record["q1"], record["median"], record["q3"] = quartiles
        record["min"] = min(times)
    # Thousands of times say no more than the summary.
    record["seconds"] = times[:100]
