"""Memory-mapped rows: searched where they lie, with the same result and without a copy of them."""

import gc
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import nngmix

ROWS, COLUMNS = 1_000_000, 32
# The file has 128 MB: a copy of it, or of half of it, would be seen.
ALLOWED = 56 << 20


def anonymous() -> int:
    """Memory of this process that no file backs, in bytes: pages of a mapped file are not its own."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


class Watch:
    """The most anonymous memory held while a block runs, beyond what was held before."""

    def __enter__(self) -> "Watch":
        # What others left behind must not be freed while the block runs.
        gc.collect()
        self.before = anonymous()
        self.peak = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self) -> None:
        while not self.done.wait(0.001):
            self.peak = max(self.peak, anonymous() - self.before)

    def __exit__(self, *_: Any) -> None:
        self.done.set()
        self.thread.join()
        self.peak = max(self.peak, anonymous() - self.before)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.float32]:
    path = tmp_path_factory.mktemp("memory") / "unlabeled.float32"
    with path.open("wb") as file:
        for seed in range(10):
            rows = np.random.default_rng(seed).random((ROWS // 10, COLUMNS), np.float32)
            rows.tofile(file)
    return np.memmap(path, np.float32, "r", shape=(ROWS, COLUMNS))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells the memory of a process")
def test_a_memory_mapped_table_is_never_copied(mapped: NDArray[np.float32]) -> None:
    anomalies = np.random.default_rng(99).random((20, COLUMNS), np.float32)
    with Watch() as watch:
        made = nngmix.nng_mix(anomalies, mapped, 100, random_state=0)
    assert watch.peak < ALLOWED
    with Watch() as watch:
        table = nngmix.NeighborTable(anomalies).update(mapped)
    assert watch.peak < ALLOWED
    assert table.rows(0, 100, random_state=0).tobytes() == made.tobytes()
    # What is seen when there is a copy, unless a library gives back what earlier tests took at that moment.
    peaks = []
    for _ in range(3):
        with Watch() as watch:
            copied = np.array(mapped)
            expected = nngmix.nng_mix(anomalies, copied, 100, random_state=0)
        peaks.append(watch.peak)
    assert max(peaks) > ALLOWED, peaks
    assert expected.tobytes() == made.tobytes()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells the memory of a process")
def test_a_table_that_has_to_be_converted_is_converted_in_blocks(mapped: NDArray[np.float32]) -> None:
    anomalies = np.random.default_rng(99).random((5, COLUMNS))
    part = mapped[: ROWS // 2]
    with Watch() as watch:
        made = nngmix.nng_mix(anomalies, part, 100, random_state=0)
    assert watch.peak < ALLOWED
    assert made.tobytes() == nngmix.nng_mix(anomalies, part.astype(float), 100, random_state=0).tobytes()


LIMITED = """
import resource, sys
import numpy as np
import nngmix

Z = np.random.default_rng(0).random((40_000, 3))
nngmix.kneighbors(Z[:50], Z, 3)
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
limit = used + {room}
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    {call}
except MemoryError as error:
    print("refused", error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process is Linux's")
@pytest.mark.parametrize(
    "call",
    [
        "nngmix.kneighbors(Z, Z, 40_000)",
        "nngmix.kneighbors(Z[:1000], Z, 20_000)",
        "nngmix._core.kneighbors(Z[:1000], Z, 20_000, 1)",
        "nngmix.NeighborTable(Z, 10_000)",
        "nngmix.NeighborTable(Z[:100], 5_000).update(Z[:9000]).plan(0, 20_000_000)",
    ],
)
def test_memory_that_is_refused_is_an_error_and_no_end(call: str) -> None:
    program = LIMITED.format(room=300 << 20, call=call)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("refused")
