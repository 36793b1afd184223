"""Labels go back as they came: new rows carry the labels of some of the old ones."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.frame import is_frame, known_frame, library, native
from nngmix.rows.label_array import label_array

__all__ = ["labels_at", "labels_extended"]

At = NDArray[np.int64]


def labels_at(name: str, y: Any, at: At) -> Any:
    """The labels at some rows, in the type that `y` came in, with its name and its categories."""
    return _as_came(y, _taken(_native(name, y), at))


def labels_extended(name: str, y: Any, at: At) -> Any:
    """All labels, then those at some rows again."""
    there = _native(name, y)
    return _as_came(y, _joined(there, _taken(there, at)))


def _native(name: str, y: Any) -> Any:
    y = native(name, y)
    if is_frame(y):
        return known_frame(y)
    module = library(y)
    if module == "pandas":
        import pandas as pd

        return pd.Series(y)
    if module == "polars" or (module == "pyarrow" and hasattr(y, "take")):
        return y
    if isinstance(y, list | tuple):
        return list(y)
    # One-hot rows stay rows.
    wide = np.ndim(y) == 2 and np.shape(y)[1] > 1
    return np.asarray(y) if wide else label_array(name, y)


def _taken(there: Any, at: At) -> Any:
    module = library(there)
    if module == "pandas":
        return there.iloc[at].reset_index(drop=True)
    if module == "polars":
        return there[at]
    if module == "pyarrow":
        import pyarrow as pa

        return there.take(pa.array(at))
    return [there[row] for row in at.tolist()] if isinstance(there, list) else there[at]


def _joined(old: Any, new: Any) -> Any:
    module = library(old)
    if module == "pandas":
        import pandas as pd

        return pd.concat([old, new], ignore_index=True)
    if module == "polars":
        import polars as pl

        return pl.concat([old, new])
    if module == "pyarrow":
        return _joined_arrow(old, new)
    return old + new if isinstance(old, list) else np.concatenate([old, new])


def _joined_arrow(old: Any, new: Any) -> Any:
    import pyarrow as pa

    if isinstance(old, pa.Table):
        return pa.concat_tables([old, new])
    if isinstance(old, pa.RecordBatch):
        return pa.concat_batches([old, new])
    if isinstance(old, pa.ChunkedArray):
        return pa.chunked_array([*old.chunks, *new.chunks], old.type)
    return pa.concat_arrays([old, new])


def _as_came(y: Any, there: Any) -> Any:
    """A pandas array or index in the place of the Series that stood for it."""
    if library(y) != "pandas" or hasattr(y, "iloc"):
        return there
    import pandas as pd

    return pd.Index(there, name=y.name) if isinstance(y, pd.Index) else there.array
