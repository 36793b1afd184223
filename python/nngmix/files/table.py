"""What a table is, whatever the format of its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.names import check_known
from nngmix.rows.rows import Advice, Rows

__all__ = ["IN_FILES", "Table", "check_asked"]

IN_FILES = Advice(
    types="name columns that are no features with --ignore",
    values="fill it, leave such rows out with --missing skip, keep missing values with --missing keep, or "
    "leave the column out with --ignore (rows count from 0)",
    categories="texts, categories and booleans are features with --categorical auto",
    dates="--whole for {}",
)


@dataclass(frozen=True, eq=False)
class Table:
    """A table cut into features, label and the rest.

    Attributes
    ----------
    path : str
        Where it was read from.
    rows : Rows
        The features.
    features : tuple of str
        Their names, in order.
    label : str or None
        Name of the label column.
    labels : pyarrow.ChunkedArray or None
        The label column.
    ignored : mapping of str to pyarrow.ChunkedArray
        Columns that are carried along but are no features.
    columns : tuple of str
        The names of all these in the order of the file.
    id : str or None
        The one of `ignored` that tells rows apart.
    left_out : mapping of str to str
        Columns that are no features although nobody said so, and why; those of the file are in `ignored`,
        too.
    typeless : bool
        The file has no types: labels and ignored columns are texts as they were written.
    source : pyarrow.Table or None
        The features as the file has them; None for an NPZ.
    array : ndarray or None
        The features of an NPZ.
    npz_label : str
        What an NPZ calls the labels: "y", or what the NPZ called them that was read.
    named : bool
        False if the feature names were made up here, for an NPZ without ``columns``.
    """

    path: str
    rows: Rows
    features: tuple[str, ...]
    label: str | None
    labels: Any
    ignored: Mapping[str, Any]
    columns: tuple[str, ...]
    id: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    typeless: bool = False
    source: Any = None
    array: NDArray[Any] | None = None
    npz_label: str = "y"
    named: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def X(self) -> NDArray[Any]:
        """The features as one matrix: float32 if all of them are, else float64; NaN where one is missing."""
        return self.rows.whole()


def check_asked(path: str, asked: ColumnsAsked, features: Sequence[str]) -> None:
    """ValueError for columns asked for by name that are none of the features."""
    options = {"--categorical": asked.categorical_features, "--whole": asked.whole_features}
    for option, names in options.items():
        if isinstance(names, tuple):
            check_known(f"{option} in {path}", names, features)
