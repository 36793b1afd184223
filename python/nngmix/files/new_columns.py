"""New values as columns of files, in the types that their columns have or get."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.rows.category_values import arrow_values
from nngmix.rows.kinds import Dictionary

__all__ = ["new_column", "types_of_values"]


def new_column(
    values: NDArray[Any], kind: Any, dictionary: Dictionary | None = None, like: Any = None
) -> Any:
    """An Arrow array of new values.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        Numbers, or ranks of categories; NaN where one is missing.
    kind : pyarrow.DataType
        Of numbers.
    dictionary : tuple, optional
        The values that ranks count.
    like : pyarrow.Array or ChunkedArray, optional
        A column of the type that categories go out in, with the values that a dictionary of Arrow has and in
        their order. Default: the type of the values themselves.
    """
    pa = arrow()
    if dictionary is not None:
        return arrow_values(dictionary, values, types_of_values(dictionary) if like is None else like)
    missing = np.isnan(values)
    if not missing.any():
        return pa.array(np.ascontiguousarray(values, kind.to_pandas_dtype()), kind)
    return pa.array(np.where(missing, 0, values).astype(kind.to_pandas_dtype()), kind, mask=missing)


def types_of_values(dictionary: Dictionary) -> Any:
    """The values as an Arrow array of their own type."""
    pa = arrow()
    try:
        return pa.array(dictionary)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        kinds = dict.fromkeys(type(value).__name__ for value in dictionary)
        raise ValueError(
            f"a column holds categories of several types ({', '.join(kinds)}), and a column of a file has one: "
            "make them texts before the table is fitted"
        ) from error
