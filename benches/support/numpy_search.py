"""The best nearest-neighbour search that NumPy alone gives: blocked GEMM with a running threshold.

For every query, rows are scored by ``q.x - |x|^2 / 2`` in float32, both centred on a sample mean; the norm is
one more column of the product. A block of scores is compared with the k-th best so far, less the rounding,
and only what passes is kept; the exact float64 distances of those few rows decide. Threads take ranges of
rows.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
# Scores of a block, for few queries and for many: small enough for the cache, large enough for GEMM.
SCORES = 1 << 18, 1 << 19
QUERIES = 512


def search(queries: Rows, rows: Rows, k: int, threads: int) -> tuple[Rows, Rows]:
    n = len(rows)
    centre = rows[:: max(1, n // 1000)].mean(axis=0)
    q = np.ones((len(queries), queries.shape[1] + 1), np.float32)
    q[:, :-1] = queries - centre
    # Starting threads costs more than a small search, and every range must hold k rows.
    threads = threads if n * q.size > 1 << 25 and n // threads > k else 1
    bounds = [n * t // threads for t in range(threads + 1)]
    spans = list(pairwise(bounds))
    if threads == 1:
        parts = [_screen(q, rows, centre, k, *spans[0])]
    else:
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(lambda span: _screen(q, rows, centre, k, *span), spans))
    number, row = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _exact(queries, rows, k, number, row)


def _screen(q: Rows, rows: Rows, centre: Rows, k: int, start: int, stop: int) -> tuple[Rows, Rows]:
    """Query and row of every pair that may be among the k best of the range."""
    n_queries, width = q.shape
    scores_of_block = SCORES[n_queries >= QUERIES // 4]
    block = max(256, min(8192, scores_of_block // min(n_queries, QUERIES)), k)
    x = np.empty((block, width), np.float32)
    scores_buffer = np.empty(min(n_queries, QUERIES) * block, np.float32)
    passed_buffer = np.empty(min(n_queries, QUERIES) * block, np.bool_)
    query_norm = np.sqrt(np.einsum("ij,ij->i", q[:, :-1], q[:, :-1])).max()
    slack = np.float32(0)
    threshold = np.full(n_queries, -np.inf, np.float32)
    kept: list[tuple[Rows, Rows, Rows]] = []
    pending = 0
    for first in range(start, stop, block):
        last = min(first + block, stop)
        part = x[: last - first]
        np.subtract(rows[first:last], centre, out=part[:, :-1], casting="same_kind")
        norms = np.einsum("ij,ij->i", part[:, :-1], part[:, :-1])
        np.multiply(norms, np.float32(-0.5), out=part[:, -1])
        # Rounding of a score, for the largest norm so far; twice, for it moves threshold and score.
        norm = float(norms.max())
        slack = max(slack, np.float32(2 * (width + 8) * 2.0**-24 * (norm + query_norm * norm**0.5)))
        for low in range(0, n_queries, QUERIES):
            chunk = slice(low, min(low + QUERIES, n_queries))
            shape = (chunk.stop - low, last - first)
            scores = scores_buffer[: shape[0] * shape[1]].reshape(shape)
            passed = passed_buffer[: scores.size].reshape(shape)
            np.matmul(q[chunk], part.T, out=scores)
            if first == start and shape[1] >= k:
                threshold[chunk] = np.partition(scores, shape[1] - k, axis=1)[:, shape[1] - k] - slack
            np.greater_equal(scores, threshold[chunk, None], out=passed)
            flat = np.flatnonzero(passed)
            if len(flat):
                kept.append((flat // shape[1] + low, flat % shape[1] + first, scores.ravel()[flat]))
                pending += len(flat)
        if pending > n_queries * k or last == stop:
            kept = [_best(kept, threshold, slack, k)]
            pending = 0
    return kept[0][:2]


def _best(
    kept: list[tuple[Rows, Rows, Rows]], threshold: Rows, slack: np.float32, k: int
) -> tuple[Rows, Rows, Rows]:
    """Raise the thresholds to the k-th best kept so far, and drop what is below."""
    number, row, score = (np.concatenate(column) for column in zip(*kept, strict=True))
    order = np.lexsort((-score, number))
    number, row, score = number[order], row[order], score[order]
    starts = np.searchsorted(number, np.arange(len(threshold) + 1))
    has = np.flatnonzero(np.diff(starts) >= k)
    threshold[has] = np.maximum(threshold[has], score[starts[has] + k - 1] - slack)
    keep = score >= threshold[number]
    return number[keep], row[keep], score[keep]


def _exact(queries: Rows, rows: Rows, k: int, number: Rows, row: Rows) -> tuple[Rows, Rows]:
    squared = np.empty(len(number))
    step = max(1, (1 << 20) // rows.shape[1])
    for first in range(0, len(number), step):
        part = slice(first, first + step)
        difference = np.subtract(rows[row[part]], queries[number[part]], dtype=np.float64)
        squared[part] = np.einsum("ij,ij->i", difference, difference)
    order = np.lexsort((row, squared, number))
    starts = np.searchsorted(number[order], np.arange(len(queries)))
    best = order[starts[:, None] + np.arange(k)]
    return np.sqrt(squared[best]), row[best]
