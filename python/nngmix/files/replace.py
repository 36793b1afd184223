"""Files are written beside their final name and renamed: nothing is ever half written."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from nngmix.files.identity import ChangedError
from nngmix.files.paths import check_output

__all__ = ["replacing", "writing"]

# Characters of a name that are kept in that of the file beside it; four bytes each at most.
_NAME = 48


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A binary file that takes the name `path` when the block ends, and disappears if the block fails."""
    # Only who writes a file pays for its import, which brings compression along.
    import tempfile

    path = os.fspath(path)
    check_output(path)
    folder, name = os.path.split(os.path.abspath(path))
    # Short enough that a name which the file system takes leaves room for what is added to it.
    descriptor, beside = tempfile.mkstemp(prefix=f".{name[:_NAME]}.", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, _mode(path))
        os.replace(beside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(beside)
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
        why = error.strerror or str(error)
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
