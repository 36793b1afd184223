"""How many rows to make."""

import re
from dataclasses import dataclass
from typing import Any, Self

from nngmix.parameters.checks import LARGEST_ELEMENT, check_count, check_finite_number
from nngmix.parameters.errors import ParameterError
from nngmix.parameters.warnings import warn

__all__ = ["Amount", "check_share"]


@dataclass(frozen=True)
class Amount:
    """A number of new rows, said in one of three ways; exactly one of the fields is not None.

    Attributes
    ----------
    multiplier : float or None
        That many new rows for each labelled anomaly.
    share : float or None
        New rows until anomalies, labelled and new, are that share of the unlabelled rows; at most 1.
    n_samples : int or None
        That many new rows.

    Raises
    ------
    TypeError
        For what is no number.
    ValueError
        For none or several of the three, or a number out of its range.
    """

    multiplier: float | None = None
    share: float | None = None
    n_samples: int | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("multiplier", "share", "n_samples") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one amount, got {', '.join(given) or 'none'}")
        if self.n_samples is not None:
            # Frozen: plain numbers take the place of NumPy's narrow ones, which overflow.
            object.__setattr__(self, "n_samples", check_count("n_samples", self.n_samples))
        elif self.multiplier is not None:
            multiplier = check_finite_number("multiplier", self.multiplier)
            if multiplier < 0:
                raise ParameterError("multiplier", "be at least 0", str(self.multiplier))
            object.__setattr__(self, "multiplier", multiplier)
        else:
            object.__setattr__(self, "share", check_share("the share of anomalies", self.share))

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
            digits = count.lstrip("0") or "0"
            if len(digits) > 1000:
                # Python reads no integer of thousands of digits.
                raise ParameterError("n_samples", "be below 1e300", f"{digits[:10]}...{digits[-10:]}")
            return cls(n_samples=int(digits))
        return cls(multiplier=float(number)) if unit == "x" else cls(share=float(number) / 100)

    def most(self, n_anomalies: int, n_unlabeled: int) -> int:
        """Rows to make for this many labelled anomalies and at most this many unlabelled rows.

        Raises
        ------
        ValueError
            For more than can be numbered.
        """
        if self.n_samples is not None:
            return self.n_samples
        if self.multiplier is None:
            return max(0, round((self.share or 0) * n_unlabeled) - n_anomalies)
        wanted = self.multiplier * n_anomalies
        if wanted > LARGEST_ELEMENT:
            raise ValueError(
                f"multiplier={self.multiplier} makes {wanted:.3g} rows of {n_anomalies} labelled anomalies: "
                "rows are numbered up to 2**63"
            )
        return round(wanted)

    def count(self, n_anomalies: int, n_unlabeled: int) -> int:
        """`most`, with a warning where the share has been reached."""
        n_samples = self.most(n_anomalies, n_unlabeled)
        if self.share is not None and round(self.share * n_unlabeled) <= n_anomalies:
            warn(
                f"{n_anomalies} labelled anomalies are already at least {self.share:.1%} of the "
                f"{n_unlabeled} unlabelled rows: no rows are made"
            )
        return n_samples


def check_share(name: str, value: Any) -> float:
    """A share of anomalies over unlabelled rows as a float above 0 and at most 1.

    More is refused, as in imbalanced-learn: it makes the anomalies the many, and a seed or a count that went
    to the wrong place makes millions of rows.
    """
    share = check_finite_number(name, value)
    if share <= 0:
        raise ParameterError(name, "be above 0", str(value))
    if share > 1:
        raise ParameterError(
            name,
            "be at most 1, as many anomalies as unlabelled rows",
            str(value),
            f"{value} would make {value} for each unlabelled row: give a multiplier of the anomalies, or a "
            "number of rows, for that many",
        )
    return share
