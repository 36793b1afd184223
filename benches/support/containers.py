"""One table in every container that people hold it in, and the calls that take it."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nngmix
from support.measurement import Timed

Rows = NDArray[Any]


def columns(rows: Rows) -> dict[str, Rows]:
    return {f"x{j}": np.ascontiguousarray(column) for j, column in enumerate(rows.T)}


def as_pandas(rows: Rows) -> Any:
    import pandas as pd

    return pd.DataFrame(columns(rows))


def as_arrow_backed_pandas(rows: Rows) -> Any:
    import pandas as pd

    return as_pyarrow(rows).to_pandas(types_mapper=pd.ArrowDtype)


def as_polars(rows: Rows) -> Any:
    import polars as pl

    return pl.DataFrame(columns(rows))


def as_pyarrow(rows: Rows) -> Any:
    import pyarrow as pa

    return pa.table(columns(rows))


# The first one is what the others are compared with.
CONTAINERS: dict[str, Callable[[Rows], Any]] = {
    "array": np.ascontiguousarray,
    "Fortran-ordered array": np.asfortranarray,
    "pandas frame": as_pandas,
    "pandas frame, Arrow types": as_arrow_backed_pandas,
    "polars frame": as_polars,
    "pyarrow table": as_pyarrow,
}


def rows_of(table: Any, dtype: np.dtype[Any]) -> Rows:
    """The rows of whatever container came back."""
    if isinstance(table, np.ndarray):
        return np.asarray(table, dtype)
    names = table.schema.names if hasattr(table, "schema") and hasattr(table, "num_rows") else table.columns
    return np.column_stack([np.asarray(table[name], dtype) for name in names])


def timed(call: Callable[[], Any], n: int, dtype: np.dtype[Any]) -> Timed:
    """The last `n` rows of what a call gives, the new ones, and its time alone."""
    before = time.perf_counter()
    made = call()
    seconds = time.perf_counter() - before
    return Timed(rows_of(made, dtype)[-n:], seconds)


def nng_mix(queries: Rows, rows: Rows, *, container: str, n: int, threads: int) -> Callable[[], Any]:
    """`queries` are the labelled anomalies, `rows` the unlabelled ones."""
    put = CONTAINERS[container]
    anomalies, unlabeled = put(queries), put(rows)
    return lambda: timed(
        lambda: nngmix.nng_mix(anomalies, unlabeled, n, random_state=0, n_threads=threads), n, rows.dtype
    )


def fit_resample(queries: Rows, rows: Rows, *, container: str, n: int, threads: int) -> Callable[[], Any]:
    X = CONTAINERS[container](np.concatenate([rows, queries]))
    y = np.repeat([0, 1], [len(rows), len(queries)])
    sampler = nngmix.NNGMix(n_samples=n, random_state=0, n_threads=threads)
    return lambda: timed(lambda: sampler.fit_resample(X, y)[0], n, rows.dtype)
