"""A contestant's process and the pipe to it."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# The folder from which `support` can be imported.
BENCHES = Path(__file__).resolve().parent.parent
# What a processor is told to be must not slow a library that knows better.
FORGOTTEN = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NNGMIX_FORCE_ISA")
THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Process:
    """A worker, run by `python`; a variable of the environment that is None is unset."""

    def __init__(self, python: str, environment: Mapping[str, str | None], threads: int) -> None:
        wanted = dict.fromkeys(FORGOTTEN) | dict.fromkeys(THREAD_COUNTS, str(threads)) | dict(environment)
        kept = {name: value for name, value in os.environ.items() if name not in wanted}
        self.child = subprocess.Popen(
            [python or sys.executable, "-m", "support.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=kept | {name: value for name, value in wanted.items() if value is not None},
            cwd=BENCHES,
        )

    def ask(self, limit_seconds: float, **command: Any) -> dict[str, Any]:
        """Send one command and wait for its answer, which holds "error" if there is none in time."""
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
