"""What to say when the disk does not take what is written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["writing"]


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Errors of the system name the file, and a full disk the way out."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            why += "; the files before it are whole: make room, then go on with --resume"
        raise OSError(error.errno or errno.EIO, f"{os.fspath(path)}: cannot be written: {why}") from error
