"""New rows must not lie where the inputs are looked for: they would be inputs the next time."""

import fnmatch
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["check_apart"]


def check_apart(inputs: Iterable[str], output: str) -> None:
    """ValueError if the new rows would be found among the inputs, as anomalies, when these are read again."""
    made = os.path.join(os.path.realpath(output), "part-00000.parquet")
    for source in inputs:
        if _finds(source, made):
            raise ValueError(
                f"{source}: reading it again would find the new rows in {output} and take them for "
                "inputs; name an output folder elsewhere"
            )


def _finds(source: str, path: str) -> bool:
    """Whether an input, a file, folder or pattern, means the file `path`, if it were there."""
    asked, there = Path(os.path.realpath(source)).parts, Path(path).parts
    if os.path.isdir(source):
        return there[: len(asked)] == asked
    if "**" in asked:
        asked = asked[: asked.index("**")]
        there = there[: len(asked)]
    return len(asked) == len(there) and all(map(fnmatch.fnmatch, there, asked))
