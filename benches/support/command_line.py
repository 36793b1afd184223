"""The command line `nngmix`, in this process or as a command of its own."""

import runpy
import subprocess
import sys
import time
from collections.abc import Sequence


def run_here(arguments: Sequence[str]) -> None:
    """Run ``nngmix ...`` in this process, whose memory then is that of the command."""
    kept, sys.argv = sys.argv, ["nngmix", *arguments]
    try:
        runpy.run_module("nngmix", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise RuntimeError(f"nngmix {arguments[0]} failed with exit code {end.code}") from end
    finally:
        sys.argv = kept


def time_command(arguments: Sequence[str], limit_seconds: float | None = None) -> float:
    """Seconds of the whole command ``nngmix ...``, from the start of its interpreter on.

    Raises
    ------
    RuntimeError
        If it fails, with what it said, or takes longer than the limit.
    """
    begin = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nngmix", *arguments],
            capture_output=True,
            text=True,
            timeout=limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"over {limit_seconds:g} s") from error
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip().splitlines() or ["failed without a word"])[-1])
    return seconds
