"""A cell is one measurement: one data set, split, method, amount and detector."""

import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.evaluation.data import Dataset, Source, load
from nngmix.evaluation.detectors import DETECTORS, make_detector
from nngmix.evaluation.methods import METHODS, make_method
from nngmix.evaluation.protocols import Labels, Split, split
from nngmix.evaluation.specs import Spec
from nngmix.files.identity import ChangedError
from nngmix.parameters.amount import Amount

__all__ = ["Cell", "measure", "plan_cells"]


@dataclass(frozen=True)
class Cell:
    """Everything that decides a measurement.

    Attributes
    ----------
    source : Source
    protocol : str
    labels : Labels
    seed : int
    method, detector : Spec
    amount : str
        ``10x``, ``10%`` or a count, as `nngmix.parameters.amount.Amount` reads it; "0" if no rows are made.
    min_labels, max_rows : int, int or None
        Settings of the protocol `clean`.
    """

    source: Source
    protocol: str
    labels: Labels
    seed: int
    method: Spec
    amount: str
    detector: Spec
    min_labels: int = 1
    max_rows: int | None = None

    @property
    def key(self) -> dict[str, str]:
        """The columns that tell this cell from all others."""
        return {
            "group": self.source.group,
            "dataset": self.source.name,
            "checksum": self.source.checksum,
            "protocol": self.protocol,
            "max_rows": "" if self.max_rows is None else str(self.max_rows),
            "min_labels": str(self.min_labels),
            "labels": str(self.labels),
            "seed": str(self.seed),
            "detector": str(self.detector),
            "version": DETECTORS[self.detector.name].version() + METHODS[self.method.name].version(),
            "method": str(self.method),
            "amount": self.amount,
        }


def plan_cells(
    sources: Iterable[Source],
    *,
    protocol: str,
    labels: Iterable[Labels],
    seeds: Iterable[int],
    methods: Iterable[Spec],
    amounts: Iterable[str],
    detectors: Iterable[Spec],
    min_labels: int = 1,
    max_rows: int | None = None,
) -> list[Cell]:
    """All combinations; a method that makes no rows is measured once whatever the amounts.

    The amount "0" makes no rows: it is the method ``none``, for whichever methods are asked for. A detector
    that treats few labels in a way of its own is measured with ``none`` alone.

    Parameters
    ----------
    sources : iterable of Source
    protocol : {'clean', 'paper'}
    labels : iterable of Labels
        How many anomalies are labelled.
    seeds : iterable of int
    methods, detectors : iterable of Spec
    amounts : iterable of str
        As `Cell.amount`.
    min_labels, max_rows : int, int or None
        Settings of the protocol `clean`.

    Returns
    -------
    list of Cell

    Raises
    ------
    KeyError
        For a method or a detector that there is not.
    """
    methods, amounts, detectors = list(methods), list(dict.fromkeys(amounts)), list(dict.fromkeys(detectors))
    if protocol == "paper":
        min_labels, max_rows = 1, None
    if "0" in amounts and Spec("none") not in methods:
        methods.insert(0, Spec("none"))
    complete = [detector for detector in detectors if DETECTORS[detector.name].complete]
    arms = [
        (method, amount, detector)
        for method in dict.fromkeys(methods)
        for amount in _amounts(method, amounts)
        for detector in detectors
        if detector not in complete
    ]
    arms += [(Spec("none"), "0", detector) for detector in complete]
    return [
        Cell(source, protocol, count, seed, method, amount, detector, min_labels, max_rows)
        for source in sources
        for seed in dict.fromkeys(seeds)
        for count in dict.fromkeys(labels)
        for method, amount, detector in arms
    ]


def _amounts(method: Spec, amounts: Iterable[str]) -> Iterator[str]:
    if not METHODS[method.name].makes_rows:
        yield "0"
    else:
        yield from (amount for amount in amounts if amount != "0")


# Neighbouring cells share their data and their split; a worker keeps the last ones.
@lru_cache(maxsize=1)
def _dataset(source: Source) -> Dataset:
    return load(source)


@lru_cache(maxsize=2)
def _split(source: Source, protocol: str, labels: Labels, seed: int, settings: tuple[Any, ...]) -> Split:
    return split(protocol, _dataset(source), labels, seed, **dict(settings))


def measure(cell: Cell) -> dict[str, Any]:
    """Train and score one detector; whatever else goes wrong is in the row's `error`.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    dict
        A row of results: the cell's key and what was measured, or an `error`.

    Raises
    ------
    ChangedError
        If the data are no longer those of the cell's checksum.
    ImportError
        If a package of the extra ``evaluate`` is missing.
    """
    from threadpoolctl import threadpool_limits

    row: dict[str, Any] = dict(cell.key)
    try:
        # One thread: cells run side by side, and bits must not depend on the number of cores.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row.update(_measure(cell))
    except ChangedError:
        # No row: it would stand under the checksum of other data, and a resumed run would trust it.
        raise
    except Exception as error:
        row["error"] = " ".join(f"{type(error).__name__}: {error}".split())
    return row


def _measure(cell: Cell) -> dict[str, Any]:
    from sklearn.metrics import average_precision_score, roc_auc_score
    from sklearn.utils.class_weight import compute_sample_weight

    clean = cell.protocol == "clean"
    settings = (("min_labels", cell.min_labels), ("max_rows", cell.max_rows)) if clean else ()
    data = _split(cell.source, cell.protocol, cell.labels, cell.seed, settings)
    method, detector = make_method(cell.method), make_detector(cell.detector, cell.seed)
    method, amount = method.settled(cell.detector.name, cell.amount, data.X_anomaly, data.X_unlabeled)
    n_new = Amount.parse(amount).count(len(data.X_anomaly), len(data.X_unlabeled))
    started = time.perf_counter()
    new = method.rows(data.X_anomaly, data.X_unlabeled, n_new, cell.seed, data.kinds)
    made = time.perf_counter()
    X = np.concatenate([data.X_unlabeled, data.X_anomaly, new])
    y = np.zeros(len(X), dtype=np.int64)
    y[len(data.X_unlabeled) :] = 1
    weight = compute_sample_weight("balanced", y) if method.balances else None
    form = detector.form(data.kinds)
    found = detector.fit(form(X), y, weight).score(form(data.X_test))
    fitted = time.perf_counter()
    return {
        "auroc": float(roc_auc_score(data.y_test, found)),
        "average_precision": float(average_precision_score(data.y_test, found)),
        **{f"precision_at_{k}": _precision(data.y_test, found, k) for k in (20, 100)},
        "n_labeled": len(data.X_anomaly),
        "n_unlabeled": len(data.X_unlabeled),
        "n_hidden": data.n_hidden,
        "n_new": len(new),
        "n_features": X.shape[1],
        "n_test": len(data.y_test),
        "n_test_anomalies": int(data.y_test.sum()),
        "make_seconds": round(made - started, 4),
        "fit_seconds": round(fitted - made, 4),
    }


def _precision(y: NDArray[np.int64], scores: NDArray[np.float64], k: int) -> float:
    """The share of anomalies among the `k` rows that score highest."""
    return float(y[np.argsort(-scores, kind="stable")[:k]].mean())
