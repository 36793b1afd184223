"""The members of an ensemble: fitted side by side, and asked for their scores block by block."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from nngmix.detection.augmentation import encoder_advised
from nngmix.detection.member_rows import MemberRows
from nngmix.parameters.seed import child
from nngmix.rows.rows import Rows

__all__ = ["Training", "fit_members", "member_scores"]

# Rows as members take them, their classes (1 for anomalies), and the seed of a member.
Training = tuple[Any, NDArray[np.int64], np.random.SeedSequence]


def fit_members(estimator: Any, bags: Iterable[Training], n_jobs: int | None) -> list[Any]:
    """A clone of the estimator for each bag."""
    # One thread each: bags are small, and the order of a sum must not depend on the number of cores.
    with threadpool_limits(limits=1):
        fitted: list[Any] = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_fitted)(estimator, *bag) for bag in bags
        )
    return fitted


def _fitted(estimator: Any, X: Any, y: NDArray[np.int64], seed: np.random.SeedSequence) -> Any:
    member = clone(estimator)
    names = sorted(
        name for name in member.get_params() if name == "random_state" or name.endswith("__random_state")
    )
    drawn = {name: int(child(seed, number).generate_state(1)[0] >> 1) for number, name in enumerate(names)}
    with encoder_advised(estimator, X):
        return member.set_params(**drawn).fit(X, y)


def member_scores(
    members: list[Any], rows: Rows, form: MemberRows, n_jobs: int | None
) -> NDArray[np.float32]:
    """How anomalous members find rows, shape (n_rows, n_members)."""
    scores = np.empty((len(rows), len(members)), np.float32)
    with threadpool_limits(limits=1), Parallel(n_jobs=n_jobs, prefer="threads") as parallel:
        for span, X in form.blocks(rows):
            columns = parallel(delayed(_scores)(member, X) for member in members)
            scores[span] = np.stack(columns, axis=1)
    return scores


def _scores(member: Any, X: Any) -> NDArray[np.float32]:
    """How anomalous a member finds rows.

    In float32: the last bits of a product of matrices depend on how many rows it has, and a row must score
    the same alone as among others.
    """
    if hasattr(member, "predict_proba"):
        return np.asarray(member.predict_proba(X)[:, 1], np.float32)
    return np.asarray(member.decision_function(X), np.float32)
