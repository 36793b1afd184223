"""A system that fails once: the n-th open, write, fsync, rename and so on within a folder is an error."""

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

__all__ = ["CALLS", "Faults"]

# Each with the position of the path, or of the descriptor.
CALLS = ("open", "write", "close", "fsync", "replace", "chmod", "makedirs", "stat", "listdir", "ftruncate")


class Faults:
    """Counts the calls of one kind that concern files in a folder; the n-th fails, at first or half done."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, call: str, nth: int) -> None:
        self.folder, self.nth, self.count = os.fspath(folder), nth, 0
        self.real = {name: getattr(os, name) for name in (*CALLS, "fdopen")}
        if call in ("write", "close"):
            patch.setattr(os, "fdopen", self._fdopen(call))
            patch.setattr(os, call, self._faulty(self.real[call]))
            return
        patch.setattr(os, call, self._faulty(self.real[call]))
        if call == "open":
            faulty = self._faulty(builtins.open)
            patch.setattr(builtins, "open", faulty)
            patch.setattr(io, "open", faulty)

    @property
    def struck(self) -> bool:
        return self.count >= self.nth

    def _concerns(self, what: Any) -> bool:
        if isinstance(what, int):
            try:
                what = os.readlink(f"/proc/self/fd/{what}")
            except OSError:
                return False
        return isinstance(what, (str, os.PathLike)) and os.fspath(what).startswith(self.folder)

    def strike(self, what: Any) -> None:
        """OSError if it is the turn of this call."""
        if self._concerns(what):
            self.count += 1
            if self.count == self.nth:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    def _faulty(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(what: Any, *arguments: Any, **options: Any) -> Any:
            self.strike(what)
            return real(what, *arguments, **options)

        return call

    def _fdopen(self, call: str) -> Callable[..., Any]:
        faults, real = self, self.real["fdopen"]

        class Raw(io.FileIO):
            def write(self, data: Any) -> int:
                if call == "write":
                    try:
                        faults.strike(self.fileno())
                    except OSError:
                        # As a disk that is full: the first half is there.
                        super().write(memoryview(data).cast("B")[: memoryview(data).nbytes // 2])
                        raise
                return super().write(data)

            def close(self) -> None:
                concerned = None if self.closed else self.fileno()
                fails = call == "close" and concerned is not None and faults._concerns(concerned)
                super().close()
                if fails:
                    faults.strike(faults.folder)

        def fdopen(descriptor: int, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if mode not in ("wb", "ab"):
                return real(descriptor, mode, *arguments, **options)
            return io.BufferedWriter(Raw(descriptor, mode[0]))

        return fdopen
