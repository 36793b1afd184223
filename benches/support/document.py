"""What was measured, on what, with what: the JSON document of a benchmark."""

import datetime
import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from support.machine import machine, versions

SEARCH_LIBRARIES = (
    *("nngmix", "numpy", "scipy", "scikit-learn", "faiss-cpu", "pykdtree"),
    *("imbalanced-learn", "threadpoolctl"),
)
TABLE_LIBRARIES = ("nngmix", "numpy", "pyarrow", "pandas", "polars")


def document(benchmark: str, libraries: Iterable[str] = SEARCH_LIBRARIES) -> dict[str, Any]:
    """Everything but the results, which the benchmark appends to."""
    return {
        "benchmark": benchmark,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": command(),
        "commit": _commit(),
        "python": platform.python_version(),
        "versions": versions(libraries),
        "machine": machine(),
        "results": [],
    }


def command(shown: Mapping[str, str] | None = None) -> str:
    """How the benchmark was called, some arguments shown by another name.

    Results are published: of absolute paths the last part is all that is shown.
    """
    script, *arguments = sys.argv
    names = {argument: _without_folder(argument) for argument in arguments} | dict(shown or {})
    return " ".join(["python", f"benches/{Path(script).name}", *(names[argument] for argument in arguments)])


def save(doc: Any, path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(doc, indent=1) + "\n")


def _without_folder(argument: str) -> str:
    name, equals, value = argument.rpartition("=")
    return name + equals + (Path(value).name if Path(value).is_absolute() else value)


def _commit() -> str | None:
    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None
