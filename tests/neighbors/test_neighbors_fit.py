"""The one fitting sequence: survey, then search, over whatever brings the rows."""

import pickle
from typing import Any

import numpy as np
import pytest

import nngmix
from nngmix.neighbors.fit import fit
from nngmix.neighbors.passes import Search, Survey
from nngmix.neighbors.spec import FitSpec
from nngmix.parameters.amount import Amount
from nngmix.rows.asked_columns import ColumnsAsked
from nngmix.rows.labels import LabelRule, read_labels
from nngmix.rows.rows import as_rows

rng = np.random.default_rng(6)
X, Y = rng.random((300, 4)), (np.arange(300) % 30 == 0).astype(int)
RULE = LabelRule.of(1, 0)


def spec(**changes: Any) -> FitSpec:
    return FitSpec(4, np.dtype(float), None, RULE, "y", "minmax", **changes)


def fold(state: Any, cuts: int = 1, X: Any = X, y: Any = Y) -> Any:
    """A pass over parts, by states that go their own ways and are merged from the last to the first."""
    states = []
    first = 0
    for part, labels in zip(np.array_split(X, cuts), np.array_split(y, cuts), strict=True):
        own = pickle.loads(pickle.dumps(state))
        own.update(as_rows("X", part), read_labels("y", labels), first)
        states.append(own)
        first += len(part)
    merged = states.pop()
    for other in reversed(states):
        merged.merge(other)
    return merged


@pytest.mark.parametrize("cuts", [1, 2, 7])
def test_parts_that_merge_give_the_fit_of_the_whole(cuts: int) -> None:
    fitted = fit(lambda state: fold(state, cuts), spec(amount=Amount(n_samples=50)))
    sampler = nngmix.NNGMix(n_samples=50, random_state=0)
    expected = sampler.fit_resample(X, Y)[0][300:]
    assert fitted.table.rows(0, 50, random_state=0).tobytes() == expected.tobytes()
    assert (fitted.n_samples, fitted.counts.n_rows, fitted.counts.n_anomalies) == (50, 300, 10)
    assert fitted.anomalies.ids is not None
    assert fitted.anomalies.ids.tolist() == np.flatnonzero(Y).tolist()
    assert fitted.anomalies.labels == [1] * 10


@pytest.mark.parametrize("changes", [{"amount": Amount(n_samples=0)}, {"unlabeled_fraction": 0}])
def test_no_search_where_no_neighbour_is_used(changes: Any) -> None:
    passes = []

    def counted(state: Any) -> Any:
        passes.append(type(state))
        return fold(state)

    fitted = fit(counted, spec(**{"amount": Amount(n_samples=5), **changes}))
    assert passes == [Survey]
    assert fitted.table.n_seen == 0
    passes.clear()
    fit(counted, spec(amount=Amount(n_samples=5)))
    assert passes == [Survey, Search]


def test_given_anomalies_count_for_the_scale_and_are_not_looked_for() -> None:
    given = as_rows("X_anomaly", X[Y == 1] + 5)
    fitted = fit(lambda state: fold(state, 3), FitSpec(4, np.dtype(float), scale="minmax"), given)
    assert fitted.table.scale is not None
    np.testing.assert_array_equal(fitted.table.scale.offset, X.min(axis=0))
    np.testing.assert_allclose(fitted.table.scale.width, (X[Y == 1] + 5).max(axis=0) - X.min(axis=0))
    assert fitted.counts.n_unlabeled == fitted.table.n_seen == 300


def test_rows_that_change_between_the_passes_are_noticed() -> None:
    def changing(state: Any) -> Any:
        n_rows = 300 if isinstance(state, Survey) else 250
        return fold(state, X=X[:n_rows], y=Y[:n_rows])

    with pytest.raises(ValueError, match="two passes over the rows differ: the first met 300 rows, 290 of "):
        fit(changing, spec(amount=Amount(n_samples=5)))


def test_what_is_not_there_is_named() -> None:
    other = FitSpec(4, np.dtype(float), None, LabelRule.of("bad", None), "y")
    with pytest.raises(ValueError, match=r"no row has 'bad' in y; it holds 0 .*290 rows"):
        fit(fold, other)
    with pytest.raises(ValueError, match="there are 300 labelled anomalies and no unlabelled row"):
        fit(lambda state: fold(state, y=np.ones(300)), spec(amount=Amount(n_samples=5)))
    with pytest.raises(ValueError, match="10 rows are labelled anomalies by y, more than max_anomalies=9"):
        fit(fold, spec(amount=Amount(n_samples=5), max_anomalies=9))


@pytest.mark.filterwarnings("error")
def test_rows_that_were_left_out_are_told_where_no_unlabelled_row_is_left() -> None:
    asked: Any = {"columns": ColumnsAsked(missing="skip"), "amount": Amount(n_samples=5)}
    message = "no unlabelled row to take .*; missing='skip' left out 290 rows$"
    with pytest.raises(ValueError, match=message):
        fit(lambda state: fold(state, X=np.where(Y[:, None] == 1, X, np.nan)), spec(**asked))
    # Without a scale the search is the only pass.
    alone, given = FitSpec(4, np.dtype(float), **asked), as_rows("X_anomaly", X[Y == 1])
    with pytest.raises(ValueError, match=message):
        fit(lambda state: fold(state, X=X[Y == 0] * np.nan, y=Y[Y == 0]), alone, given)
    with pytest.raises(ValueError, match=r"or set unlabeled_fraction=0$"):
        fit(lambda state: fold(state, X=X[:0], y=Y[:0]), alone, given)


def test_without_a_search_rows_are_counted_for_an_amount_that_is_a_share_of_them() -> None:
    """Anomalies of their own and no scale: nothing else would read the unlabelled rows."""
    alone = FitSpec(4, np.dtype(float), amount=Amount(share=0.1), unlabeled_fraction=0)
    fitted = fit(lambda state: fold(state, X=X[Y == 0], y=Y[Y == 0]), alone, as_rows("X_anomaly", X[Y == 1]))
    assert (fitted.counts.n_unlabeled, fitted.n_samples) == (290, 19)
