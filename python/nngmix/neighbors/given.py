"""Neighbours that another index has found: checked, and put into the total order."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix import _core
from nngmix.neighbors.state import State, empty_state
from nngmix.parameters.checks import check_ids
from nngmix.rows.kinds import Mixed
from nngmix.rows.scaling import Scale

__all__ = ["check_named_once", "checked_ids", "checked_rows", "ordered"]


def checked_rows(rows: Any, n_anomalies: int, n_features: int, missing: bool) -> NDArray[Any]:
    """The contents of the neighbours as a finite array of shape (n_anomalies, n_neighbors, n_features).

    Values may be missing if `missing`.
    """
    contents = np.asarray(rows)
    expected = f"(n_anomalies={n_anomalies}, n_neighbors, n_features={n_features})"
    if contents.ndim != 3 or (len(contents), contents.shape[2]) != (n_anomalies, n_features):
        raise ValueError(
            f"rows must be of shape {expected}, as X_unlabeled[ids] is, got shape {contents.shape}"
        )
    if contents.shape[1] == 0:
        raise ValueError(f"rows must hold at least one neighbour of each anomaly, got shape {contents.shape}")
    bad = ~np.isfinite(contents) if contents.dtype.kind == "f" else np.zeros(0, bool)
    if missing and bad.any():
        bad = np.isinf(contents)
    if bad.any():
        anomaly, neighbor, column = np.argwhere(bad)[0].tolist()
        raise ValueError(
            f"rows must be finite, got {contents[anomaly, neighbor, column].item()!r} in neighbour "
            f"{neighbor} of anomaly {anomaly}, column {column}"
        )
    return contents


def checked_ids(ids: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The ids of the neighbours, each once for an anomaly."""
    numbers = ids if isinstance(ids, np.ma.MaskedArray) else np.asarray(ids)
    if numbers.shape != shape:
        raise ValueError(f"ids must be one for each neighbour in rows, {shape}, got shape {numbers.shape}")
    if numbers.dtype.kind == "i" and (numbers < 0).any():
        anomaly, neighbor = np.argwhere(numbers < 0)[0].tolist()
        raise ValueError(
            f"ids must not be negative, got {numbers[anomaly, neighbor]} for neighbour {neighbor} of anomaly "
            f"{anomaly}: the index found no more, so ask it for fewer neighbours or a wider search"
        )
    checked = np.asarray(check_ids("ids", numbers.ravel(), numbers.size)).reshape(shape)
    check_named_once("ids", checked)
    return checked


def check_named_once(name: str, ids: NDArray[np.int64]) -> None:
    """ValueError if the list of an anomaly, of shape (n_anomalies, n_neighbors), names one row twice."""
    # In parts, so that nobody waits long for Ctrl-C.
    step = max(1, (1 << 20) // ids.shape[1])
    for start in range(0, len(ids), step):
        ascending = np.sort(ids[start : start + step], axis=1)
        # -1 stands behind the neighbours that were found.
        again = (ascending[:, 1:] == ascending[:, :-1]) & (ascending[:, 1:] >= 0)
        if again.any():
            anomaly, neighbor = np.argwhere(again)[0].tolist()
            raise ValueError(
                f"{name} must name each row once, got {ascending[anomaly, neighbor]} more than once among "
                f"the neighbours of anomaly {start + anomaly}"
            )


def ordered(
    queries: NDArray[Any],
    contents: NDArray[Any],
    ids: NDArray[np.int64],
    scale: Scale | None,
    mixed: Mixed | None,
) -> State:
    """What a search of these rows alone would have found: exact distances, in the total order.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_features)
        In the units of the scaled columns.
    contents : ndarray of shape (n_queries, n_neighbors, n_features)
        In the input's units, of the dtype of the queries.
    ids : ndarray of int64, shape (n_queries, n_neighbors)
    scale : Scale or None
    mixed : Mixed or None
    """
    states = []
    for i, (rows, numbers) in enumerate(zip(contents, ids, strict=True)):
        block = rows if scale is None else scale.transform(rows, n_threads=1)
        query = queries[i : i + 1]
        found = _core.update(query, empty_state(query, len(rows)), 0, block, numbers, 1, mixed)
        states.append(State(**found))
    return State(*(np.concatenate([getattr(s, field.name) for s in states]) for field in fields(State)))
