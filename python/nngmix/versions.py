"""What a report of a fault should say of the machine and of what is installed."""

import platform
import sys
from importlib import metadata

from nngmix import _core

__all__ = ["show_versions", "version_line"]

# What the package works with; those that are not installed are shown as such.
_PACKAGES = (
    "numpy",
    "scikit-learn",
    "imbalanced-learn",
    "pandas",
    "polars",
    "pyarrow",
    "dask",
    "distributed",
    "pyspark",
    "joblib",
    "threadpoolctl",
    "tqdm",
)


def version_line() -> str:
    """The version in one line, with what else the speed and the bytes depend on.

    Raises
    ------
    ValueError
        If NNGMIX_FORCE_ISA names an instruction set that the machine does not have.
    """
    return (
        f"nngmix, version {_core.__version__} (instructions {_core.instruction_set()}, random streams of "
        f"version {_core.STREAM_VERSION})"
    )


def show_versions() -> None:
    """Print the versions of nngmix, of Python and of the packages it works with, and what it runs on.

    Raises
    ------
    ValueError
        If NNGMIX_FORCE_ISA names an instruction set that the machine does not have.

    Examples
    --------
    >>> import nngmix
    >>> nngmix.show_versions()  # doctest: +ELLIPSIS
    nngmix           ...
    """
    lines = {
        "nngmix": f"{_core.__version__} (random streams of version {_core.STREAM_VERSION})",
        "instructions": _core.instruction_set(),
        "threads": f"{_core.default_threads()} of {_core.available_threads()}",
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
        **{name: _version(name) for name in _PACKAGES},
    }
    width = max(map(len, lines)) + 1
    print("\n".join(f"{name:<{width}}{said}" for name, said in lines.items()))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
