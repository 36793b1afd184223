"""Which kind of source a file is."""

from collections.abc import Collection
from typing import Any

from nngmix.files.arrow import arrow
from nngmix.files.csv import CsvSource
from nngmix.files.csv_format import CsvFormat
from nngmix.files.feather import FeatherSource
from nngmix.files.formats import format_of
from nngmix.files.parquet import FragmentSource, ParquetSource
from nngmix.files.source import Source

__all__ = ["source_of_file", "source_of_fragment"]


def source_of_file(path: str, csv: CsvFormat) -> Source:
    """The file at `path`, by its ending."""
    kind = format_of(path).kind
    if kind == "csv":
        return CsvSource(path, csv)
    if kind == "npz":
        raise ValueError(
            f"{path}: NPZ holds arrays and is read whole: one file in, one file out; "
            f"in Python pass the array itself, numpy.load({path!r})[...]"
        )
    return ParquetSource(path) if kind == "parquet" else FeatherSource(path)


def source_of_fragment(path: str, fragment: Any, names: Collection[str]) -> Source:
    """A fragment of a dataset; a CSV on this machine is read as any other."""
    pa = arrow()
    if isinstance(getattr(fragment, "format", None), pa.dataset.CsvFileFormat) and isinstance(
        fragment.filesystem, pa.fs.LocalFileSystem
    ):
        return CsvSource(path, CsvFormat(delimiter=fragment.format.parse_options.delimiter))
    return FragmentSource(path, fragment, names)
