"""A batch of one file with the columns of all files, in the types that hold the values of all."""

from collections.abc import Mapping, Sequence
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.schema import cast_column

__all__ = ["united"]


def united(
    batch: Any,
    kinds: Mapping[str, Any],
    columns: Sequence[str],
    keys: Mapping[str, Any],
    path: str,
    row: int,
) -> Any:
    """The batch as all batches are.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        As the file has it.
    kinds : mapping of str to pyarrow.DataType
        The types of the columns over all files.
    columns : sequence of str
        Those that are wanted, in this order; what the file lacks is empty.
    keys : mapping of str to pyarrow.Scalar
        The partition keys of the file's path.
    path : str
        The file, for messages.
    row : int
        Number of the batch's first row in it.
    """
    pa = arrow()
    there = dict(zip(batch.schema.names, batch.columns, strict=True))
    arrays = []
    for name in columns:
        if name in there:
            arrays.append(cast_column(there[name], kinds[name], path, name, row))
        elif name in keys:
            arrays.append(pa.repeat(keys[name], batch.num_rows))
        else:
            arrays.append(pa.nulls(batch.num_rows, kinds[name]))
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
