"""The label: which rows are the known anomalies."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.tables.table import Table, arrow, is_text, listed

__all__ = ["find_anomalies"]

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
    plain = table.labels
    if pa.types.is_dictionary(plain.type):
        plain = plain.cast(plain.type.value_type)
    scalar = _as_type(table.label, value, plain.type)
    mask = pa.compute.fill_null(pa.compute.equal(plain, scalar), False).to_numpy().astype(bool)
    if not mask.any():
        counts = sorted(pa.compute.value_counts(plain).to_pylist(), key=lambda item: -item["counts"])
        there = listed((f"{item['values']} ({item['counts']} rows)" for item in counts), most=8)
        raise ValueError(f"no row has {value!r} in the label column {table.label!r}; it holds {there}")
    return scalar, mask


def _as_type(label: str, value: str, kind: Any) -> Any:
    """`value` as a scalar of the Arrow type `kind`."""
    pa = arrow()
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
