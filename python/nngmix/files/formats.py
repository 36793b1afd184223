"""Which formats of files there are, told by the endings of their names, and the files that a user means."""

import glob
import os
from dataclasses import dataclass
from typing import Any

from nngmix.files.paths import check_input, check_name

__all__ = ["Format", "expand", "format_of", "names_a_table"]

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "feather",
    ".feather": "feather",
    ".ipc": "feather",
    ".npz": "npz",
}
# In a folder, texts and data of any kind lie beside the tables: those two are read if they are named.
_FOUND_IN_FOLDERS = frozenset(_KINDS) - {".txt", ".data", ".npz"}
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_ENDINGS = (
    ".csv, .tsv, .txt or .data (also with .gz, .bz2 or .zst), .parquet, .pq, .feather, .arrow, .ipc or .npz"
)
# The other compressors that people use, and how to undo them.
_UNPACKERS = {".zip": "unzip", ".xz": "unxz", ".7z": "7z x", ".z": "uncompress", ".lz4": "lz4 -d"}


@dataclass(frozen=True)
class Format:
    """How a file is read.

    Attributes
    ----------
    kind : {"csv", "parquet", "feather", "npz"}
    ending : str
        In lower case, without that of a compression.
    compression : {"gzip", "bz2", "zstd"} or None
    """

    kind: str
    ending: str
    compression: str | None = None


def format_of(path: str | os.PathLike[str]) -> Format:
    """The format that the ending of `path` names; ValueError for one that is none."""
    path = os.fspath(path)
    check_name(path)
    stem, ending = os.path.splitext(path.lower())
    compression = _COMPRESSIONS.get(ending)
    if compression is not None:
        ending = os.path.splitext(stem)[1]
    kind = _KINDS.get(ending)
    if kind is None:
        unpack = _UNPACKERS.get(ending)
        hint = f"; decompress it first: {unpack}" if unpack else ""
        raise ValueError(f"{path}: the ending must be {_ENDINGS}, got {ending!r}{hint}")
    if compression is not None and kind != "csv":
        raise ValueError(
            f"{path}: {ending} files are compressed within and not as a whole: decompress it first"
        )
    return Format(kind, ending, compression)


def names_a_table(path: str | os.PathLike[str]) -> bool:
    """Whether a path has the ending of a table, and is no folder; ValueError for a name that is none."""
    check_name(os.fspath(path))
    try:
        format_of(path)
    except ValueError:
        return False
    return not os.path.isdir(path)


def expand(source: Any) -> list[str]:
    """The files that paths, folders and patterns name, sorted, each once.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no file of a known format in a folder.
    OSError, ValueError
        For what `check_input` refuses.
    """
    paths = [source] if isinstance(source, str | os.PathLike) else list(source)
    found: set[str] = set()
    for path in paths:
        given = str(os.fspath(path))
        check_input(given)
        if os.path.isdir(given):
            there = _in_folder(given)
            what = (
                "there is no .csv, .tsv, .parquet or .feather file in it; name .txt and .data files one by "
                "one or by a pattern"
            )
        elif os.path.exists(given):
            there, what = [given], ""
        else:
            there = [name for name in glob.glob(given, recursive=True) if not os.path.isdir(name)]
            what = "no file has such a name" if glob.has_magic(given) else "no such file"
        if not there:
            raise FileNotFoundError(f"{given}: {what}")
        found.update(there)
    if not found:
        raise FileNotFoundError("no file is named")
    for name in found:
        check_input(name)
    return sorted(found)


def _in_folder(folder: str) -> list[str]:
    # Names that begin with a dot or an underscore are passed by, as all readers of such folders do.
    found = []
    for inner, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        found += [
            os.path.join(inner, name) for name in names if not name.startswith((".", "_")) and _is_found(name)
        ]
    return found


def _is_found(name: str) -> bool:
    stem, ending = os.path.splitext(name.lower())
    if ending in _COMPRESSIONS:
        return (
            _KINDS.get(os.path.splitext(stem)[1]) == "csv" and os.path.splitext(stem)[1] in _FOUND_IN_FOLDERS
        )
    return ending in _FOUND_IN_FOLDERS
