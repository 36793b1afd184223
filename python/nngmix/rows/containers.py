"""The door out: rows go back as the type that came in.

A column of floats keeps its type, and so do one of categories and, if new rows are whole there, one of
integers. Any other column of numbers (booleans, decimals, objects) comes back as the float of its family that
holds it. A frame's index is counted anew, as in imbalanced-learn.
"""

from typing import Any

from nngmix.rows.array_containers import ArrayContainer, ListContainer
from nngmix.rows.arrow_container import ArrowContainer
from nngmix.rows.container import Container
from nngmix.rows.frame import is_frame, known_frame, library, native
from nngmix.rows.frame_containers import FrameContainer, PandasContainer, PolarsContainer

__all__ = ["Container", "container_of"]


def container_of(name: str, X: Any, *, lists: bool = True) -> Container:
    """The type that rows came in, which is that of the rows that go out.

    A frame of another library than pandas, polars and Arrow goes out as an Arrow table, and lists as an array
    unless `lists` are wanted.

    Raises
    ------
    TypeError
        For a query without rows, or rows that are elsewhere.
    """
    X = native(name, X)
    if not is_frame(X):
        return ListContainer(X) if lists and isinstance(X, list | tuple) else ArrayContainer(X)
    X = known_frame(X)
    return _FRAMES[library(X)](X)


_FRAMES: dict[str, type[FrameContainer]] = {
    "pandas": PandasContainer,
    "polars": PolarsContainer,
    "pyarrow": ArrowContainer,
}
