"""One owner of an output folder: a lock that dies with its process and says who holds it."""

import errno
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from nngmix.files.paths import check_new

__all__ = ["LOCK", "owned"]

# Readers of a folder of Parquet files pass by names that begin with an underscore.
LOCK = "_lock"
# A planted link must not lead the lock, which is written to, to another file.
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# On Windows nobody else may read what is locked: one byte far behind the text.
_FAR = 1 << 30
_LONGEST = 1000
_held: set[int] = set()


@contextmanager
def owned(folder: str) -> Iterator[None]:
    """The folder, made if need be, is for this run alone while the block lasts.

    However the process ends, the system lets go of its lock; only the name may stay, and is taken over.

    Raises
    ------
    BlockingIOError
        If another run has the folder; it is named by process, host and command.
    OSError
        If the folder cannot be made or written, or its file system has no locks.
    """
    check_new(folder)
    try:
        os.makedirs(folder, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise NotADirectoryError(
            f"{folder}: is no folder, but a file or beneath one; name a new or an empty folder"
        ) from error
    path = os.path.join(folder, LOCK)
    descriptor = _taken(folder, path)
    _held.add(descriptor)
    try:
        yield
    finally:
        # Not in a forked child, which has let go of it.
        if descriptor in _held:
            # While it is held: whoever waits for this file finds another one, or none, under its name.
            with suppress(OSError):
                os.unlink(path)
            _held.discard(descriptor)
            os.close(descriptor)


def _taken(folder: str, path: str) -> int:
    while True:
        try:
            descriptor = os.open(path, _FLAGS, 0o666)
        except OSError as error:
            raise OSError(f"{path}: cannot be written: {error.strerror}") from error
        try:
            _lock(descriptor)
            if _is_named(descriptor, path):
                told = f"process {os.getpid()} on {socket.gethostname()}, {shlex.join(sys.argv)}"
                os.ftruncate(descriptor, 0)
                os.write(descriptor, told[:_LONGEST].encode(errors="backslashreplace"))
                return descriptor
        except BaseException as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            if not isinstance(error, OSError):
                raise
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise BlockingIOError(
                    f"{folder}: another run of nngmix writes there{holder}; wait for it, or name another "
                    "folder"
                ) from None
            raise OSError(
                f"{folder}: cannot be locked ({error.strerror}), so that two runs might mix their files; "
                "name a folder on another file system"
            ) from error
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    with suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        text = os.read(descriptor, 4 * _LONGEST).decode(errors="replace")
        return f": {' '.join(text.split())}" if text.isprintable() and text else ""
    return ""


def _is_named(descriptor: int, path: str) -> bool:
    """Whether the file is still what its name means: its last owner may have unlinked it since."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        import msvcrt

        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        # Not lockf: its locks are those of the process, so that two threads would both get one.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _let_go() -> None:
        """In a forked child: with its copy of the descriptor it would own the folder after its parent."""
        for descriptor in _held:
            os.close(descriptor)
        _held.clear()

    os.register_at_fork(after_in_child=_let_go)
