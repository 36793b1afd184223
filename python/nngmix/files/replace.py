"""Files are written beside their final name and renamed: nothing is ever half written."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from nngmix.files.identity import ChangedError
from nngmix.files.paths import check_output

__all__ = ["beside", "replacing", "writing"]

# Characters of a name that are kept in that of the file beside it; four bytes each at most.
_NAME = 48


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A binary file that takes the name `path` when the block ends, and disappears if the block fails."""
    with beside(path) as (descriptor, _), os.fdopen(os.dup(descriptor), "wb") as file:
        yield file
        file.flush()


@contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """Descriptor and name of an empty file that is brought to the disk as that of `replacing` is."""
    # Only who writes a file pays for its import, which brings compression along.
    import tempfile

    path = os.fspath(path)
    check_output(path)
    folder, name = os.path.split(os.path.abspath(path))
    # Short enough that a name which the file system takes leaves room for what is added to it.
    descriptor, made = tempfile.mkstemp(prefix=f".{name[:_NAME]}.", suffix=".part", dir=folder)
    try:
        try:
            yield descriptor, made
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.chmod(made, _mode(path))
        os.replace(made, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(made)
        raise


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Errors of the system name the file that could not be written, and a full disk the way out."""
    try:
        yield
    except ChangedError:
        # Of the file that is copied: nothing is wrong with this one.
        raise
    except OSError as error:
        # In the words of the system, whoever met it.
        why = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            why += "; the files before it are whole: make room, then go on with --resume"
        raise OSError(error.errno or errno.EIO, f"{os.fspath(path)}: cannot be written: {why}") from error


def _mode(path: str) -> int:
    """The mode of the file that is replaced, so that a private one stays private, or that of a plain open."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
