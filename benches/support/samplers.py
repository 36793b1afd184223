"""Samplers beside each other: the types they give back, the checks they pass, and their calls to be timed."""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import SkipTest

import numpy as np
from numpy.typing import NDArray

from support.containers import CONTAINERS, as_arrow_backed_pandas, as_pandas, as_polars, as_pyarrow
from support.measurement import Timed

Rows = NDArray[Any]
SHARE = 0.1


def smote(strategy: Any, n_threads: int) -> Any:
    from imblearn.over_sampling import SMOTE

    return SMOTE(sampling_strategy=strategy, random_state=0)


def nng_mix(strategy: Any, n_threads: int) -> Any:
    import nngmix

    return nngmix.NNGMix(sampling_strategy=strategy, random_state=0, n_threads=n_threads)


SAMPLERS: dict[str, Callable[[Any, int], Any]] = {"SMOTE": smote, "NNGMix": nng_mix}


def fit_resample(queries: Rows, rows: Rows, *, sampler: str, container: str, threads: int) -> Any:
    """A task: both kinds of rows in one container, to anomalies of a tenth of the unlabelled rows."""
    X = CONTAINERS[container](np.concatenate([rows, queries]))
    y = np.repeat([0, 1], [len(rows), len(queries)])
    resampler = SAMPLERS[sampler](SHARE, threads)

    def call() -> Timed:
        before = time.perf_counter()
        made = resampler.fit_resample(X, y)[0]
        seconds = time.perf_counter() - before
        # A copy of the last rows alone: what came back goes before the next call, as its memory counts.
        return Timed(np.array(made[-len(queries) :]), seconds)

    return call


def types() -> list[tuple[Any, Any]]:
    """Rows and labels of each container and family of types; some frames have a column of integers."""
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.repeat([0, 1], [48, 12])
    frame = as_pandas(X)
    mixed = frame.assign(n=np.arange(60))
    return [
        (X, y),
        (X.astype(np.float32), y),
        (X.tolist(), y.tolist()),
        (frame, pd.Series(y)),
        (frame, pd.DataFrame({"y": y})),
        (mixed, pd.Series(y)),
        (mixed.convert_dtypes(convert_floating=True), pd.Series(y, dtype="Int64")),
        (as_arrow_backed_pandas(X), pd.Series(y, dtype=pd.ArrowDtype(pa.int64()))),
        (as_polars(X), pl.Series(y)),
        (as_pyarrow(X), pa.array(y)),
    ]


def given_back(sampler: str, X: Any, y: Any) -> str:
    """The types of what comes back, or the error in a word."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return type_names(*SAMPLERS[sampler]("auto", 1).fit_resample(X, y))
        except Exception as error:
            return type(error).__name__


def type_names(X: Any, y: Any) -> str:
    return f"{_type_name(X)}; {_type_name(y)}"


def _type_name(table: Any) -> str:
    """Library, container and types, each once: 'pandas DataFrame float64'."""
    module, kind = type(table).__module__.partition(".")[0], type(table).__name__
    if module == "builtins":
        return kind
    if hasattr(table, "schema") and module == "pyarrow":
        kinds = table.schema.types
    elif module == "pyarrow":
        kinds = [table.type]
    else:
        kinds = table.dtypes if hasattr(table, "columns") else [table.dtype]
    return " ".join([module, kind, *dict.fromkeys(map(str, kinds))])


def checks(sampler: str) -> dict[str, str]:
    """How many checks of each library's suite are passed, of how many that apply."""
    from imblearn.over_sampling.base import BaseOverSampler
    from imblearn.utils.estimator_checks import estimator_checks_generator
    from sklearn.utils.estimator_checks import check_estimator

    estimator = SAMPLERS[sampler]("auto", 1)
    if not isinstance(estimator, BaseOverSampler):
        # Otherwise the checks of balance and of the dict would look at nothing.
        BaseOverSampler.register(type(estimator))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = {
            "imbalanced-learn": [*_statuses(estimator_checks_generator(estimator))],
            "scikit-learn": [r["status"] for r in check_estimator(estimator, on_skip=None, on_fail=None)],
        }
    return {suite: _counted(statuses) for suite, statuses in results.items()}


def _statuses(suite: Any) -> Iterator[str]:
    for estimator, check in suite:
        try:
            check(estimator)
        except SkipTest:
            yield "skipped"
        except Exception:
            yield "failed"
        else:
            yield "passed"


def _counted(statuses: list[str]) -> str:
    counts = Counter(statuses)
    return f"{counts['passed']} of {len(statuses) - counts['skipped']}"
