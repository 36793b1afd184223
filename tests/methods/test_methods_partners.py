"""Partners numbered through both pools, as the kernels have them."""

import numpy as np
import pytest

from nngmix.methods.partners import check_partners, numbered, split_partner
from nngmix.plan import PartnerPlan


def test_partners_are_numbered_through() -> None:
    number = np.array([0, 5, 6, 12])
    unlabeled, partner = split_partner(number, 6)
    assert unlabeled.tolist() == [False, False, True, True]
    assert partner.tolist() == [0, 5, 0, 6]
    plan = PartnerPlan(0, np.zeros(4, np.int64), unlabeled, partner)
    assert numbered(plan, 6).tolist() == number.tolist()


def test_pools_have_two_names() -> None:
    check_partners("all")
    for wrong in ("unlabeled", None, 0):
        with pytest.raises(ValueError, match="partners must be 'anomaly' or 'all', got "):
            check_partners(wrong)
