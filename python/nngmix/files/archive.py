"""The arrays of an npz file, each read as one and nothing else: no pickles, no texts, no secrets."""

import os
from typing import Any

from numpy.lib import format as npy
from numpy.typing import NDArray

__all__ = ["read_arrays"]

# The record that ends a zip file, and the count that stands for more than it can tell.
_END, _MANY = 22, 0xFFFF
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_arrays(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """All arrays by their names.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        For whatever else is wrong with it, whichever library noticed.
    """
    # Reading an archive is rare, and the import of the package is not.
    import zipfile

    _check_start(path)
    try:
        if not zipfile.is_zipfile(path):
            raise ValueError("it is no npz file, or one that is cut short")
        arrays: dict[str, NDArray[Any]] = {}
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path)
            for member in archive.infolist():
                name = member.filename.removesuffix(".npy")
                if name in arrays:
                    raise ValueError(f"it holds {name!r} twice")
                arrays[name] = _array(archive, member, name)
        return arrays
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(str(error) or type(error).__name__) from error


def _check_start(path: str | os.PathLike[str]) -> None:
    """Tell what is there if it is at once plain that it is no archive."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError("it is no file")
    with open(path, "rb") as file:
        start = file.read(len(npy.MAGIC_PREFIX))
    if start == npy.MAGIC_PREFIX:
        raise ValueError("it holds one array, not an archive of them")
    if start[:1] == b"\x80":
        raise ValueError("it is a pickle, and nothing pickled is read")


def _check_directory(archive: Any, path: str | os.PathLike[str]) -> None:
    """ValueError if members are left out: the library believes the size of the directory, not its count."""
    with open(path, "rb") as file:
        file.seek(-_END, os.SEEK_END)
        end = file.read()
    count = int.from_bytes(end[10:12], "little")
    if end.startswith(b"PK\5\6") and count not in (len(archive.infolist()), _MANY):
        raise ValueError(f"its directory is damaged: of {count} arrays, {len(archive.infolist())} are listed")


def _array(archive: Any, member: Any, name: str) -> NDArray[Any]:
    if member.flag_bits & 1:
        raise ValueError(f"{name!r} is encrypted: write the arrays without a password")
    with archive.open(member) as file:
        if file.read(len(npy.MAGIC_PREFIX)) != npy.MAGIC_PREFIX:
            raise ValueError(f"{name!r} is no array: an npz file holds what numpy.savez writes")
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version in _HEADERS:
            # Before the memory is asked for: a damaged shape may be of any size.
            shape, _, dtype = _HEADERS[version](file)
            start, size = file.tell(), dtype.itemsize
            for length in shape:
                size *= length
            if not dtype.hasobject and start + size != member.file_size:
                raise ValueError(
                    f"{name!r} is damaged: its header tells of {size} bytes, and "
                    f"{member.file_size - start} are there"
                )
    with archive.open(member) as file:
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        # The checksum is compared at the end, which an empty array does not reach.
        file.read()
    return array
