"""The dictionaries of Arrow that files have: values that no row holds, and their order, come back."""

from collections.abc import Mapping, Sequence
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.replace import replacing, writing

__all__ = ["Dictionaries", "read_like"]


class Dictionaries:
    """What the dictionaries of some columns hold, over all batches.

    Parameters
    ----------
    names : sequence of str
        In the order of the batches.
    types : mapping of str to pyarrow.DataType
        Those of columns of categories; what is no dictionary is passed by.
    """

    def __init__(self, names: Sequence[str], types: Mapping[str, Any]) -> None:
        coded = {name for name, kind in types.items() if arrow().types.is_dictionary(kind)}
        self.kinds = {j: (name, types[name]) for j, name in enumerate(names) if name in coded}
        self._first: dict[int, Any] = {}
        self._more: dict[int, dict[Any, None]] = {j: {} for j in self.kinds}

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def add(self, batch: Any) -> None:
        """Take the columns of a batch into account."""
        for j, values in self._more.items():
            found = batch.column(j).dictionary
            first = self._first.setdefault(j, found)
            if found is not first and not found.equals(first):
                values.update(dict.fromkeys(found.to_pylist()))

    def columns(self) -> dict[str, Any]:
        """Columns without rows that have these dictionaries."""
        pa = arrow()
        arrays = {}
        for j, (name, kind) in self.kinds.items():
            first = self._first[j].to_pylist() if j in self._first else []
            values = list(dict.fromkeys([*first, *self._more[j]]))
            # Of several orders there is none that holds.
            ordered = kind.ordered and not self._more[j]
            codes, values = pa.array([], kind.index_type), pa.array(values, kind.value_type)
            arrays[name] = pa.DictionaryArray.from_arrays(codes, values, ordered=ordered)
        return arrays

    def write(self, path: str) -> None:
        """Write these columns."""
        pa = arrow()
        batch = pa.record_batch(self.columns())
        with writing(path), replacing(path) as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)


def read_like(path: str) -> dict[str, Any]:
    """The columns that `Dictionaries.write` wrote, by their names."""
    with arrow().OSFile(path) as file, arrow().ipc.open_file(file) as reader:
        table = reader.read_all()
    return dict(zip(table.column_names, table.columns, strict=True))
