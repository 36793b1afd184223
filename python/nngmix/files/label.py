"""The label: which rows are the known anomalies."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.table import Table, arrow, is_text, listed

__all__ = ["find_anomalies", "is_labelled", "label_value"]

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def find_anomalies(table: Table, value: str) -> tuple[Any, NDArray[np.bool_]]:
    """The rows whose label is `value`, read as the label column's type has it.

    Returns
    -------
    value : pyarrow.Scalar
        The value in the label column's own type.
    is_anomaly : ndarray of bool, shape (n_rows,)
        True for labelled anomalies; False for all others, those without a label included.
    """
    pa = arrow()
    scalar = label_value(table.label, value, table.labels.type)
    mask = is_labelled(table.labels, scalar)
    if not mask.any():
        plain = _plain(table.labels)
        counts = sorted(pa.compute.value_counts(plain).to_pylist(), key=lambda item: -item["counts"])
        there = listed((f"{item['values']} ({item['counts']} rows)" for item in counts), most=8)
        raise ValueError(f"no row has {value!r} in the label column {table.label!r}; it holds {there}")
    return scalar, mask


def is_labelled(labels: Any, value: Any) -> NDArray[np.bool_]:
    """Which of the labels, an Arrow column, are `value`; a missing one is not."""
    pa = arrow()
    equal = pa.compute.fill_null(pa.compute.equal(_plain(labels), value), False)
    mask: NDArray[np.bool_] = np.asarray(equal).astype(bool)
    return mask


def _plain(labels: Any) -> Any:
    return labels.cast(labels.type.value_type) if arrow().types.is_dictionary(labels.type) else labels


def label_value(label: str, value: str, kind: Any) -> Any:
    """`value` as a scalar of the type `kind` of the label column, without its dictionary."""
    pa = arrow()
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    read: Callable[[str], object]
    if pa.types.is_null(kind):
        raise ValueError(f"the label column {label!r} is empty")
    if is_text(kind):
        expected, read = "a text", str
    elif pa.types.is_boolean(kind):
        expected, read = "true or false", lambda text: _BOOLEANS[text.lower()]
    elif pa.types.is_integer(kind):
        expected, read = "an integer", int
    elif pa.types.is_floating(kind):
        expected, read = "a number", float
    else:
        raise ValueError(
            f"the label column {label!r} is of type {kind}; it must hold numbers, booleans or texts"
        )
    try:
        return pa.scalar(read(value), kind)
    except (ValueError, KeyError, OverflowError) as error:
        raise ValueError(
            f"the label column {label!r} is of type {kind}: the anomaly value must be {expected}, "
            f"got {value!r}"
        ) from error
