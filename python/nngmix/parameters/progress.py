"""How a long call says how far it is: to a callback, and to the user who asks for it."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Callback", "reported"]

# Called with the stage, rows done and rows in all; the last is 0 where it is not known yet.
Callback = Callable[[str, int, int], None]

_log = logging.getLogger("nngmix")


@contextmanager
def reported(callback: Callback | None, verbose: bool) -> Iterator[Callback | None]:
    """Within, the one function that takes the reports, or None where nobody listens.

    Parameters
    ----------
    callback : callable or None
        Of the user.
    verbose : bool
        Whether a bar is shown on stderr: by tqdm where it is installed, else a line for each stage.

    Raises
    ------
    TypeError
        For a callback that cannot be called.
    """
    if callback is not None and not callable(callback):
        raise TypeError(
            f"callback must be a function of stage, rows done and rows in all, got {type(callback).__name__}"
        )
    if not (verbose or callback or _log.isEnabledFor(logging.INFO)):
        yield None
        return
    bar = _Bar() if verbose else None
    stages: dict[str, int] = {}

    def report(stage: str, done: int, total: int) -> None:
        if bar is not None:
            bar(stage, done, total)
        if callback is not None:
            callback(stage, done, total)
        stages[stage] = done

    try:
        yield report
    finally:
        if bar is not None:
            bar.close()
        for stage, done in stages.items():
            _log.info("%s: %d rows", stage, done)


class _Bar:
    """A bar on stderr, one for each stage."""

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            tqdm = None
        self._tqdm: Any = tqdm
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        fresh = stage != self._stage
        self._stage = stage
        if self._tqdm is None:
            if fresh:
                print(f"nngmix: {stage}", file=sys.stderr)
            return
        if fresh:
            self.close()
            self._bar = self._tqdm(total=total or None, desc=stage, unit=" rows", unit_scale=True)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
