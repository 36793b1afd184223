"""Pyarrow, imported late, and what we ask of its types."""

from functools import cache
from typing import Any

__all__ = ["arrow", "is_text", "plain_type"]


@cache
def arrow() -> Any:
    """Pyarrow with the parts that read and write files: only those who have files need it."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.csv
        import pyarrow.dataset
        import pyarrow.feather
        import pyarrow.fs
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("reading and writing files needs pyarrow: pip install 'nngmix[cli]'") from error
    return pyarrow


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is that of texts."""
    types = arrow().types
    view = getattr(types, "is_string_view", lambda _: False)
    return bool(types.is_string(kind) or types.is_large_string(kind) or view(kind))


def plain_type(kind: Any) -> Any:
    """The type of the values of a dictionary or of runs; any other type as it is."""
    types = arrow().types
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    return kind
