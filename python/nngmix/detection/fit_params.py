"""Parameters for the `fit` of an estimator inside another: routed to it, and changed as the rows are."""

from collections.abc import Callable
from typing import Any

from sklearn import get_config
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.validation import has_fit_parameter

__all__ = ["by_row", "routed_params"]


def routed_params(owner: Any, sample_weight: Any, params: dict[str, Any]) -> dict[str, Any]:
    """What the `fit` of the owner's estimator is given."""
    if sample_weight is not None:
        params = params | {"sample_weight": sample_weight}
    if not params:
        return {}
    if get_config()["enable_metadata_routing"]:
        return dict(process_routing(owner, "fit", **params).estimator.fit)
    if sample_weight is not None and not has_fit_parameter(owner.estimator, "sample_weight"):
        raise ValueError(f"the estimator {type(owner.estimator).__name__} does not take sample_weight")
    return params


def by_row(params: dict[str, Any], n_rows: int, change: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Parameters of `fit`, those that have a value for each row changed."""

    def is_by_row(value: Any) -> bool:
        return hasattr(value, "__len__") and not isinstance(value, str) and len(value) == n_rows

    return {name: change(name, value) if is_by_row(value) else value for name, value in params.items()}
