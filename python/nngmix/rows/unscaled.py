"""What is asked for where nothing is scaled: categories need a weight, for distances have no unit."""

from typing import Any

from nngmix.parameters.errors import ParameterError
from nngmix.rows.asked_columns import ColumnsAsked, Features, Missing
from nngmix.rows.kinds import Kinds

__all__ = ["asked_columns", "asked_unscaled", "check_weighed"]

# Numbers, of which none is missing: what most calls ask for.
_NUMBERS = ColumnsAsked()


def asked_columns(categorical_weight: float | None, **asked: Any) -> ColumnsAsked:
    """What is asked for, with a weight of 1 where none is given; `check_weighed` says whether one must be."""
    weight = 1.0 if categorical_weight is None else categorical_weight
    return ColumnsAsked(categorical_weight=weight, **asked)


def asked_unscaled(
    categorical_features: Features, categorical_weight: float | None, missing: Missing, **asked: Any
) -> ColumnsAsked:
    """What is asked for, where no row is passed by."""
    if missing not in ("error", "keep"):
        raise ParameterError("missing", "be 'error' or 'keep'", repr(missing))
    if categorical_features is None and categorical_weight is None and missing == "error" and not asked:
        return _NUMBERS
    asked |= {"categorical_features": categorical_features, "missing": missing}
    return asked_columns(categorical_weight, **asked)


def check_weighed(kinds: Kinds | None, categorical_weight: float | None) -> None:
    """ValueError for categories, or values that may be missing, without a weight."""
    if kinds is not None and categorical_weight is None:
        raise ParameterError(
            "categorical_weight",
            "be given with categories or missing='keep' where columns are not scaled",
            "None",
            "two categories that differ add it to a squared distance, and a number that is missing adds 1: "
            "with columns scaled to 0..1 take 1",
        )
