"""Arrow files and streams, and Feather, which is an Arrow file but for its first version."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.columns import Header, pandas_index
from nngmix.files.source import Reading, Source

__all__ = ["FeatherSource"]


class FeatherSource(Source):
    """An Arrow file or stream, or Feather of either version."""

    def _header(self) -> Header:
        pa = arrow()
        with pa.OSFile(self.path) as file:
            schema = self._old().schema if _is_old_feather(file) else _open_ipc(file).schema
        return Header(tuple(schema.names), tuple(schema.types), pandas_index(schema))

    def _batches(self, columns: Sequence[str], reading: Reading) -> Iterator[Any]:
        pa = arrow()
        with pa.OSFile(self.path) as file:
            if _is_old_feather(file):
                batches = iter(self._old(columns).select(list(columns)).to_batches(reading.most_rows))
            else:
                batches = _ipc_batches(file, columns)
            for batch in batches:
                # The format has no checksums: offsets and text of a damaged file lead anywhere.
                batch.validate(full=True)
                for start in range(0, batch.num_rows, reading.most_rows):
                    yield batch.slice(start, reading.most_rows)

    def _old(self, columns: Sequence[str] | None = None) -> Any:
        with warnings.catch_warnings():
            # That the first version is deprecated is no news for those who only read it.
            warnings.simplefilter("ignore")
            return arrow().feather.read_table(self.path, columns=None if columns is None else list(columns))


def _is_old_feather(file: Any) -> bool:
    magic = file.read(4)
    file.seek(0)
    return bool(magic == b"FEA1")


def _open_ipc(file: Any, included: Sequence[int] | None = None) -> Any:
    pa = arrow()
    magic = file.read(6)
    file.seek(0)
    options = pa.ipc.IpcReadOptions(included_fields=list(included or ()))
    return (pa.ipc.open_file if magic == b"ARROW1" else pa.ipc.open_stream)(file, options=options)


def _ipc_batches(file: Any, columns: Sequence[str]) -> Iterator[Any]:
    names = _open_ipc(file).schema.names
    file.seek(0)
    at = {name: position for position, name in enumerate(names)}
    reader = _open_ipc(file, sorted(at[name] for name in columns))
    if hasattr(reader, "num_record_batches"):
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
    else:
        batches = iter(reader)
    for batch in batches:
        yield batch.select(list(columns))
