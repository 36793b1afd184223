"""The command line within this process: what a run of it prints and its exit code."""

import io
import subprocess
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from nngmix import cli

__all__ = ["shell"]


def shell(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What ``nngmix`` with these arguments would print, without the second that a process takes to start."""
    # Tables go to the bytes below the text.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    # The command line shows warnings in its own way, each time anew.
    with warnings.catch_warnings(), redirect_stdout(out), redirect_stderr(err):
        warnings.simplefilter("default")
        code = cli.run([*map(str, arguments)])
    shown = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess([*map(str, arguments)], code, *shown)
