"""Races: every contestant in a process of its own, interleaved in one run, with medians and spread.

A contestant is a task (`module:function`, a function that takes arrays and options and returns a callable
without arguments) with an environment. All contestants of a race stay alive and take turns, A B C A B C, so
that a noisy minute hits all of them. The first call of each is a warm-up; one that takes longer than
`slow_seconds` is the only one, and a contestant that exceeds `limit_seconds` is stopped and recorded as such.
"""

import json
import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
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
    environment: dict[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Limits:
    budget_seconds: float = 60.0
    slow_seconds: float = 20.0
    limit_seconds: float = 60.0
    max_rounds: int = 25


class Process:
    """A worker and the pipe to it."""

    def __init__(self, contestant: Contestant, threads: int) -> None:
        environment = dict(os.environ)
        # What a processor is told to be must not slow a library that knows better.
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NNGMIX_FORCE_ISA"):
            environment.pop(name, None)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            environment[name] = str(threads)
        environment |= contestant.environment
        self.child = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=HERE,
        )

    def ask(self, limit_seconds: float, **command: Any) -> dict[str, Any]:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        try:
            self.child.stdin.write((json.dumps(command) + "\n").encode())
            self.child.stdin.flush()
            ready, _, _ = select.select([self.child.stdout], [], [], limit_seconds)
            if not ready:
                self.child.kill()
                return {"error": f"over {limit_seconds:g} s"}
            line = self.child.stdout.readline()
        except BrokenPipeError:
            line = b""
        return json.loads(line) if line else {"error": "the process died"}

    def close(self) -> None:
        self.child.kill()
        self.child.communicate()


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
    processes = [Process(contestant, threads) for contestant in entries]
    try:
        lane = list(zip(entries, processes, records, strict=True))
        expected = None
        racing = []
        for contestant, process, record in lane:
            answer = _warm_up(contestant, process, limits)
            if "error" in answer:
                record["error"] = answer["error"]
                process.close()
                continue
            if check is not None:
                path = folder / "result.npy"
                process.ask(limits.limit_seconds, do="save", path=str(path))
                result = np.load(path)
                expected = result if expected is None else expected
                record["error_over_tolerance"] = check(expected, result, contestant)
                path.unlink()
            record["peak_bytes"] = answer["peak_bytes"]
            if answer["seconds"][0] > limits.slow_seconds:
                record["seconds"] = answer["seconds"]
                process.close()
            else:
                racing.append((process, record))
        _rounds(racing, limits)
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


def _rounds(racing: list[tuple[Process, dict[str, Any]]], limits: Limits) -> None:
    end = time.monotonic() + limits.budget_seconds
    for done in range(limits.max_rounds):
        # One full round is always run, whatever the budget.
        if done > 0 and time.monotonic() > end:
            break
        for process, record in racing:
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


def faiss_environment() -> dict[str, str]:
    """faiss bundles an OpenBLAS that may not know a new processor and then falls back to slow kernels."""
    from report import instruction_sets

    return {"OPENBLAS_CORETYPE": "SkylakeX"} if "avx512f" in instruction_sets() else {}
