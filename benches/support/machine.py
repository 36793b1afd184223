"""The machine and the libraries that something was measured with."""

import importlib.metadata
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# What NNGMIX_FORCE_ISA takes, the best first.
LEVELS = ("avx512vnni", "avx512", "avxvnni", "avx2", "baseline")
SHOWN_SETS = (
    *("sse2", "sse4_2", "avx", "avx2", "fma", "f16c", "avx_vnni"),
    *("avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_int8", "amx_bf16"),
    *("asimd", "asimdhp", "asimddp", "sve", "sve2"),
)


def processor() -> str:
    return _proc("cpuinfo", "model name") or platform.processor() or platform.machine()


def instruction_sets() -> list[str]:
    flags = set(_proc("cpuinfo", "flags", "Features").split())
    return [name for name in SHOWN_SETS if name in flags]


def machine() -> dict[str, Any]:
    return {
        "cpu": processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory": _proc("meminfo", "MemTotal"),
        "instruction_sets": instruction_sets(),
        "system": platform.platform(),
        "load_before": os.getloadavg()[0],
    }


def versions(libraries: Iterable[str]) -> dict[str, str | None]:
    """The version of each library, None where it is not installed."""
    return {library: _version(library) for library in libraries}


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _proc(file: str, *names: str) -> str:
    try:
        lines = Path("/proc", file).read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() in names), "")
