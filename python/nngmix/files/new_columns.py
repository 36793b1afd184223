"""New values as columns of files, in the types that their columns have or get."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.files.arrow import arrow
from nngmix.rows.category_values import arrow_values
from nngmix.rows.kinds import Dictionary
from nngmix.rows.rows import Known

__all__ = ["known_types", "new_column", "types_of_values"]


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
            f"a column holds categories of several types ({', '.join(kinds)}), and a column of a file has "
            "one: make them texts before the table is fitted"
        ) from error


def known_types(known: Known) -> dict[str, Any]:
    """The types of the categories of a table whose columns have names; ValueError without."""
    if known.kinds is None or not known.kinds.categorical.any():
        return {}
    if known.names is None:
        raise ValueError("the table has columns of categories without names, which no file can be matched to")
    pairs = zip(known.names, known.kinds.categories, strict=True)
    return {str(name): types_of_values(values).type for name, values in pairs if values is not None}
