"""Reading ahead: an iterator that works in a thread of its own while its consumer does something else."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["ahead"]

T = TypeVar("T")


def ahead(make: Callable[[], Iterator[T]], depth: int = 2) -> Generator[T]:
    """The items of ``make()``, up to `depth` of them fetched before they are asked for.

    The iterator lives in the thread alone: it is made, advanced and closed there. Its exceptions are raised
    where the items are taken. When the consumer stops early, the thread ends at its next item.
    """
    items: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=max(1, depth))
    stopped = threading.Event()

    def put(item: tuple[str, Any]) -> bool:
        while not stopped.is_set():
            with suppress(queue.Full):
                items.put(item, timeout=0.1)
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

    thread = threading.Thread(target=work, name="nngmix-ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = items.get()
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
        thread.join()
