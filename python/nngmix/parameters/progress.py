"""How a long call says how far it is: to a callback, and to the user who asks for it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, SupportsIndex

from nngmix.parameters.errors import ParameterError, shown

__all__ = ["Callback", "check_listeners", "reported"]

# Called with the stage, what is done and what there is in all (rows, unless a call says otherwise); the last
# is 0 where it is not known yet.
Callback = Callable[[str, int, int], None]


def reported(
    callback: Callback | None, verbose: bool, unit: str = "rows"
) -> AbstractContextManager[Callback | None]:
    """Within, the one function that takes the reports, or None where nobody listens.

    Parameters
    ----------
    callback : callable or None
        Of the user, or what an outer call has got from here: that has all listeners already.
    verbose : bool
        Whether a bar is shown on stderr: by tqdm where it is installed, else a line for each stage.
    unit : str
        What is counted.

    Raises
    ------
    ParameterError
        As `check_listeners`.
    """
    check_listeners(callback, verbose, unit)
    log = _log()
    if isinstance(callback, _Reports) or not (verbose or callback or log):
        return nullcontext(callback)
    return _listening(_Reports(callback, _Bar(unit) if verbose else None), log, unit)


@contextmanager
def _listening(reports: "_Reports", log: Any, unit: str) -> Iterator[Callback]:
    try:
        yield reports
    finally:
        if reports.bar is not None:
            reports.bar.close()
        if log is not None:
            for stage, done in reports.done.items():
                log.info("%s: %d %s", stage, done, unit)


def check_listeners(callback: Callback | None, verbose: bool, unit: str = "rows") -> None:
    """Check who is to be told how far a call is.

    Raises
    ------
    ParameterError
        For a callback that cannot be called, and a `verbose` that is neither a boolean nor a count.
    """
    if callback is not None and not callable(callback):
        expected = f"be a function of stage, {unit} done and {unit} in all"
        raise ParameterError("callback", expected, type(callback).__name__)
    if not isinstance(verbose, bool | SupportsIndex) or int(verbose) < 0:
        raise ParameterError("verbose", "be True or False", shown(verbose))


def _log() -> Any:
    """The logger if anybody listens to it: nobody does who has not imported `logging`."""
    logging = sys.modules.get("logging")
    log = None if logging is None else logging.getLogger("nngmix.progress")
    return log if log is not None and log.isEnabledFor(logging.INFO) else None  # type: ignore[union-attr]


class _Reports:
    """Reports to all who listen."""

    def __init__(self, callback: Callback | None, bar: "_Bar | None") -> None:
        self.callback, self.bar = callback, bar
        self.done: dict[str, int] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.done[stage] = done
        if self.bar is not None:
            self.bar(stage, done, total)
        if self.callback is not None:
            self.callback(stage, done, total)


class _Bar:
    """A bar on stderr, one for each stage."""

    def __init__(self, unit: str) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            tqdm = None
        self._tqdm: Any = tqdm
        self._bar: Any = None
        self._stage, self._unit = "", unit

    def __call__(self, stage: str, done: int, total: int) -> None:
        fresh = stage != self._stage
        self._stage = stage
        if self._tqdm is None:
            if fresh:
                print(f"nngmix: {stage}", file=sys.stderr)
            return
        if fresh:
            self.close()
            self._bar = self._tqdm(total=total or None, desc=stage, unit=f" {self._unit}", unit_scale=True)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
