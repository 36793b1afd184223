"""Reading ahead: the same items, exceptions where they are taken, and no thread left behind."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from nngmix.files.read_ahead import ahead, end_all, left_behind
from nngmix.files.source import Reading, Source


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "nngmix-ahead"]


def test_the_items_come_in_order():
    assert list(ahead(lambda: iter(range(100)), 3)) == list(range(100))
    assert not threads()


def test_an_exception_is_raised_where_the_items_are_taken():
    def items():
        yield 1
        raise KeyError("second")

    taken = ahead(items)
    assert next(taken) == 1
    with pytest.raises(KeyError, match="second"):
        next(taken)
    assert not threads()


def test_whoever_stops_early_closes_the_iterator():
    closed = threading.Event()

    def items():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    taken = ahead(items)
    next(taken)
    taken.close()
    assert closed.is_set()
    assert not threads()


def test_the_end_of_the_process_ends_what_nobody_closed():
    closed = threading.Event()

    def items():
        try:
            while True:
                yield 0
        finally:
            time.sleep(0.2)
            closed.set()

    taken = ahead(items)
    next(taken)
    assert left_behind()
    end_all(20)
    assert closed.is_set()
    assert not left_behind()


def test_the_end_of_the_process_does_not_wait_for_ever():
    event = threading.Event()

    def items():
        yield 1
        event.wait(20)

    taken = ahead(items)
    next(taken)
    began = time.monotonic()
    end_all(0.1)
    assert time.monotonic() - began < 5
    assert left_behind()
    event.set()
    end_all(20)
    assert not left_behind()


def test_a_process_that_ends_in_the_middle_closes_its_iterator():
    code = (
        "from nngmix.files.read_ahead import ahead, end_all\n"
        # A busy machine may be late.
        "end_all.__defaults__ = (20.0,)\n"
        "def items():\n"
        "    try:\n"
        "        while True: yield 0\n"
        "    finally: print('closed', flush=True)\n"
        "taken = ahead(items)\n"
        "next(taken)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "closed\n", "")


@pytest.fixture
def blocked() -> Iterator[threading.Event]:
    """Ctrl-C comes while something waits for this event, which is set afterwards."""
    event = threading.Event()
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    yield event
    event.set()
    timer.join()
    while left_behind():
        time.sleep(0.01)


def test_ctrl_c_does_not_wait_for_a_source_that_blocks(blocked: threading.Event) -> None:
    def items() -> Iterator[int]:
        yield 1
        blocked.wait(20)
        yield 2

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(ahead(items))
    assert time.monotonic() - began < 5
    assert left_behind()


def test_ctrl_c_does_not_wait_for_the_rows_of_a_file(blocked: threading.Event) -> None:
    class Slow(Source):
        def _header(self):
            raise NotImplementedError

        def _batches(self, columns, reading):
            blocked.wait(20)
            yield 1

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(Slow("slow").batches([], Reading(1, 1)))
    assert time.monotonic() - began < 5


def test_a_system_without_threads_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(OSError, match="the system starts no more threads: can't start new thread"):
        next(ahead(lambda: iter([1])))
