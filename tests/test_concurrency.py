"""Ctrl-C, other Python threads, and forks: while a kernel runs, the process stays answerable."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import nngmix

# A program that hangs is killed and fails the test; a good one takes seconds.
WATCHDOG = 60


def run(program: str) -> str:
    """What the program prints, run by a new interpreter."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=WATCHDOG)
    except subprocess.TimeoutExpired:
        # Its forked children too: they hold the pipes open.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail(f"still running after {WATCHDOG} seconds")
    assert process.returncode == 0, errors
    return output


INTERRUPTED = """
import os, signal, threading, time
import numpy as np
import nngmix

# A shell may start background jobs with the signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

{setup}

def interrupt():
    time.sleep(0.3)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)

took = []
# Twice, for what an interrupt leaves behind; a busy machine may keep a process waiting: some tries more,
# until one is as fast as it should be.
while len(took) < 2 or (min(took) >= 0.2 and len(took) < 12):
    sent = []
    threading.Thread(target=interrupt).start()
    began = time.perf_counter()
    try:
        {call}
    except KeyboardInterrupt:
        took.append(time.perf_counter() - sent[0])
        print("interrupted", took[-1])
    else:
        took.append(time.perf_counter() - began)
        print("finished", took[-1])

{after}
"""

# Each would take tens of seconds, on two cores, even with kernels many times as fast.
LONG = {
    "search": (
        "rows = np.random.default_rng(0).random((500_000, 32), dtype=np.float32)\nqueries = rows[:200_000]",
        "nngmix.kneighbors(queries, rows, 1)",
        "distances, indices = nngmix.kneighbors(queries[:5], rows, 1)\n"
        "assert (indices[:, 0] == np.arange(5)).all() and (distances == 0).all()",
    ),
    "search on one thread": (
        "rows = np.random.default_rng(0).random((500_000, 32), dtype=np.float32)\nqueries = rows[:200_000]",
        "nngmix.kneighbors(queries, rows, 1, n_threads=1)",
        "",
    ),
    "search among blocks of near rows": (
        "rows = np.random.default_rng(0).random((400_000, 3))",
        "nngmix.kneighbors(rows, rows, 50)",
        "",
    ),
    "update": (
        "rows = np.random.default_rng(0).random((500_000, 32), dtype=np.float32)\n"
        "table = nngmix.NeighborTable(rows[:200_000], 1).update(rows[:1])",
        "table.update(rows)",
        "assert table.n_seen == 1 and (table.row_ids == 0).all()",
    ),
    "update of long lists": (
        "rows = np.random.default_rng(0).random((100_000, 8))\n"
        "table = nngmix.NeighborTable(rows[:400], 20_000).update(rows[:25_000])",
        "for _ in range(1000): table.update(rows)",
        "",
    ),
    "merge": (
        "rows = np.random.default_rng(0).random((20_000, 8))\n"
        "table, other = (nngmix.NeighborTable(rows[:400], 5000) for _ in range(2))\n"
        "table.update(rows[:10_000], 0); other.update(rows[10_000:], 10_000)",
        "for _ in range(1000): nngmix.NeighborTable(rows[:400], 5000).update(rows[:10], 99_999).merge(other)",
        "",
    ),
    "generation": (
        "table = nngmix.NeighborTable(np.zeros((2, 1), np.float32)).update(np.ones((20, 1), np.float32))\n"
        "out = np.empty((300_000_000, 1), np.float32)",
        "table.rows(0, len(out), alpha=1, beta=1, out=out)",
        "assert table.rows(0, 10).shape == (10, 1)",
    ),
    "comparison method": (
        "out = np.empty((300_000_000, 1), np.float32)",
        "nngmix.gaussian_noise(np.zeros((2, 1), np.float32), len(out), out=out)",
        "assert nngmix.gaussian_noise(np.zeros((2, 1)), 10).shape == (10, 1)",
    ),
    "plan": (
        "table = nngmix.NeighborTable(np.zeros((2, 1), np.float32)).update(np.ones((20, 1), np.float32))",
        "table.plan(0, 80_000_000, alpha=1, beta=1)",
        "assert len(table.plan(0, 10)) == 10",
    ),
}


@pytest.mark.parametrize("work", LONG)
def test_an_interrupt_stops_long_work_within_a_fifth_of_a_second(work: str) -> None:
    setup, call, after = LONG[work]
    lines = run(INTERRUPTED.format(setup=setup, call=call, after=after)).split("\n")
    outcomes = [line.split() for line in lines if line]
    assert [outcome for outcome, _ in outcomes] == ["interrupted"] * len(outcomes)
    assert len(outcomes) >= 2
    assert min(float(seconds) for _, seconds in outcomes) < 0.2


@pytest.fixture(scope="module")
def long_search() -> tuple[NDArray[Any], NDArray[Any]]:
    rows = np.random.default_rng(0).random((100_000, 16), dtype=np.float32)
    return rows[:600], rows


