"""Which paths are read and written: regular files whose names can be said. Asked before any work."""

import os
import re
import stat
from collections.abc import Iterable

__all__ = ["check_apart", "check_input", "check_name", "check_new", "check_output"]

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def check_input(path: str) -> None:
    """Raise for a name that Arrow cannot open, and for what is neither a file nor a folder.

    A pipe would be waited for without end, and gives its rows once where two passes read them.
    """
    check_name(path)
    what = _special(path)
    if what is not None:
        raise OSError(f"{path}: is {what}, not a file: write what it gives to a file first")


def check_output(path: str) -> None:
    """Raise for a name that no file can have, a folder, none to write in, and what no file may replace."""
    check_new(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path}: is a directory")
    what = _special(path)
    if what is not None:
        raise OSError(f"{path}: cannot be written: is {what}, which a file would replace; name a file")
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{path}: cannot be written in {folder}: there is no such folder; make it first"
        )


def check_apart(inputs: Iterable[str], **outputs: str | None) -> None:
    """ValueError if an output would take the place of what is read, or of another output."""
    taken = {os.path.realpath(path): "is what is read" for path in inputs}
    for what, path in outputs.items():
        if path is None:
            continue
        there = os.path.realpath(path)
        if there in taken:
            raise ValueError(f"{path}: {taken[there]}: the {what} would take its place; name another file")
        taken[there] = f"is the file of the {what}"


def check_new(path: str) -> None:
    """Raise for a name under which nothing can be made: no text, too long, a loop of links."""
    check_name(path)
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise OSError(f"{path}: cannot be written: {error.strerror}") from error


def check_name(path: str) -> None:
    """Raise for a name that is no text, which Arrow could not open, or that of no file on this machine."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{path!r}: the name is not UTF-8, which Arrow needs; rename it") from None
    if "\0" in path:
        raise ValueError(f"{path!r}: no name of a file holds a null character")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path):
        raise ValueError(
            f"{path}: is an address, and files on this machine are read and written: copy it to one first, "
            "or mount what it lies in"
        )
    if path == "-":
        raise ValueError("-: tables are read from files and written to files, not pipes: name a file, or ./-")


def _special(path: str) -> str | None:
    """What stands there, behind all links, if it is neither a file nor a folder."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    return _KINDS.get(stat.S_IFMT(mode))
