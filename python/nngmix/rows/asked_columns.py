"""What a user says of columns: categories, whole numbers, what may be missing, what is clipped."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.checks import check_finite_number
from nngmix.parameters.errors import ParameterError
from nngmix.rows.names import check_known

__all__ = ["Clip", "ColumnsAsked", "Features", "Missing", "check_missing", "named_columns"]

Missing = Literal["error", "skip", "keep"]
Clip = Literal["unlabeled", "anomaly"]
# Names, positions or a mask; "auto" for what the values show; None for no column.
Features = Sequence[Any] | NDArray[Any] | Literal["auto"] | None


def check_missing(missing: Any) -> None:
    """ValueError unless it says what to do with values that are not finite."""
    if missing not in ("error", "skip", "keep"):
        raise ParameterError("missing", "be 'error', 'skip' or 'keep'", repr(missing))


@dataclass(frozen=True)
class ColumnsAsked:
    """What is asked for of the columns, checked once.

    Attributes
    ----------
    categorical_features, whole_features : tuple, 'auto' or None
        Names, positions, or a mask with a bool for each column; 'auto' for those whose type, or for whole
        numbers whose every value, says so; None for no column.
    missing : {'error', 'skip', 'keep'}
        Rows that are not finite are refused, or passed by and counted; or missing values, not infinite ones,
        are values like others.
    clip : {'unlabeled', 'anomaly', None}
        The rows whose range, column by column, new rows do not leave.
    categorical_weight : float
        What two categories that differ add to a squared distance.
    """

    categorical_features: Features = None
    whole_features: Features = None
    missing: Missing = "error"
    clip: Clip | None = None
    categorical_weight: float = 1.0

    @property
    def of_others(self) -> "ColumnsAsked":
        """The same of further rows, of which it is known by their names, or positions, what was asked for."""
        return (
            self if isinstance(self.categorical_features, str) else replace(self, categorical_features=None)
        )

    @property
    def named_whole(self) -> tuple[str, ...]:
        """The columns that are whole by their names: those of dates are among them."""
        asked = self.whole_features
        return tuple(name for name in asked if isinstance(name, str)) if isinstance(asked, tuple) else ()

    def __post_init__(self) -> None:
        for name in ("categorical_features", "whole_features"):
            # Frozen: what is compared and sent to workers goes in the place of what was given.
            object.__setattr__(self, name, _items(name, getattr(self, name)))
        check_missing(self.missing)
        if self.clip not in ("unlabeled", "anomaly", None):
            raise ParameterError("clip", "be 'unlabeled', 'anomaly' or None", repr(self.clip))
        weight = check_finite_number("categorical_weight", self.categorical_weight)
        if weight < 0:
            raise ParameterError("categorical_weight", "be at least 0", str(weight))
        object.__setattr__(self, "categorical_weight", weight)


def named_columns(
    parameter: str, asked: Features, where: str, names: Sequence[Hashable] | None, n_features: int
) -> NDArray[np.bool_]:
    """Which columns are meant, as a mask; none are by 'auto', which the caller knows about.

    Parameters
    ----------
    parameter : str
        What errors call `asked`, of a `ColumnsAsked`.
    asked : tuple, 'auto' or None
    where : str
        What errors call the rows.
    names : tuple or None
        Names of the columns; without names there are positions alone.
    n_features : int

    Raises
    ------
    ValueError
        For a column that there is not, and a mask of another length.
    """
    mask = np.zeros(n_features, bool)
    if asked is None or isinstance(asked, str):
        return mask
    items = tuple(asked)
    if items and all(isinstance(item, bool) for item in items):
        if len(items) != n_features:
            raise ValueError(
                f"{parameter} as a mask must have a bool for each of the {n_features} columns of {where}, "
                f"got {len(items)}"
            )
        return np.array(items)
    at = {} if names is None else {name: position for position, name in enumerate(names)}
    # Columns that have integers for names are called by them.
    counted = not any(isinstance(name, Integral) for name in at)
    for item in items:
        if item in at:
            mask[at[item]] = True
        elif isinstance(item, Integral) and counted:
            if not -n_features <= int(item) < n_features:
                raise ValueError(
                    f"{parameter} names column {item}, but {where} has columns 0 to {n_features - 1}"
                )
            mask[item] = True
        elif names is None:
            raise ValueError(
                f"{parameter} names column {item!r}, but the columns of {where} have no names: give their "
                f"positions, 0 to {n_features - 1}"
            )
        else:
            check_known(f"{parameter} of {where}", [item], names)
    return mask


def _items(name: str, asked: Any) -> tuple[Any, ...] | str | None:
    """Columns as a tuple of names, positions or bools."""
    if asked is None or (isinstance(asked, str) and asked == "auto"):
        return asked
    alone = isinstance(asked, str | bytes | Integral) or not hasattr(asked, "__iter__")
    items = () if alone else tuple(item.item() if isinstance(item, np.generic) else item for item in asked)
    mixed = any(isinstance(item, bool) for item in items) and not all(
        isinstance(item, bool) for item in items
    )
    if alone or mixed or any(not isinstance(item, Hashable) for item in items):
        advice = f"for one column write [{asked!r}]" if isinstance(asked, str | Integral) else ""
        expected = "be a list of columns by name or position, a mask of bools, 'auto' or None"
        raise ParameterError(name, expected, repr(asked), advice)
    return items
