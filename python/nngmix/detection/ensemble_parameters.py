"""The parameters of an ensemble: checked once, and handed on to its neighbour score."""

from typing import Any

import numpy as np

from nngmix.detection.augmentation import check_classifier
from nngmix.detection.bags import FILLINGS
from nngmix.detection.roles import Roles
from nngmix.detection.score import NeighborScore
from nngmix.parameters.checks import check_count, check_finite_number
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.rows import Rows
from nngmix.rows.unscaled import asked_unscaled

__all__ = ["checked_columns", "checked_weight", "fitted_score"]

# Of the neighbour score. Forests lose less than a point from 0.3 to 0.6; linear models would take more.
_WEIGHT = 0.4


def checked_columns(ensemble: Any) -> ColumnsAsked:
    """What is asked for of the columns."""
    return asked_unscaled(ensemble.categorical_features, ensemble.categorical_weight, ensemble.missing)


def checked_weight(ensemble: Any) -> float:
    """The weight of the neighbour score, once all that does not depend on the rows is checked."""
    if ensemble.estimator is not None:
        check_classifier(ensemble.estimator, "predict_proba", "decision_function")
    check_count("n_bags", ensemble.n_bags, minimum=2)
    check_count("bag_rows", ensemble.bag_rows, minimum=1)
    check_count("bag_anomalies", ensemble.bag_anomalies, minimum=1)
    if ensemble.filling not in FILLINGS:
        raise ValueError(f"filling must be one of {', '.join(FILLINGS)}, got {ensemble.filling!r}")
    share = ensemble.contamination
    if share != "auto" and not 0 < check_finite_number("contamination", share) <= 0.5:
        raise ValueError(f"contamination must be 'auto' or above 0 and at most 0.5, got {share!r}")
    if isinstance(ensemble.neighbor_score, bool | np.bool_):
        return _WEIGHT if ensemble.neighbor_score else 0.0
    weight = check_finite_number("neighbor_score", ensemble.neighbor_score)
    if not 0 <= weight <= 1:
        raise ValueError(f"neighbor_score must be True, False or a weight from 0 to 1, got {weight}")
    return weight


def fitted_score(ensemble: Any, rows: Rows, who: Roles, seed: np.random.SeedSequence) -> NeighborScore:
    """The neighbour score, which is told who is who by numbers."""
    y = np.full(len(rows), 3)
    y[who.unlabeled], y[who.anomaly], y[who.normal] = 0, 1, 2
    score = NeighborScore(
        n_neighbors=ensemble.n_neighbors,
        scale=ensemble.scale,
        random_state=seed,
        anomaly_label=1,
        unlabeled_label=0,
        normal_label=2 if len(who.normal) else None,
        missing=ensemble.missing,
        categorical_weight=ensemble.categorical_weight,
    )
    return score.fit(rows, y)
