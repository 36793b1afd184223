"""Exactness from Python at every instruction set, for values of any magnitude: the reference's neighbours.

One process a level, since a process keeps the level that it began with; each tries the same cases.
"""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from fuzz_cases import AT_NIGHT, NIGHT, SEED

LEVELS = ("baseline", "avx2", "avxvnni", "avx512", "avx512vnni")
CASES = AT_NIGHT if NIGHT else 25


def compare(first: int, n_cases: int) -> str:
    """A digest of what was found in all cases, each of them checked against the plain scan."""
    from nngmix import kneighbors, reference
    from table_values import values

    told = hashlib.sha256()
    for seed in range(first, first + n_cases):
        rng = np.random.default_rng(seed)
        dtype = rng.choice([np.float32, np.float64])
        d, k = int(rng.choice([1, 2, 3, 8, 9, 17, 33, 70])), int(rng.choice([1, 5, 20]))
        n_queries = int(rng.choice([1, 3, 20]))
        n = int(rng.integers(1, max(2, min(4000, 400_000 // (n_queries * d)))))
        columns = rng.choice([0, 0, 0, -200, 200, -60, 60], d) * rng.integers(0, 2)
        X = values(rng, n, d, dtype, columns)
        queries = values(rng, n_queries, d, dtype, columns)
        queries[::2] = X[rng.integers(0, n, len(queries[::2]))]
        found = kneighbors(queries, X, min(k, n), n_threads=int(rng.integers(1, 3)))
        expected = reference.kneighbors(queries, X, min(k, n))
        said = f"case {seed}, {n} x {d} {dtype}, {n_queries} queries"
        np.testing.assert_array_equal(found[1], expected[1], said)
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(found[0], np.sqrt(expected[0]), said)
        told.update(found[1].tobytes())
    return told.hexdigest()


def test_every_instruction_set_finds_the_neighbours_of_the_reference() -> None:
    found = {}
    program = f"from test_levels import compare; print(compare({SEED}, {CASES}))"
    paths = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    for level in LEVELS:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "NNGMIX_FORCE_ISA": level, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        # A machine refuses what it does not have.
        if "as far as the machine has it" not in done.stderr:
            assert done.returncode == 0, done.stderr
            found[level] = done.stdout
    assert "baseline" in found
    assert len(set(found.values())) == 1, found
    if len(found) < len(LEVELS):
        pytest.skip(f"this machine has {', '.join(found)} alone: these are right")