def test_other_python_threads_run_during_a_search(long_search: tuple[Any, Any]) -> None:
    """A thread notes the time as it runs; with the lock held, the middle of the search would be empty."""
    queries, rows = long_search
    times: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            now = time.perf_counter()
            if not times or now - times[-1] > 1e-3:
                times.append(now)

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        for n_threads in (1, 2):
            while True:
                began = time.perf_counter()
                nngmix.kneighbors(queries, rows, 5, n_threads=n_threads)
                ended = time.perf_counter()
                if ended - began > 0.25:
                    break
                queries = np.concatenate([queries, queries])
            edges = np.linspace(began, ended, 9)[1:-1]
            seen, _ = np.histogram(times, edges)
            # Not all six: a busy machine may let a thread wait.
            assert np.count_nonzero(seen) >= 3, (seen, ended - began)
    finally:
        stop.set()
        ticking.join()


def test_searches_and_rows_of_several_threads_at_once_are_right(long_search: tuple[Any, Any]) -> None:
    queries, rows = long_search
    table = nngmix.NeighborTable(rows[:40], n_threads=2).update(rows[:5000])

    def search(seed: int) -> bytes:
        distances, indices = nngmix.kneighbors(queries[seed::8], rows[:20_000], 5, n_threads=2)
        return distances.tobytes() + indices.tobytes()

    def generate(seed: int) -> bytes:
        return table.rows(0, 30_000, random_state=seed).tobytes()

    jobs = [(search, seed) for seed in range(6)] + [(generate, seed) for seed in range(6)]
    alone = [job(seed) for job, seed in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: job[0](job[1]), jobs * 2))
    assert together == alone * 2


FORKED = """
import os
import numpy as np
import nngmix

rows = np.random.default_rng(0).random((20_000, 8))

def use():
    # Enough work for both threads of the pool, for the search and for the rows.
    distances, indices = nngmix.kneighbors(rows[:100], rows, 3, n_threads=2)
    table = nngmix.NeighborTable(rows[:100], n_threads=2).update(rows)
    return indices.tobytes() + table.rows(0, 50_000, random_state=0).tobytes()
"""


def test_use_fork_use_does_not_hang() -> None:
    program = FORKED + (
        "before = use()\n"
        "for generation in range(3):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        same = use() == before\n"
        "        grandchild = os.fork()\n"
        "        if grandchild == 0:\n"
        "            os._exit(0 if use() == before else 1)\n"
        "        same = same and os.waitpid(grandchild, 0)[1] == 0\n"
        "        os._exit(0 if same else 1)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "    assert use() == before\n"
        "print('done')\n"
    )
    assert run(program) == "done\n"


def test_a_fork_during_a_search_does_not_hang() -> None:
    program = FORKED + (
        "import threading\n"
        "before = use()\n"
        "stop = threading.Event()\n"
        "def again():\n"
        "    while not stop.is_set():\n"
        "        assert use() == before\n"
        "        nngmix.NeighborTable(rows[:2000], n_threads=2).anomaly_neighbors\n"
        "thread = threading.Thread(target=again)\n"
        "thread.start()\n"
        "for _ in range(30):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(0 if use() == before else 1)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "stop.set()\n"
        "thread.join()\n"
        "print('done')\n"
    )
    assert run(program) == "done\n"


def test_forked_worker_processes_give_the_same() -> None:
    program = FORKED + (
        "import multiprocessing\n"
        "def work(_):\n"
        "    return use()\n"
        "before = use()\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    assert pool.map(work, range(4)) == [before] * 4\n"
        "assert use() == before\n"
        "print('done')\n"
    )
    assert run(program) == "done\n"


def test_threads_are_those_of_the_largest_call_and_no_more() -> None:
    program = FORKED + (
        "def count():\n"
        "    return len(os.listdir('/proc/self/task'))\n"
        "before = count()\n"
        "for n_threads in range(1, 25):\n"
        "    nngmix.kneighbors(rows[:100], rows, 3, n_threads=n_threads)\n"
        "import time\n"
        "while count() > before + 24 and time.sleep(0.01) is None:\n"
        "    pass\n"
        "print('done')\n"
    )
    assert run(program) == "done\n"


def test_a_child_with_the_process_id_of_its_parent_does_not_hang() -> None:
    """In a namespace of process ids of its own a child can have any, here 1, as its parent has."""
    program = FORKED + (
        "import ctypes, sys\n"
        "unshare, user, ids = ctypes.CDLL(None, use_errno=True).unshare, 0x10000000, 0x20000000\n"
        "before = use()\n"
        "if unshare(ids) and unshare(user | ids):\n"
        "    sys.exit(print('no namespaces here'))\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    assert os.getpid() == 1 and use() == before and unshare(ids) == 0\n"
        "    grandchild = os.fork()\n"
        "    if grandchild == 0:\n"
        "        os._exit(0 if os.getpid() == 1 and use() == before else 1)\n"
        "    os._exit(os.waitpid(grandchild, 0)[1])\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "print('done')\n"
    )
    output = run(program)
    if output == "no namespaces here\n":
        pytest.skip("this system gives no namespaces of process ids")
    assert output == "done\n"
