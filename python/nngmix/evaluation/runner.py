"""Running many cells: in parallel, resumable, and none of them stops the others."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nngmix.evaluation.cells import Cell, measure
from nngmix.evaluation.results import KEY, append, opened, read_rows

__all__ = ["Outcome", "run_cells"]


@dataclass(frozen=True)
class Outcome:
    """What a run did: cells found in the file, measured anew, and of those failed."""

    found: int
    measured: int
    failed: int


def run_cells(
    cells: Sequence[Cell],
    path: str,
    *,
    n_jobs: int | None = None,
    retry_failed: bool = False,
    progress: Callable[[int, int], None] | None = None,
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
    progress : callable, optional
        Called with the cells done and all cells to do.
    """
    from joblib import Parallel, delayed

    n_jobs = n_jobs or len(os.sched_getaffinity(0))
    with opened(path) as file:
        done = {
            tuple(row[name] for name in KEY) for row in read_rows(path) if not (retry_failed and row["error"])
        }
        missing = [cell for cell in cells if tuple(cell.key[name] for name in KEY) not in done]
        failed = 0
        report = progress or (lambda done, total: None)
        report(0, len(missing))
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)
        for n_done, row in enumerate(parallel(delayed(measure)(cell) for cell in missing), start=1):
            append(file, row)
            failed += "error" in row
            report(n_done, len(missing))
    return Outcome(len(cells) - len(missing), len(missing), failed)
