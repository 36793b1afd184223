"""The labels of new rows, in the type that their column has or gets."""

from typing import Any

import numpy as np

from nngmix.files.arrow import arrow, is_text
from nngmix.files.csv_numbers import narrowest_type

__all__ = ["label_array", "narrowed"]


def label_array(labels: Any, n_new: int, kind: Any) -> Any:
    """Labels in the type of their column: one for all rows, or one for each."""
    pa = arrow()
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    if hasattr(labels, "as_py"):
        labels = labels.as_py()
    if isinstance(labels, str | bytes) or not hasattr(labels, "__len__"):
        fresh = pa.repeat(_scalar(labels, plain), n_new)
    else:
        values = labels.tolist() if hasattr(labels, "tolist") else list(labels)
        if len(values) != n_new:
            raise ValueError(f"labels must be one for each of the {n_new} new rows, got {len(values)}")
        distinct = {value: _scalar(value, plain).as_py() for value in dict.fromkeys(values)}
        fresh = pa.array([distinct[value] for value in values], plain)
    return fresh.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else fresh


def _scalar(value: Any, kind: Any) -> Any:
    pa = arrow()
    value = value.item() if isinstance(value, np.generic) else value
    if is_text(kind):
        return pa.scalar(value if value is None else str(value), kind)
    # Blanks round a number of a CSV are none of it.
    return pa.scalar(value.strip()).cast(kind) if isinstance(value, str) else pa.scalar(value, kind)


def narrowed(labels: Any, known: Any, as_written: bool) -> Any:
    """Labels of a CSV in the narrowest type that holds all labels that are known.

    With `as_written` they stay texts if they would look different.
    """
    pa = arrow()
    narrow = narrowest_type({*labels.unique().to_pylist(), *known.unique().to_pylist()})
    if narrow == pa.string():
        return labels
    typed = pa.compute.utf8_trim_whitespace(labels).cast(narrow)
    same = not as_written or typed.cast(pa.string()).equals(labels)
    return typed if same else labels
