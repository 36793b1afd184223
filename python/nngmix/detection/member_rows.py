"""What the members of an ensemble are given of rows: scaled numbers, and categories as they know them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.rows.container import Container
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Rows
from nngmix.rows.scaling import Scale

__all__ = ["MemberRows"]

# Values of a block that is scored.
_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True, eq=False)
class MemberRows:
    """From rows to what members are fitted on, and asked about.

    Attributes
    ----------
    scale : Scale or None
    kinds : Kinds or None
        What the columns held in the fit.
    container : Container or None
        The type that members are given, in which categories are values; None for a matrix of numbers, in
        which they are ranks.
    """

    scale: Scale | None
    kinds: Kinds | None = None
    container: Container | None = None

    def scaled(self, block: NDArray[Any], kinds: Kinds | None) -> NDArray[Any]:
        """Rows by the ranks of the fit and in its scale; a category that is new is missing."""
        if self.kinds is not None and kinds is not None:
            block = self.kinds.recode(block, kinds, known=True)
        return block if self.scale is None else self.scale.transform(block)

    def given(self, scaled: NDArray[Any]) -> Any:
        """Scaled rows as members take them."""
        wide = scaled.astype(np.float64, copy=False)
        return wide if self.container is None else self.container.alone(wide, self.kinds)

    def blocks(self, rows: Rows) -> Iterator[tuple[slice, Any]]:
        """Which rows each block holds, and these as members take them."""
        for start, block in rows.blocks(n_values=_BLOCK_VALUES):
            rows.check_finite(block, start)
            yield slice(start, start + len(block)), self.given(self.scaled(block, rows.kinds))
