"""Lines that are added one by one: what a run has made since its manifest was written."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from nngmix.files.replace import writing
from nngmix.jobs.manifest_content import is_file

__all__ = ["Journal"]

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


class Journal:
    """A file of lines, each a checksum and an object in JSON. Cut or damaged lines count for nothing.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, made: dict[str, Any]) -> None:
        """Add a line. It need not reach the disk at once: without it a file is made again, no more."""
        text = json.dumps(made).encode()
        with writing(self.path), os.fdopen(os.open(self.path, _APPEND, 0o666), "ab") as file:
            file.write(_checksum(text) + b" " + text + b"\n")

    def lines(self) -> Iterator[Any]:
        """The files that were noted."""
        if not os.path.isfile(self.path):
            return
        with open(self.path, "rb") as file:
            for line in file:
                known, _, text = line.rstrip(b"\n").partition(b" ")
                if known == _checksum(text) and is_file(made := json.loads(text)):
                    yield made

    def remove(self) -> None:
        """What was noted is in the manifest now."""
        with suppress(FileNotFoundError):
            os.unlink(self.path)


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()
