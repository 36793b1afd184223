"""Arrays at the boundary: where results are put, whether they fit, how they come from other processes."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_apart", "check_memory", "check_out", "check_room", "frozen"]

# Python itself takes more bytes than these: nobody has less.
_NO_QUESTION = 1 << 19


def frozen(value: Any) -> Any:
    """Arrays within dicts and tuples, read-only, so that no `out` is one of them, and aligned.

    Messages between processes leave arrays at any address.
    """
    if isinstance(value, dict):
        return {name: frozen(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(frozen, value))
    if not isinstance(value, np.ndarray):
        return value
    view = np.require(value, requirements=["C", "A"]).view()
    view.flags.writeable = False
    return view


def check_out(
    out: NDArray[Any] | None,
    n_samples: int,
    n_features: int,
    dtype: np.dtype[Any],
    in_parts: str = "NeighborTable.batches",
) -> NDArray[Any]:
    """`out` if it can take the rows, or a new array if it is None; `in_parts` is what makes them in parts."""
    if out is None:
        check_room(n_samples, n_features, dtype, in_parts)
        return np.empty((n_samples, n_features), dtype)
    if not isinstance(out, np.ndarray) or isinstance(out, np.ma.MaskedArray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    expected = (n_samples, n_features)
    if out.shape != expected or out.dtype != dtype:
        raise ValueError(f"out must be {dtype} of shape {expected}, got {out.dtype} of shape {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable, got a read-only array, as those of a table are")
    if not (out.flags.c_contiguous and out.flags.aligned):
        raise ValueError("out must be C-contiguous and aligned, got another memory layout")
    return out


def check_apart(out: NDArray[Any] | None, **sources: Any) -> None:
    """ValueError if `out` lies in the memory of one of the arrays, or `Rows`, that rows are made from."""
    for name, source in sources.items() if out is not None else ():
        # The rows of an array have it, and of a frame of one type; others are copied before they are read.
        array = getattr(source, "array", source)
        if not isinstance(array, np.ndarray):
            continue
        if np.may_share_memory(out, array) or _mapped_twice(out, array):
            raise ValueError(
                f"out shares memory with {name}, which its rows are made from: pass an array of its own, "
                f"or a copy of {name}"
            )


def _mapped_twice(*arrays: Any) -> bool:
    """Whether arrays lie in two maps of one file, whose addresses say nothing of each other."""
    maps = []
    for array in arrays:
        file = None
        while isinstance(array, np.ndarray):
            file, array = getattr(array, "filename", None) or file, array.base
        maps.append((file, array))
    (file, first), (other, second) = maps
    return bool(first is not second and file and other and os.path.samefile(file, other))


def check_room(n_samples: int, n_features: int, dtype: np.dtype[Any], in_parts: str) -> None:
    """MemoryError for more rows than this machine can hold; `in_parts` is what makes them in parts."""
    check_memory(
        f"n_samples={n_samples} rows of {n_features} columns",
        n_samples * n_features * dtype.itemsize,
        f"make them in parts with {in_parts}, or into a memory-mapped out",
    )


def check_memory(what: str, wanted: int, way_out: str) -> None:
    """MemoryError if `wanted` bytes are more than this machine has, or this process may use."""
    if wanted <= _NO_QUESTION:
        return
    # The system may promise more memory than it has and kill the process later.
    try:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        physical = 1 << 47
    whose = "this machine has"
    try:
        import resource

        allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
        if 0 <= allowed < physical:
            physical, whose = allowed, "this process may use"
    except (ImportError, ValueError, OSError):
        pass
    if wanted > physical:
        raise MemoryError(
            f"{what} need {wanted / 2**30:.1f} GiB, {whose} {physical / 2**30:.1f} GiB; {way_out}"
        )
