"""The columns of a file, and which of them nobody chose: indexes that were written and keys of the path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from nngmix.files.arrow import arrow
from nngmix.rows.names import looks_like_index

__all__ = ["Header", "index_reason", "key_type", "pandas_index", "path_keys"]

# What Hive writes for a key that is missing.
_NO_KEY = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Header:
    """What a file says of its columns.

    Attributes
    ----------
    names : tuple of str
    types : tuple of pyarrow.DataType
    index : frozenset of str
        Columns that pandas stored as the index of its table.
    typeless : bool
        It is CSV: `types` is empty, and a column is text or numbers as whoever reads it wants.
    """

    names: tuple[str, ...]
    types: tuple[Any, ...] = ()
    index: frozenset[str] = frozenset()
    typeless: bool = False


def pandas_index(schema: Any) -> frozenset[str]:
    """The index columns that pandas tells of in an Arrow schema."""
    try:
        about = schema.pandas_metadata or {}
    except ValueError:
        return frozenset()
    # An index that is a range is described there instead of stored.
    return frozenset(name for name in about.get("index_columns", ()) if isinstance(name, str))


def index_reason(name: str, kinds: Sequence[Any], from_pandas: bool) -> str | None:
    """Why a column is no feature although nobody said so; None if it is one.

    `kinds` are its types in all files; for a CSV int64 stands for "counts rows" and string for "does not".
    """
    if from_pandas:
        return "the index of a pandas table"
    if not looks_like_index(name):
        return None
    if name.startswith("__index_level_"):
        return "the index of a pandas table"
    types = arrow().types
    if not all(types.is_integer(kind) or types.is_null(kind) for kind in kinds):
        return None
    said = "a column without a name" if not name.strip() else "a column that pandas named itself"
    return f"{said} that counts rows or is empty"


def path_keys(path: str) -> dict[str, str | None]:
    """The partition keys that the folders of a path name as ``key=value``."""
    keys: dict[str, str | None] = {}
    for part in path.replace("\\", "/").split("/")[:-1]:
        key, equals, value = part.partition("=")
        if key and equals:
            keys[unquote(key)] = None if value == _NO_KEY else unquote(value)
    return keys


def key_type(name: str, keys: Sequence[Mapping[str, Any]]) -> Any:
    """The Arrow type of a partition key over all files: int64 if every value is an integer, else text."""
    pa = arrow()
    values = [there[name] for there in keys if there.get(name) is not None]
    if not all(isinstance(value, str) for value in values):
        return pa.array(values).type
    try:
        whole = all(-(2**63) <= int(value) < 2**63 for value in values)
    except ValueError:
        whole = False
    return pa.int64() if whole and values else pa.string()
