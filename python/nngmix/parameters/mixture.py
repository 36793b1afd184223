"""How two parents are mixed: the parameters of NNG-Mix that are no numbers of neighbours, checked once."""

from dataclasses import dataclass
from typing import Any, Literal

from nngmix.parameters.checks import check_finite_number
from nngmix.parameters.errors import ParameterError

__all__ = ["SMOTE", "Mixture", "Noise", "check_noise", "check_noise_or_auto", "check_weight"]

# Of the samplers and functions of NNG-Mix; "auto" is what fits the distances of a table.
Noise = float | Literal["auto"]


@dataclass(frozen=True)
class Mixture:
    """The mixture that every new row is drawn from.

    Attributes
    ----------
    noise_std : float or 'auto'
        Standard deviation of the noise on anchor and on partner, in the units of the (scaled) columns.
    alpha, beta : float
        Parameters of the Beta distribution of lam, the weight of the anchor; above 0 and at most 1e6.
    unlabeled_fraction : float
        Probability that the partner is an unlabelled row and not another anomaly.

    Raises
    ------
    TypeError
        For what is no number.
    ValueError
        For a number out of its range.
    """

    noise_std: Noise = 0.01
    alpha: float = 0.2
    beta: float = 0.2
    unlabeled_fraction: float = 0.5

    def __post_init__(self) -> None:
        fraction = check_finite_number("unlabeled_fraction", self.unlabeled_fraction)
        if not 0 <= fraction <= 1:
            raise ParameterError("unlabeled_fraction", "be between 0 and 1", str(fraction))
        if fraction == 0 and self.noise_std == "auto":
            expected = "be a number where unlabeled_fraction is 0, for no distances are known"
            raise ParameterError("noise_std", expected, repr(self.noise_std))
        # Frozen: floats take the place of whatever numbers were given.
        object.__setattr__(self, "noise_std", check_noise_or_auto("noise_std", self.noise_std))
        object.__setattr__(self, "alpha", check_weight("alpha", self.alpha))
        object.__setattr__(self, "beta", check_weight("beta", self.beta))
        object.__setattr__(self, "unlabeled_fraction", fraction)


def check_noise(name: str, value: Any) -> float:
    """A standard deviation as a float that is not negative."""
    noise = check_finite_number(name, value)
    if noise < 0:
        raise ParameterError(name, "be at least 0", str(noise))
    return noise


def check_noise_or_auto(name: str, value: Any) -> Noise:
    """The same, or "auto"."""
    if isinstance(value, str):
        if value != "auto":
            raise ParameterError(name, "be a number or 'auto'", repr(value))
        return "auto"
    return check_noise(name, value)


def check_weight(name: str, value: Any) -> float:
    """A parameter of a Beta distribution as a float."""
    weight = check_finite_number(name, value)
    if not 1e-300 <= weight <= 1e6:
        raise ParameterError(name, "be above 0 and at most 1e6", str(weight))
    return weight


# Rows between two anomalies and nowhere else: SMOTE in the terms of NNG-Mix.
SMOTE = Mixture(noise_std=0, alpha=1, beta=1, unlabeled_fraction=0)
