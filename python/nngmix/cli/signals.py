"""Signals that ask the process to end: it ends as by Ctrl-C, so that nothing half written stays behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Terminated", "ended_by_signals"]

# What ends a process unless it asks to be told; a closed terminal sends the second one.
_SIGNALS = ("SIGTERM", "SIGHUP")


class Terminated(BaseException):
    """The process was asked to end; not an Exception, for nothing may go on after it.

    Attributes
    ----------
    code : int
        The exit code by which shells tell a signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """`Terminated` is raised in the block where the signal would have killed the process."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)):
            # One that is ignored, as nohup does, stays so.
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    raise Terminated(number)
