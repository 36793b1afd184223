"""The digest of a file that is still written: it is read from the system's cache, behind its writer."""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

__all__ = ["Digest"]

# So much stays in a second-level cache between being read and being looked at.
_PART = 1 << 18


class Digest:
    """The SHA-256 of a file, computed by a thread of its own within a ``with`` block."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self._found, self._at = hashlib.sha256(), 0
        self._buffer = memoryview(bytearray(_PART))
        self._last: Future[None] | None = None
        self._pool = ThreadPoolExecutor(1, "nngmix-digest")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=error is not None)
        self._file.close()

    def reach(self, stop: int) -> None:
        """Go on up to this byte, which has been written."""
        try:
            self._last = self._pool.submit(self._read, stop)
        except RuntimeError as error:
            raise OSError(f"the system starts no more threads: {error}") from error

    def _read(self, stop: int) -> None:
        while self._at < stop:
            n = self._file.readinto(self._buffer[: stop - self._at])
            if not n:
                raise OSError(f"the file ended at byte {self._at} of {stop}: something else writes to it")
            self._found.update(self._buffer[:n])
            self._at += n

    def hexdigest(self) -> str:
        """In hexadecimal, of all that was reached, which is waited for."""
        if self._last is not None:
            self._last.result()
        return self._found.hexdigest()
