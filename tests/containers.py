"""What goes out in any container, as the array that it holds."""

from typing import Any

from numpy.typing import NDArray

from nngmix.rows.label_array import label_array
from nngmix.rows.rows import as_rows


def matrix(X: Any) -> NDArray[Any]:
    """Rows as one array."""
    return as_rows("X", X).whole()


def labels(y: Any) -> NDArray[Any]:
    """Labels as one array."""
    return label_array("y", y)
