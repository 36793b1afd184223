"""``threadpoolctl`` sees and limits the threads of this package, as it does those of BLAS and OpenMP."""

import os
import sys
from typing import Any

from nngmix import _core

__all__ = ["register"]

_registered = False


def register() -> None:
    """Make the package known to threadpoolctl, once that is imported: not for this alone."""
    global _registered
    threadpoolctl: Any = sys.modules.get("threadpoolctl")
    # It may be half imported, by another thread or by whoever asks: then it is met at the next call.
    half = getattr(getattr(threadpoolctl, "__spec__", None), "_initializing", False)
    if _registered or half or not hasattr(threadpoolctl, "register"):
        return
    _registered = True
    ours = os.path.realpath(_core.__file__)

    class Threads(threadpoolctl.LibController):  # type: ignore[misc]
        """The number of threads of calls that do not say one."""

        user_api = internal_api = "nngmix"
        # Lower case, as threadpoolctl compares the names of files.
        filename_prefixes = (os.path.basename(ours).lower(),)
        check_symbols = ("PyInit__core",)

        def get_num_threads(self) -> int:
            return _core.default_threads()

        def set_num_threads(self, num_threads: int) -> None:
            _core.set_default_threads(num_threads)

        def get_version(self) -> str:
            return _core.__version__

        def set_additional_attributes(self) -> None:
            # Other packages call their extension so, too: without symbols, theirs is passed by.
            if os.path.realpath(self.filepath) != ours:
                self.dynlib = None

    threadpoolctl.register(Threads)
