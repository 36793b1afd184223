"""Running many cells: in parallel, resumable, and none of them stops the others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nngmix.evaluation.cells import Cell, measure
from nngmix.evaluation.check import check_extra
from nngmix.evaluation.results import append, key_of, opened, read_rows
from nngmix.parameters.progress import Callback, reported

__all__ = ["Outcome", "run_cells"]


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes
    ----------
    found : int
        Cells that were in the file.
    measured : int
        Cells measured anew.
    failed : int
        Of those, the ones that failed.
    """

    found: int
    measured: int
    failed: int


def run_cells(
    cells: Sequence[Cell],
    path: str,
    *,
    n_jobs: int | None = None,
    retry_failed: bool = False,
    callback: Callback | None = None,
    verbose: bool = False,
) -> Outcome:
    """Measure the cells that `path` does not hold yet, appending each as soon as it is done.

    Parameters
    ----------
    cells : sequence of Cell
    path : str
        The file of results; made if it is not there.
    n_jobs : int, optional
        Processes. Default: one a core.
    retry_failed : bool, default=False
        Measure cells again that failed before.
    callback : callable, optional
        Called after each cell with the stage, "measure", cells done and all cells to do. An exception in it
        ends the run, and the same call goes on.
    verbose : bool, default=False
        Show a bar on stderr, by tqdm where it is installed.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        If the file holds something else or is damaged, or another run is writing to it.
    ChangedError
        If a file of data was changed since it was first read: the run ends.
    ImportError
        If a package of the extra ``evaluate`` is missing.
    """
    check_extra()
    from joblib import cpu_count

    n_jobs = n_jobs or cpu_count()
    with opened(path) as file, reported(callback, verbose, "cells") as report:
        rows = read_rows(path)
        done = {key_of(row) for row in rows if not row["error"]}
        done |= {key_of(row) for row in rows if not retry_failed}
        missing = [cell for cell in cells if key_of(cell.key) not in done]
        failed = 0
        if report is not None:
            report("measure", 0, len(missing))
        for n_done, row in enumerate(_measured(missing, n_jobs), start=1):
            append(file, row)
            failed += "error" in row
            if report is not None:
                report("measure", n_done, len(missing))
    return Outcome(len(cells) - len(missing), len(missing), failed)


def _measured(cells: Sequence[Cell], n_jobs: int) -> Iterator[dict[str, Any]]:
    """A row for every cell, in whatever order they are done; a process that dies is one failed cell."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = {key_of(cell.key): cell for cell in cells}
    while left:
        try:
            for row in _parallel(left.values(), n_jobs):
                del left[key_of(row)]
                yield row
        except TerminatedWorkerError:
            # The cell that did it is one of those under way: each by itself shows which.
            for cell in list(left.values())[: 3 * n_jobs]:
                del left[key_of(cell.key)]
                yield _alone(cell)


def _alone(cell: Cell) -> dict[str, Any]:
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        # Two jobs, for one would be measured in this process.
        return next(_parallel([cell], n_jobs=2))
    except TerminatedWorkerError:
        return {**cell.key, "error": "the process that measured it died; memory may have run out"}


def _parallel(cells: Iterable[Cell], n_jobs: int) -> Iterator[dict[str, Any]]:
    from joblib import Parallel, delayed, parallel_config

    # Processes whose parent was killed end when they have been idle for this many seconds.
    with parallel_config(backend="loky", idle_worker_timeout=20):
        rows: Iterator[dict[str, Any]] = Parallel(
            n_jobs=n_jobs, return_as="generator_unordered", batch_size=1
        )(delayed(measure)(cell) for cell in list(cells))
    return rows
