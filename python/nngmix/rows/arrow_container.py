"""Arrow tables and record batches: new rows column by column, each in the type that it came in."""

from typing import Any

from nngmix.rows.category_values import arrow_values
from nngmix.rows.container import Matrix
from nngmix.rows.date_values import arrow_dates
from nngmix.rows.frame_containers import Dictionaries, FrameContainer
from nngmix.rows.kinds import Kinds
from nngmix.rows.number_types import arrow_float
from nngmix.rows.rows import Rows

__all__ = ["ArrowContainer"]


class ArrowContainer(FrameContainer):
    """An Arrow table or record batch."""

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.own, self.types = given.schema.types, [*map(arrow_float, given.schema.types)]
        self.hollow = {number for number, kind in enumerate(self.own) if str(kind) == "null"}

    def alone(self, new: Matrix, kinds: Kinds | None = None) -> Any:
        return self._as_came(super().alone(new, kinds))

    def extended(
        self, rows: Rows, new: Matrix, in_parts: str, n_threads: int | None, kinds: Kinds | None = None
    ) -> Any:
        made, dictionaries = super().alone(new, kinds), self.dictionaries(kinds)
        return self._as_came(self.joined(self.as_floats(made, dictionaries), made))

    def frame_of(self, columns: list[Matrix], dictionaries: Dictionaries) -> Any:
        import pyarrow as pa

        parts = zip(columns, self.given.columns, self.types, dictionaries, strict=True)
        arrays = [
            arrow_values(values, column, there)
            if values is not None
            else pa.nulls(len(column))
            if self.stays_hollow(number, column)
            else arrow_dates(column, kind)
            if pa.types.is_temporal(kind)
            else pa.array(column, from_pandas=True).cast(kind)
            for number, (column, there, kind, values) in enumerate(parts)
        ]
        fields = [field.with_type(a.type) for field, a in zip(self.given.schema, arrays, strict=True)]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields, self.given.schema.metadata))

    def as_floats(self, like: Any, dictionaries: Dictionaries) -> Any:
        import pyarrow as pa

        parts = zip(self.given.columns, like.schema.types, dictionaries, strict=True)
        arrays = []
        for number, (column, kind, values) in enumerate(parts):
            if column.type != kind and values is None:
                column = pa.array(self.floats(number), kind, from_pandas=True)
            arrays.append(column if column.type == kind else column.cast(kind))
        return pa.Table.from_arrays(arrays, schema=like.schema)

    def joined(self, old: Any, new: Any) -> Any:
        import pyarrow as pa

        return pa.concat_tables([old, new])

    def no_rows(self) -> Any:
        import pyarrow as pa
        from pyarrow import compute

        def empty(column: Any) -> Any:
            kind = column.type
            if pa.types.is_run_end_encoded(kind):
                return compute.run_end_encode(pa.array([], kind.value_type), kind.run_end_type)
            # Slices would keep the rows; dictionaries keep their values.
            return (
                column.take(pa.array([], pa.int64())) if pa.types.is_dictionary(kind) else pa.array([], kind)
            )

        return type(self.given).from_arrays([*map(empty, self.given.columns)], schema=self.given.schema)

    def _as_came(self, table: Any) -> Any:
        import pyarrow as pa

        if not isinstance(self.given, pa.RecordBatch):
            return table
        arrays = [_one_chunk(column) for column in table.columns]
        return pa.RecordBatch.from_arrays(arrays, schema=table.schema)


def _one_chunk(column: Any) -> Any:
    whole = column.unify_dictionaries().combine_chunks()
    return whole.chunk(0) if hasattr(whole, "chunks") else whole
