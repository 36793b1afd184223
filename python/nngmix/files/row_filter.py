"""A filter of rows by an Arrow expression, on batches of any format."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nngmix.files.arrow import arrow

__all__ = ["RowFilter"]

# Columns of a CSV whose kind is found by trying.
_MOST_TRIED = 8


class RowFilter:
    """The rows for which an expression is true.

    Parameters
    ----------
    expression : pyarrow.compute.Expression
    names : sequence of str
        Columns that it may ask for.

    Attributes
    ----------
    columns : tuple of str
        Those that it asks for, perhaps among others.
    """

    def __init__(self, expression: Any, names: Sequence[str]) -> None:
        self.expression = expression
        # An expression does not tell its columns, but it shows them.
        shown = str(expression)
        self.columns = tuple(
            name for name in names if name in shown and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", shown)
        )

    def texts(self, kinds: Mapping[str, Any]) -> set[str]:
        """Columns of a CSV that the expression takes for texts; those in `kinds` have a type already."""
        pa = arrow()
        unsure = [name for name in self.columns if name not in kinds][:_MOST_TRIED]
        known = [(name, kinds.get(name, pa.float64())) for name in self.columns if name not in unsure]
        for kind in itertools.product((pa.float64(), pa.string()), repeat=len(unsure)):
            schema = pa.schema([*known, *zip(unsure, kind, strict=True)])
            try:
                schema.empty_table().filter(self.expression)
            except (pa.ArrowException, ValueError, TypeError):
                continue
            return {name for name, there in zip(unsure, kind, strict=True) if there == pa.string()}
        return set()

    def apply(self, batch: Any) -> Iterator[Any]:
        """The rows of a batch for which it is true."""
        yield from arrow().Table.from_batches([batch]).filter(self.expression).to_batches()

    def keeps(self, keys: Mapping[str, Any]) -> bool:
        """Whether any row of a file may be wanted, as far as the partition keys of its path tell."""
        if not all(name in keys for name in self.columns):
            return True
        pa = arrow()
        one = pa.table({name: pa.array([keys[name].as_py()], keys[name].type) for name in self.columns})
        return bool(one.filter(self.expression).num_rows)
