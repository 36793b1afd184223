"""Arrays, lists and whatever is no frame: new rows as they came."""

from dataclasses import replace
from typing import Any

import numpy as np

from nngmix.rows.category_values import array_values, missing_mark, originals, restored
from nngmix.rows.container import Container, Matrix, decodes, extended_matrix
from nngmix.rows.finish import Finish
from nngmix.rows.kinds import Kinds
from nngmix.rows.ndarray import value_matrix
from nngmix.rows.numbers import integer_limits
from nngmix.rows.rows import Rows

__all__ = ["ArrayContainer", "ListContainer"]


class ArrayContainer(Container):
    """Arrays, and whatever is no other container."""

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        own = getattr(given, "dtype", None)
        self.own: np.dtype[Any] | None = own if isinstance(own, np.dtype) else None
        self.kept: np.dtype[Any] | None = None
        self.mark: Any = None
        self.objects: dict[int, dict[Any, Any]] = {}

    def keep_integers(self, finish: Finish | None) -> None:
        if finish is not None and finish.whole.all():
            dtype = np.asarray(self.given).dtype
            limits = integer_limits(dtype)
            if all(finish.holds(column, limits) for column in range(len(finish.whole))):
                self.kept = dtype

    def alone(self, new: Matrix, kinds: Kinds | None = None) -> Any:
        return self._values(new, kinds)

    def extended(
        self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None, kinds: Kinds | None = None
    ) -> Any:
        if decodes(kinds):
            made = self._values(new, kinds)
            # Numbers beside texts would become texts.
            dtype = made.dtype if made.dtype.kind == "O" else None
            return np.concatenate([value_matrix(rows.name, self.given), made], dtype=dtype)
        if self.kept is not None:
            return np.concatenate([self.given, new], dtype=self.kept, casting="unsafe")
        return extended_matrix(rows, new, in_parts, n_threads)

    def set_marks(self, kinds: Kinds) -> None:
        if self.given is not None and kinds.categorical.any() and (self.own is None or self.own.kind == "O"):
            values = np.asarray(self.given, object)
            self.mark = missing_mark(values.ravel().tolist())
            columns = np.flatnonzero(kinds.categorical).tolist()
            self.objects = {j: originals(values[:, j].tolist()) for j in columns}

    def _values(self, new: Matrix, kinds: Kinds | None) -> Matrix:
        if kinds is None or not kinds.categorical.any():
            return new if self.kept is None else new.astype(self.kept)
        self.set_marks(kinds)
        columns = enumerate(kinds.categories)
        values = tuple(v and restored(v, self.objects.get(j, {})) for j, v in columns)
        return array_values(new, replace(kinds, categories=values), self.own, self.mark)


class ListContainer(ArrayContainer):
    """Lists and tuples: the rows come back as lists."""

    def alone(self, new: Matrix, kinds: Kinds | None = None) -> Any:
        return self._values(new, kinds).tolist()

    def extended(
        self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None, kinds: Kinds | None = None
    ) -> Any:
        if decodes(kinds):
            return [*map(list, self.given), *self.alone(new, kinds)]
        return super().extended(rows, new, in_parts, n_threads, kinds).tolist()
