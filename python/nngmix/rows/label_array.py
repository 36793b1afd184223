"""Labels as one NumPy array in their own type, as they go back to the user."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.frame import is_frame, known_frame, library, native, native_columns

__all__ = ["label_array"]


def label_array(name: str, y: Any) -> NDArray[Any]:
    """Labels that `read_labels` has taken, one for each row and none missing, as a one-dimensional array.

    It has the dtype of the labels, or holds objects where NumPy has no such dtype: for texts and categories
    of frames, for what is a mixture.
    """
    column = native(name, y)
    if is_frame(column):
        column = native_columns(known_frame(column))[0]
    if library(column) in ("pandas", "polars"):
        # Not by way of `asarray`, which makes objects of nullable integers.
        return np.asarray(column.to_numpy())
    array = np.asarray(column)
    if isinstance(column, list | tuple) and array.dtype.kind in "US":
        # Numbers beside texts become texts in NumPy, which they were not.
        kinds = {type(value) for value in column}
        if not kinds <= {str, np.str_} and not kinds <= {bytes, np.bytes_}:
            array = np.array(column, dtype=object)
    return array.reshape(-1)
