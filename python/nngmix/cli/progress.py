"""What the user sees while a run is under way."""

import shutil
import sys
import time
from typing import Any, Self

from tqdm import tqdm

__all__ = ["CellProgress", "Progress"]


class Progress:
    """Times of the stages, and a bar on stderr if that is a terminal.

    An instance is the ``progress`` callback of `nngmix.methods.resample.resample`.
    """

    def __init__(self, unit: str = " rows") -> None:
        self._unit = unit
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()
        self._terminal = sys.stderr.isatty()
        self._bar: Any = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.lap(stage)
        if not self._terminal:
            return
        if stage != self._stage:
            self.close()
            self._stage = stage
            # Asked here, for tqdm shows nothing on a terminal that does not tell its size.
            width, height = shutil.get_terminal_size()
            self._bar = tqdm(
                total=total,
                initial=done,
                desc=stage,
                unit=self._unit,
                unit_scale=True,
                leave=False,
                ncols=width,
                nrows=height,
                file=sys.stderr,
            )
        self._bar.update(done - self._bar.n)
        if done == total:
            self._bar.refresh()

    def lap(self, stage: str) -> None:
        """Count the time since the last call towards `stage`: reports come after the work they report."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now

    def close(self) -> None:
        """Take the bar from the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class CellProgress:
    """A bar of cells with the time left, on a terminal; a line now and then where there is none."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if total == 0:
            return
        if self._bar is None:
            interval = 0.2 if sys.stderr.isatty() else 60.0
            self._bar = tqdm(total=total, unit=" cells", mininterval=interval, file=sys.stderr)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
