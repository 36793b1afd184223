"""A Dask graph computed while its tasks are counted: on threads, on processes or on a cluster."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from dask.base import compute, get_scheduler
from dask.callbacks import Callback

__all__ = ["computed"]


def computed(whole: Any, parts: Sequence[Any], report: Callable[[int, int], None] | None) -> Any:
    """The value of `whole`; `report` is called with how many of the `parts` it is made of are done, and all.

    An exception in `report` ends the computation.
    """
    if report is None:
        return compute(whole)[0]
    report(0, len(parts))
    client = getattr(get_scheduler(), "__self__", None)
    if client is not None:
        return _on_cluster(client, whole, parts, report)
    keys, done = {part.key for part in parts}, count(1)

    def after(key: Any, *_: Any) -> None:
        if key in keys:
            report(next(done), len(parts))

    with Callback(posttask=after):
        return compute(whole)[0]


def _on_cluster(client: Any, whole: Any, parts: Sequence[Any], report: Callable[[int, int], None]) -> Any:
    from distributed import as_completed

    *futures, future = client.compute([*parts, whole])
    try:
        for done, part in enumerate(as_completed(futures), start=1):  # type: ignore[no-untyped-call]
            if part.status != "finished":
                break
            # Who needs it has it: what is merged need not be held by us.
            part.release()
            report(done, len(parts))
        return future.result()
    except BaseException:
        # What nobody wants is not begun. (To cancel it fails in the scheduler, where merges wait for it.)
        for left in (future, *futures):
            left.release()
        raise
