"""One schema for files that do not quite agree: every column of any, in a type that holds all its values."""

from collections.abc import Iterable
from typing import Any

__all__ = ["common_schema"]


def common_schema(schemas: Iterable[Any]) -> Any:
    """The columns of all Arrow schemas in the order in which they come, numbers as wide as the widest."""
    import pyarrow as pa

    kinds: dict[str, Any] = {}
    for schema in schemas:
        for field in schema:
            kinds[field.name] = _wider(kinds.get(field.name, field.type), field.type)
    return pa.schema(list(kinds.items()))


def _wider(first: Any, second: Any) -> Any:
    import pyarrow as pa

    types = pa.types
    if first == second or types.is_null(second):
        return first
    if types.is_null(first):
        return second
    pair = first, second
    if all(map(types.is_integer, pair)):
        return pa.int64()
    if all(types.is_float16(kind) or types.is_float32(kind) for kind in pair):
        return pa.float32()
    if all(types.is_integer(kind) or types.is_floating(kind) for kind in pair):
        return pa.float64()
    # Texts, times and the like: Arrow casts to the first type, or the file that does not fit is named.
    return first
