"""Reading ahead: an iterator that works in a thread of its own while its consumer does something else."""

import atexit
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["ahead", "end_all", "left_behind"]

T = TypeVar("T")
# Seconds between two looks at what else there is to do: Ctrl-C must not wait for a source that blocks.
_PATIENCE = 0.05
# Seconds that the end of the process waits in all: it must follow Ctrl-C at once, whatever a source does.
_AT_EXIT = 0.15


class _Thread(threading.Thread):
    """A thread that is asked to end at its next item by `stopped`."""

    def __init__(self, work: Callable[[], None], stopped: threading.Event) -> None:
        super().__init__(target=work, name="nngmix-ahead", daemon=True)
        self.stopped = stopped


def _running() -> list[_Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, _Thread)]


def left_behind() -> bool:
    """Whether a thread still waits for an item that nobody will take."""
    return bool(_running())


def end_all(patience: float = _AT_EXIT) -> None:
    """End all threads and wait for them, up to this many seconds in all.

    Done before the interpreter ends, which kills the threads that are left, and with them the process if that
    meets a library in C++ in the wrong place.
    """
    threads = _running()
    for thread in threads:
        thread.stopped.set()
    until = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


atexit.register(end_all)


def ahead(make: Callable[[], Iterator[T]], depth: int = 2) -> Generator[T]:
    """The items of ``make()``, up to `depth` of them fetched before they are asked for.

    The iterator lives in the thread alone: it is made, advanced and closed there. Its exceptions are raised
    where the items are taken. When the consumer stops early, the thread ends at its next item,
    for which nobody waits long: it may never come.
    """
    items: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=max(1, depth))
    stopped = threading.Event()

    def put(item: tuple[str, Any]) -> bool:
        while not stopped.is_set():
            with suppress(queue.Full):
                items.put(item, timeout=_PATIENCE)
                return True
        return False

    def work() -> None:
        try:
            iterator = make()
            try:
                for item in iterator:
                    if not put(("item", item)):
                        return
            finally:
                close = getattr(iterator, "close", None)
                if close is not None:
                    close()
        except BaseException as error:
            put(("error", error))
        else:
            put(("end", None))

    thread = _Thread(work, stopped)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(f"the system starts no more threads: {error}") from error
    ended = False
    try:
        while True:
            try:
                # Not without end: some libraries handle Ctrl-C so that it does not wake who waits for a lock.
                kind, value = items.get(timeout=_PATIENCE)
            except queue.Empty:
                continue
            ended = kind != "item"
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        stopped.set()
        # What is left in the queue keeps memory that the next pass wants.
        with suppress(queue.Empty):
            while True:
                items.get_nowait()
        thread.join(None if ended else _PATIENCE)
