"""The memory of this process, and results that carry their own time."""

import resource
import sys
from pathlib import Path
from typing import Any, NamedTuple


class Timed(NamedTuple):
    """A result with its seconds: those of a part of the call, or extrapolated from a part of the work."""

    result: Any
    seconds: float


def memory(field: str) -> int:
    """A figure of /proc/self/status in bytes: `VmRSS` is the memory now, `VmHWM` its peak."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def restart_peak() -> None:
    """Count the peak `VmHWM` from here on; where that cannot be done it counts since the process began."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return
