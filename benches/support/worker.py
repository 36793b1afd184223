"""The process of one contestant: reads one-line JSON commands, answers each with one line of JSON.

Commands: `prepare` (load arrays, import a task and build it), `run` (call the task for a while and time every
call) and `save` (write the arrays of the last result). Started by `support.process`; never run by hand.
"""

import importlib
import json
import os
import sys
import time
from typing import Any

import numpy as np

from support.measurement import Timed, memory, restart_peak


class Worker:
    def prepare(self, task: str, arrays: dict[str, str], options: dict[str, Any]) -> dict[str, Any]:
        # The same file under two names is one array in memory.
        files = {path: np.load(path) for path in set(arrays.values())}
        module, function = task.split(":")
        build = getattr(importlib.import_module(module), function)
        self.call = build(**{name: files[path] for name, path in arrays.items()}, **options)
        self.result: Any = None
        # From here the peak is counted: libraries are in memory, and what the task keeps of its inputs.
        del files
        self.baseline = memory("VmRSS")
        restart_peak()
        return {}

    def run(self, seconds: float) -> dict[str, Any]:
        """Call once, and again until this many seconds have passed."""
        times: list[float] = []
        begin = time.perf_counter()
        while not times or time.perf_counter() - begin < seconds:
            self.result = None
            before = time.perf_counter()
            result = self.call()
            times.append(time.perf_counter() - before)
            if isinstance(result, Timed):
                times[-1] = result.seconds
                result = result.result
            self.result = result
        return {"seconds": times, "peak_bytes": max(0, memory("VmHWM") - self.baseline)}

    def save(self, path: str) -> dict[str, Any]:
        """Write the first rows of the first array: distances of a search, rows of a generation."""
        first = self.result[0] if isinstance(self.result, tuple) else self.result
        np.save(path, first[:100_000])
        return {}


def main() -> None:
    # Libraries may print: stdout becomes stderr, and the answers keep the pipe for themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker = Worker()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(worker, command.pop("do"))(**command)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
