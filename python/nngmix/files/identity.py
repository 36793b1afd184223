"""Which state of a file was read: an input that is changed between two uses gives rows of neither state."""

import os
from dataclasses import dataclass

__all__ = ["ChangedError", "Identity", "check_unchanged"]


class ChangedError(OSError):
    """A file is not as it was when it was first looked at."""


@dataclass(frozen=True)
class Identity:
    """What the system tells of a file, at the price of one call; None for what is not there.

    The time of change, unlike that of modification, cannot be set back by whoever edits a file. Inodes are
    left out: some network file systems give new ones whenever they like.

    Attributes
    ----------
    path : str
    bytes, modified_ns, changed_ns : int or None
    """

    path: str
    bytes: int | None
    modified_ns: int | None
    changed_ns: int | None

    @classmethod
    def of(cls, path: str) -> "Identity":
        """That of the file at `path` now."""
        try:
            about = os.stat(path)
        except OSError:
            # A broken link, say, which is told of when its turn comes to be read.
            return cls(path, None, None, None)
        return cls(path, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def check_unchanged(known: Identity) -> None:
    """ChangedError unless the file is as it was."""
    if Identity.of(known.path) != known:
        raise ChangedError(
            f"{known.path}: was changed since it was first read; leave it as it is until the end, and begin "
            "again"
        )
