"""How many threads a call uses that does not say so itself."""

import os
import sys

from nngmix import _core
from nngmix.parameters.checks import check_threads
from nngmix.parameters.thread_limits import register

__all__ = ["set_num_threads"]

# The first of these that is set counts. Joblib, Dask and Spark give their workers the last.
_VARIABLES = ("NNGMIX_NUM_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS")

_told = False
_watching = False


def set_num_threads(n_threads: int | None) -> int:
    """Set how many threads calls use that are given no `n_threads`. No result depends on it.

    Until it is called, that is the number in the environment variable NNGMIX_NUM_THREADS, else in
    RAYON_NUM_THREADS or OMP_NUM_THREADS, by which joblib, Dask and Spark limit their workers; else one in a
    process that `multiprocessing` started, which is one of several; else all cores of this process, or what
    the quota of its control group leaves of them. `threadpoolctl.threadpool_limits` limits it for a while, if
    threadpoolctl was imported before the first name of nngmix was used.

    Parameters
    ----------
    n_threads : int or None
        Threads, at least 1; None goes back to what is described above.

    Returns
    -------
    int
        The number until now.

    Raises
    ------
    TypeError
        For what is no integer.
    ValueError
        For less than 1.

    Examples
    --------
    >>> import nngmix
    >>> before = nngmix.set_num_threads(1)
    >>> nngmix.set_num_threads(None)
    1
    """
    global _told
    n_threads = check_threads(n_threads)
    register()
    before = _core.default_threads()
    _told = n_threads is not None
    _core.set_default_threads(_of_process() if n_threads is None else n_threads)
    return before


def _of_process() -> int:
    """The number for a process that was told none; 0 for all the system offers."""
    for name in _VARIABLES:
        # OpenMP takes a list, a number for each level of nesting; a 0 of rayon's is no number.
        first = os.environ.get(name, "").split(",")[0].strip()
        if first.isdecimal() and int(first) > 0:
            own = name == _VARIABLES[0]
            return int(first) if own else min(int(first), _core.available_threads())
    process = sys.modules.get("multiprocessing.process")
    return 1 if process is not None and process.parent_process() is not None else 0


def _follow(_: object = None) -> None:
    if not _told:
        _core.set_default_threads(_of_process())


def _watch() -> None:
    """Before a fork: have `multiprocessing`, if it is the one who forks, call `_follow` in its child."""
    # At the fork itself the child does not know yet whose it is. Nor is the module loaded for this alone.
    global _watching
    util = sys.modules.get("multiprocessing.util")
    if util is not None and not _watching:
        _watching = True
        util.register_after_fork(_follow, _follow)


_follow()
register()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_watch)
