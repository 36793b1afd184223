"""Partners that are any rows of a pool, numbered as in the kernels: the anomalies, then the unlabelled."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nngmix.parameters.errors import ParameterError
from nngmix.plan import PartnerPlan
from nngmix.rows.kinds import Mixed

__all__ = ["AllRows", "Partners", "check_partners", "numbered", "split_partner"]

Partners = Literal["anomaly", "all"]


class AllRows(NamedTuple):
    """The rows partners are taken from."""

    anomalies: NDArray[Any]
    unlabeled: NDArray[Any]
    mixed: Mixed | None


def split_partner(number: NDArray[np.int64], n_anomalies: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Pool and row of partners that are numbered through."""
    unlabeled = number >= n_anomalies
    return unlabeled, number - n_anomalies * unlabeled


def numbered(plan: PartnerPlan, n_anomalies: int) -> NDArray[np.int64]:
    """Partners as the kernel numbers them."""
    number: NDArray[np.int64] = plan.partner + n_anomalies * plan.unlabeled
    return number


def check_partners(partners: Any) -> None:
    """ValueError unless it is the name of a pool."""
    if partners not in ("anomaly", "all"):
        raise ParameterError("partners", "be 'anomaly' or 'all'", repr(partners))
