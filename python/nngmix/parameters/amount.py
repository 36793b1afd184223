"""How many rows to make."""

import re
from dataclasses import dataclass
from typing import Self

from nngmix.parameters.checks import check_count, check_finite_number
from nngmix.parameters.warnings import warn

__all__ = ["Amount"]


@dataclass(frozen=True)
class Amount:
    """A number of new rows, said in one of three ways; exactly one of the fields is not None.

    Attributes
    ----------
    multiplier : float or None
        That many new rows for each labelled anomaly.
    share : float or None
        New rows until anomalies, labelled and new, are that share of the unlabelled rows.
    n_samples : int or None
        That many new rows.
    """

    multiplier: float | None = None
    share: float | None = None
    n_samples: int | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("multiplier", "share", "n_samples") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one amount, got {', '.join(given) or 'none'}")
        if self.n_samples is not None:
            check_count("n_samples", self.n_samples)
        elif self.multiplier is not None:
            if check_finite_number("multiplier", self.multiplier) < 0:
                raise ValueError(f"multiplier must not be negative, got {self.multiplier}")
        elif check_finite_number("the share of anomalies", self.share) <= 0:
            raise ValueError(f"the share of anomalies must be above 0, got {self.share}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``10x``, ``10%`` or a plain count."""
        match = re.fullmatch(r"(\d+)|(\d+(?:\.\d*)?|\.\d+)([x%])", text.strip())
        if match is None:
            raise ValueError(
                "amount must be 10x (times the labelled anomalies), 10% (share of the unlabelled rows) "
                f"or a count, got {text!r}"
            )
        count, number, unit = match.groups()
        if count is not None:
            return cls(n_samples=int(count))
        return cls(multiplier=float(number)) if unit == "x" else cls(share=float(number) / 100)

    def count(self, n_anomalies: int, n_unlabeled: int) -> int:
        """New rows for so many labelled anomalies and unlabelled rows."""
        if self.n_samples is not None:
            return self.n_samples
        if self.multiplier is not None:
            return round(self.multiplier * n_anomalies)
        missing = round((self.share or 0) * n_unlabeled) - n_anomalies
        if missing <= 0:
            warn(
                f"{n_anomalies} labelled anomalies are already at least {self.share:.1%} of the "
                f"{n_unlabeled} unlabelled rows: no rows are made"
            )
        return max(missing, 0)
