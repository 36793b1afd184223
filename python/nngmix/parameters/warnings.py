"""Warnings that point at the user's line, not at ours."""

import os
import warnings

__all__ = ["warn", "warn_clamped", "warn_missing"]

_PACKAGE = os.path.dirname(os.path.dirname(__file__))


def warn(message: str) -> None:
    """A UserWarning at the caller outside the package."""
    import sys

    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back  # type: ignore[assignment]
    warnings.warn(message, UserWarning, stacklevel=level)


def warn_clamped(name: str, asked: int, there: int) -> None:
    """The warning for more neighbours asked for than there are rows."""
    warn(f"{name}={asked} is more than the {there} rows there are; taking all {there}")


def warn_missing(n_missing: int, n_rows: int) -> None:
    """The warning for rows that ``missing="skip"`` left out, if there are any."""
    if n_missing:
        warn(f"left out {n_missing} of {n_rows} rows: a value is missing, NaN or infinite (missing='skip')")
