"""Reading ahead: the same items, exceptions where they are taken, and no thread left behind."""

import threading

import pytest

from nngmix.files.read_ahead import ahead


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
