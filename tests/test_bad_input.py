"""Bad input is refused with a message that names the argument, what was expected and what came."""

import pickle
import re
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngmix
from bad_matrices import ANOMALIES, REFUSED, UNLABELED, X, Y, bad_matrix, read_only
from nngmix import NeighborTable, NNGMix, kneighbors, nng_mix
from nngmix.rows.scaling import Scale
from parameter_errors import by_sampler
from small_blocks import small_blocks

# Every way in which a matrix comes in, by the name its messages use.
ENTRANCES: dict[str, tuple[str, Any]] = {
    "nng_mix anomalies": ("X_anomaly", lambda m: nng_mix(m, UNLABELED, 5)),
    "nng_mix unlabeled": ("X_unlabeled", lambda m: nng_mix(ANOMALIES, m, 5, n_neighbors=3)),
    "table": ("X_anomaly", NeighborTable),
    "update": ("X_unlabeled", lambda m: NeighborTable(ANOMALIES).update(m)),
    "queries": ("X_query", lambda m: kneighbors(m, X, 3)),
    "rows": ("X", lambda m: kneighbors(ANOMALIES, m, 3)),
    "sampler": ("X", lambda m: NNGMix(n_samples=5).fit_resample(m, Y)),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("kind", REFUSED)
def test_matrices_that_are_none_are_refused(entrance: str, kind: str) -> None:
    name, call = ENTRANCES[entrance]
    if kind == "None" and entrance == "nng_mix unlabeled":
        name, kind_error, message = "X_unlabeled", ValueError, "X_unlabeled has no rows"
    else:
        kind_error, message = REFUSED[kind]
    like = X if entrance == "sampler" else ANOMALIES
    with pytest.raises(kind_error, match=re.escape(message.format(name=name, n=len(like)))):
        call(bad_matrix(like, kind))


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_first_value_that_is_not_finite_is_named(
    entrance: str, value: float, dtype: Any, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch, 6)
    name, call = ENTRANCES[entrance]
    matrix = np.array(X if entrance == "sampler" else ANOMALIES, dtype, order=order)
    matrix[4, 2] = value
    matrix[5, 0] = np.nan
    found = f"{value} at row 4, column 2; drop or impute such rows with NaN or infinity"
    expected = f"{name} must be finite, got {found}"
    if entrance == "update":
        call = NeighborTable(ANOMALIES.astype(dtype)).update
    with pytest.raises(ValueError, match=re.escape(expected)):
        call(matrix)


@pytest.mark.parametrize("n_threads", [1, 5])
def test_threads_name_the_same_first_value(n_threads: int) -> None:
    rows = np.zeros((60_000, 5), np.float32)
    for row in (59_000, 31_000, 30_999, 58_000):
        rows[row, 3] = np.nan
    with pytest.raises(ValueError, match=r"X must be finite, got nan at row 30999, column 3"):
        kneighbors(np.zeros((20, 5), np.float32), rows, 3, n_threads=n_threads)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nng_mix(ANOMALIES, UNLABELED[:, :2], 5),
            "X_unlabeled must have the 3 columns of X_anomaly, got 2",
        ),
        (
            lambda: nng_mix(ANOMALIES, UNLABELED[:, :2], 5, unlabeled_fraction=0),
            "X_unlabeled must have the 3 columns of X_anomaly, got 2",
        ),
        (
            lambda: NeighborTable(ANOMALIES).update(np.ones((4, 7))),
            "X_unlabeled must have the 3 columns of X_anomaly, got 7",
        ),
        (lambda: kneighbors(ANOMALIES, X[:, :2], 3), "X must have the 3 columns of X_query, got 2"),
        (
            lambda: kneighbors(ANOMALIES, X, 3, exclude_self=True),
            "exclude_self needs X_query and X to be the same rows, got 6 and 46",
        ),
        (lambda: kneighbors(ANOMALIES, X[:0], 3), "X must have at least 1 rows, got 0"),
        (lambda: kneighbors(X[:1], X[:1], 3, exclude_self=True), "X must have at least 2 rows, got 1"),
        (lambda: nng_mix(ANOMALIES[:0], UNLABELED, 5), "X_anomaly must have at least one row, got none"),
        (lambda: NeighborTable(ANOMALIES[:0]), "X_anomaly must have at least one row, got none"),
        (
            lambda: nng_mix(ANOMALIES, UNLABELED[:0], 5),
            "X_unlabeled has no rows: pass some, or set unlabeled_fraction=0",
        ),
        (
            lambda: nng_mix(ANOMALIES, None, 5, unlabeled_fraction=0.1),
            "X_unlabeled has no rows: pass some, or set unlabeled_fraction=0",
        ),
        (
            lambda: NeighborTable(ANOMALIES).rows(0, 5),
            "X_unlabeled has no rows to take partners from: pass some, or set unlabeled_fraction=0",
        ),
        (
            lambda: NeighborTable(ANOMALIES).plan(0, 5),
            "X_unlabeled has no rows to take partners from: pass some, or set unlabeled_fraction=0",
        ),
        (
            lambda: next(NeighborTable(ANOMALIES).batches(5, 2)),
            "X_unlabeled has no rows to take partners from: pass some, or set unlabeled_fraction=0",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


# ---- parameters --------------------------------------------------------------------------------------------

SEEDS = "random_state must be None, an int, a numpy SeedSequence, Generator or RandomState"
PARAMETERS = [
    ("noise_std", -0.1, ValueError, "noise_std must be at least 0, got -0.1"),
    ("noise_std", np.nan, ValueError, "noise_std must be finite, got nan"),
    ("noise_std", np.inf, ValueError, "noise_std must be finite, got inf"),
    ("noise_std", "0.1", TypeError, "noise_std must be a number or 'auto', got '0.1'"),
    ("noise_std", None, TypeError, "noise_std must be a number, got None"),
    ("noise_std", True, TypeError, "noise_std must be a number, got True"),
    ("alpha", 0, ValueError, "alpha must be above 0 and at most 1e6, got 0"),
    ("alpha", -1.0, ValueError, "alpha must be above 0 and at most 1e6, got -1.0"),
    ("alpha", 1e-310, ValueError, "alpha must be above 0 and at most 1e6, got 1e-310"),
    ("alpha", np.nan, ValueError, "alpha must be finite, got nan"),
    ("beta", 0.0, ValueError, "beta must be above 0 and at most 1e6, got 0.0"),
    ("beta", 1e7, ValueError, "beta must be above 0 and at most 1e6, got 10000000.0"),
    ("beta", np.inf, ValueError, "beta must be finite, got inf"),
    ("beta", 1j, TypeError, "beta must be a number, got 1j"),
    ("unlabeled_fraction", -0.01, ValueError, "unlabeled_fraction must be between 0 and 1, got -0.01"),
    ("unlabeled_fraction", 1.01, ValueError, "unlabeled_fraction must be between 0 and 1, got 1.01"),
    ("unlabeled_fraction", np.nan, ValueError, "unlabeled_fraction must be finite, got nan"),
    ("random_state", -1, ValueError, "random_state must be at least 0, got -1"),
    ("random_state", 1.0, TypeError, f"{SEEDS}, got float"),
    ("random_state", "0", TypeError, f"{SEEDS}, got str"),
    ("random_state", True, TypeError, f"{SEEDS}, got bool"),
    ("random_state", np.random, TypeError, f"{SEEDS}, got module"),
    ("random_state", [1, 2], TypeError, f"{SEEDS}, got list"),
]
NEIGHBOR_PARAMETERS = [
    ("n_neighbors", 0, ValueError, "n_neighbors must be at least 1, got 0"),
    ("n_neighbors", -3, ValueError, "n_neighbors must be at least 1, got -3"),
    ("n_neighbors", 0.0, ValueError, "n_neighbors must be above 0 as a multiple of the anomalies, got 0.0"),
    ("n_neighbors", np.nan, ValueError, "n_neighbors must be finite, got nan"),
    ("n_neighbors", True, TypeError, "n_neighbors must be an integer, got True"),
    ("n_neighbors", "10", TypeError, "n_neighbors must be an integer, got '10'"),
    ("n_neighbors", None, TypeError, "n_neighbors must be an integer, got None"),
    ("n_neighbors_anomaly", 0, ValueError, "n_neighbors_anomaly must be at least 1, got 0"),
    (
        "n_neighbors_anomaly",
        -1.5,
        ValueError,
        "n_neighbors_anomaly must be above 0 as a multiple of the anomalies",
    ),
    ("n_neighbors_anomaly", np.True_, TypeError, "n_neighbors_anomaly must be an integer, got "),
]
THREAD_PARAMETERS = [
    ("n_threads", 0, ValueError, "n_threads must be at least 1, got 0"),
    ("n_threads", -1, ValueError, "n_threads must be at least 1, got -1"),
    ("n_threads", 2.0, TypeError, "n_threads must be an integer, got 2.0"),
    ("n_threads", True, TypeError, "n_threads must be an integer, got True"),
]


@pytest.mark.parametrize(
    ("name", "value", "error", "message"), PARAMETERS + NEIGHBOR_PARAMETERS + THREAD_PARAMETERS
)
def test_parameters_out_of_range_are_refused(name: str, value: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        nng_mix(ANOMALIES, UNLABELED, 5, **{name: value})
    with pytest.raises(error, match=by_sampler(message)):
        NNGMix(n_samples=5, **{name: value}).fit_resample(X, Y)


@pytest.mark.parametrize(("name", "value", "error", "message"), PARAMETERS)
def test_tables_refuse_them_too(name: str, value: Any, error: Any, message: str) -> None:
    table = NeighborTable(ANOMALIES).update(UNLABELED)
    with pytest.raises(error, match=re.escape(message)):
        table.rows(0, 5, **{name: value})
    with pytest.raises(error, match=re.escape(message)):
        # At the call, not when the first batch is asked for.
        table.batches(5, 2, **{name: value})
    if name == "noise_std":
        with pytest.raises(error, match=re.escape(message)):
            table.mix(table.plan(0, 5), noise_std=value)
    else:
        with pytest.raises(error, match=re.escape(message)):
            table.plan(0, 5, **{name: value})


@pytest.mark.parametrize(("name", "value", "error", "message"), NEIGHBOR_PARAMETERS + THREAD_PARAMETERS)
def test_the_search_refuses_them_too(name: str, value: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        NeighborTable(ANOMALIES, **{name: value})
    if name == "n_neighbors" and not isinstance(value, float):
        with pytest.raises(error, match=re.escape(message)):
            kneighbors(ANOMALIES, X, value)
    if name == "n_threads":
        with pytest.raises(error, match=re.escape(message)):
            kneighbors(ANOMALIES, X, 3, n_threads=value)
        with pytest.raises(error, match=re.escape(message)):
            NeighborTable(X, n_threads=value)


def test_a_multiple_is_no_number_of_neighbors_for_the_search() -> None:
    with pytest.raises(TypeError, match=r"n_neighbors must be an integer, got 3\.0"):
        kneighbors(ANOMALIES, X, 3.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n_samples", "error", "message"),
    [
        (-1, ValueError, "n_samples must be at least 0, got -1"),
        (2.0, TypeError, "n_samples must be an integer, got 2.0"),
        (True, TypeError, "n_samples must be an integer, got True"),
        ("5", TypeError, "n_samples must be an integer, got '5'"),
        (
            10**12,
            MemoryError,
            "n_samples=1000000000000 rows of 3 columns need 22351.7 GiB, this machine ",
        ),
        (10**30, MemoryError, "make them in parts with NeighborTable.batches, or into a memory-mapped out"),
    ],
)
def test_absurd_amounts_are_refused(n_samples: Any, error: Any, message: str) -> None:
    for return_plan in (False, True):
        with pytest.raises(error, match=re.escape(message)):
            nng_mix(ANOMALIES, UNLABELED, n_samples, return_plan=return_plan)
    with pytest.raises(error, match=by_sampler(message)):
        NNGMix(n_samples=n_samples).fit_resample(X, Y)


def test_tables_refuse_absurd_amounts() -> None:
    table = NeighborTable(ANOMALIES).update(UNLABELED)
    with pytest.raises(MemoryError, match=r"n_samples=1000000000000 rows of 3 columns need 22351\.7 GiB"):
        table.rows(0, 10**12)
    with pytest.raises(MemoryError, match=r"the choices of n_samples=1000000000000 rows need 31665\.0 GiB"):
        table.plan(0, 10**12)
    with pytest.raises(ValueError, match=r"rows are numbered up to 2\*\*63 / n_features, got 10000000000"):
        table.rows(0, 10**30)
    with pytest.raises(ValueError, match=r"rows are numbered up to 2\*\*63 / n_features"):
        nng_mix(ANOMALIES, UNLABELED, 5, start=2**62)
    with pytest.raises(ValueError, match="stop must not be below start, got 5 and 4"):
        table.rows(5, 4)
    with pytest.raises(ValueError, match="start must be at least 0, got -1"):
        table.plan(-1, 4)
    with pytest.raises(TypeError, match=r"start must be an integer, got 1\.0"):
        nng_mix(ANOMALIES, UNLABELED, 5, start=1.0)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        table.batches(5, 0)


@pytest.mark.parametrize("n_neighbors", [41, 10**9, 10**30, 1e9])
def test_absurd_numbers_of_neighbors_are_clamped_with_one_warning(n_neighbors: float) -> None:
    expected = nng_mix(ANOMALIES, UNLABELED, 20, n_neighbors=40, random_state=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got, _ = nng_mix(ANOMALIES, UNLABELED, 20, n_neighbors=n_neighbors, random_state=0, return_plan=True)
    assert got.tobytes() == expected.tobytes()
    assert [warning.category for warning in caught] == [UserWarning]
    assert "is more than the 40 rows there are; taking all 40" in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="is more than the 40 rows there are; taking all 40") as record:
        NNGMix(n_samples=5, n_neighbors=n_neighbors).fit_resample(X, Y)
    assert len(record) == 1
    assert record[0].filename == __file__


def test_neighbors_that_are_not_used_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nng_mix(ANOMALIES, UNLABELED, 5, n_neighbors=10**9, unlabeled_fraction=0)
        nng_mix(ANOMALIES, None, 5, n_neighbors=10**9, unlabeled_fraction=0)
        NNGMix(n_samples=0, n_neighbors=10**9).fit_resample(X, Y)
        NeighborTable(ANOMALIES, 50).update(UNLABELED)


# ---- out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.empty((5, 4)), ValueError, "out must be float64 of shape (5, 3), got float64 of shape (5, 4)"),
        (np.empty((4, 3)), ValueError, "out must be float64 of shape (5, 3), got float64 of shape (4, 3)"),
        (np.empty(15), ValueError, "out must be float64 of shape (5, 3), got float64 of shape (15,)"),
        (
            np.empty((5, 3), np.float32),
            ValueError,
            "out must be float64 of shape (5, 3), got float32",
        ),
        (np.empty((5, 3), ">f8"), ValueError, "out must be float64 of shape (5, 3), got >f8 of shape (5, 3)"),
        (np.empty((5, 3), int), ValueError, "out must be float64 of shape (5, 3), got int64 of shape (5, 3)"),
        (read_only(), ValueError, "out must be writeable, got a read-only array"),
        (np.empty((5, 3), order="F"), ValueError, "out must be C-contiguous and aligned, got another"),
        (np.empty((10, 3))[::2], ValueError, "out must be C-contiguous and aligned, got another"),
        (np.empty((5, 6))[:, ::2], ValueError, "out must be C-contiguous and aligned, got another"),
        ([[0.0] * 3] * 5, TypeError, "out must be a NumPy array, got list"),
    ],
)
def test_out_that_cannot_take_the_rows_is_refused(out: Any, error: Any, message: str) -> None:
    table = NeighborTable(ANOMALIES).update(UNLABELED)
    with pytest.raises(error, match=re.escape(message)):
        nng_mix(ANOMALIES, UNLABELED, 5, out=out)
    with pytest.raises(error, match=re.escape(message)):
        table.rows(0, 5, out=out)
    with pytest.raises(error, match=re.escape(message)):
        table.mix(table.plan(0, 5), out=out)


# ---- labels and amounts of the sampler ---------------------------------------------------------------------


def labels(**changed: Any) -> np.ndarray:
    y = Y.astype(float)
    for row, value in changed.items():
        y[int(row[1:])] = value
    return y


DECLARE = "declare yours with anomaly_label and unlabeled_label"


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            labels(_7=-1),
            f"in one library and unlabelled or normal in another; {DECLARE}",
        ),
        (np.where(Y == 1, -1, 1), "y holds -1, which means anomaly"),
        (
            labels(_8=np.nan),
            "got no label at row 8 (1 row in all); mark unlabelled rows with",
        ),
        (np.array([None] * 46), "y must not be missing, got no label at row 0 (46 rows in all)"),
        (np.zeros(46), "y must hold labels of anomalies and of unlabelled rows, got 0.0 alone"),
        (np.ones(46), "y must hold labels of anomalies and of unlabelled rows, got 1.0 alone"),
        (
            1 - Y,
            "y holds 1, the anomaly, 40 times, and 0 or no label 6 times; if the anomalies are the many",
        ),
        (np.where(np.arange(46) < 23, "bad", "good"), "y holds 'bad' and 'good' equally often, 23 times"),
        (np.stack([Y, Y], axis=1), "y must be 1-D, one label a row, got shape (46, 2); choose one column"),
        (Y[:45], "X and y must have the same number of rows, got 46 rows in X and 45 labels in y"),
        (np.r_[Y, 0], "X and y must have the same number of rows, got 46 rows in X and 47 labels in y"),
    ],
)
def test_labels_that_are_unclear_are_refused(y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        NNGMix(n_samples=5).fit_resample(X, y)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        (
            {"sampling_strategy": 0.1, "n_samples": 5},
            ValueError,
            "give exactly one amount, got sampling_strategy, n_samples",
        ),
        ({"multiplier": 2, "n_samples": 5}, ValueError, "give exactly one amount, got multiplier, n_samples"),
        ({"sampling_strategy": 0.0}, ValueError, "sampling_strategy must be above 0, got 0.0"),
        ({"sampling_strategy": 0}, ValueError, "Got 0 instead; if it is a seed, say random_state=0"),
        ({"sampling_strategy": np.nan}, ValueError, "sampling_strategy must be finite, got nan"),
        ({"sampling_strategy": 10**400}, ValueError, "sampling_strategy must be a number that a float holds"),
        (
            {"sampling_strategy": 42},
            ValueError,
            "sampling_strategy must be at most 1, as many anomalies as unlabelled rows, got 42 instead; 42 "
            "would make 42 for each unlabelled row: give a multiplier of the anomalies, or a number of rows, "
            "for that many; if it is a seed, say random_state=42.",
        ),
        ({"sampling_strategy": 1.5}, ValueError, "sampling_strategy must be at most 1, as many anomalies"),
        ({"sampling_strategy": "most"}, ValueError, "sampling_strategy must be one of 'auto', 'minority'"),
        (
            {"sampling_strategy": [0.5]},
            TypeError,
            "sampling_strategy must be a number, the share of anomalies",
        ),
        (
            {"sampling_strategy": len},
            TypeError,
            "sampling_strategy must give a dict of labels and rows, got 46",
        ),
        (
            {"sampling_strategy": True},
            TypeError,
            "sampling_strategy must be a number, the share of anomalies",
        ),
        (
            {"multiplier": 1e308},
            ValueError,
            "multiplier=1e+308 makes inf rows of 6 labelled anomalies",
        ),
        (
            {"multiplier": 1e30},
            ValueError,
            "multiplier=1e+30 makes 6e+30 rows of 6 labelled",
        ),
        ({"multiplier": 1e12}, MemoryError, "n_samples=6000000000000 rows of 3 columns need "),
        ({"multiplier": -1}, ValueError, "multiplier must be at least 0, got -1"),
        ({"multiplier": np.inf}, ValueError, "multiplier must be finite, got inf"),
        ({"n_samples": -1}, ValueError, "n_samples must be at least 0, got -1"),
        ({"scale": "robust"}, ValueError, "scale must be 'minmax', 'standard' or None, got 'robust'"),
    ],
)
def test_amounts_and_scales_that_are_none_are_refused(parameters: Any, error: Any, message: str) -> None:
    parameters = {**({"n_samples": 5} if "scale" in parameters else {}), **parameters}
    with pytest.raises(error, match=by_sampler(message)):
        NNGMix(**parameters).fit_resample(X, Y)


def test_values_too_large_to_scale_are_refused() -> None:
    wide = np.where(np.arange(46)[:, None] % 2, X, -X) * 1e308 * 1.7
    with pytest.raises(ValueError, match="column 0 spans more than float64 can hold; rescale it first"):
        NNGMix(n_samples=5).fit_resample(wide, Y)
    with pytest.raises(ValueError, match="values must be below 1e150 to be standardised, got "):
        NNGMix(n_samples=5, scale="standard").fit_resample(wide, Y)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown parameter 'k', expected one of sampling_strategy, "):
        NNGMix().set_params(k=5)


# ---- tables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row_ids", "error", "message"),
    [
        (np.arange(39), ValueError, "row_ids must be one for each of the 40 rows, got shape (39,)"),
        (
            np.arange(40)[:, None],
            ValueError,
            "row_ids must be one for each of the 40 rows, got shape (40, ",
        ),
        (np.arange(40.0), TypeError, "row_ids must be integers, got dtype float64"),
        (["a"] * 40, TypeError, "row_ids must be integers, got dtype <U1"),
        (True, TypeError, "row_ids must be integers, got dtype bool"),
        (10**30, TypeError, "row_ids must be integers, got dtype object"),
        (-1, ValueError, "row_ids must be between 0 and 2**63 - 1"),
        (np.arange(-1, 39), ValueError, "row_ids must be between 0 and 2**63 - 1"),
        (2**63 - 40, ValueError, "row_ids must be between 0 and 2**63 - 1"),
        (np.full(40, 2**64 - 1, np.uint64), ValueError, "row_ids must be between 0 and 2**63 - 1"),
    ],
)
def test_row_ids_that_do_not_fit_are_refused(row_ids: Any, error: Any, message: str) -> None:
    table = NeighborTable(ANOMALIES)
    with pytest.raises(error, match=re.escape(message)):
        table.update(UNLABELED, row_ids=row_ids)
    assert table.n_seen == 0


@pytest.mark.parametrize("block", [UNLABELED, np.ones((4, 3), int), np.ones((4, 3), bool)])
def test_wide_rows_do_not_go_into_a_narrow_table(block: np.ndarray) -> None:
    table = NeighborTable(ANOMALIES.astype(np.float32))
    message = "X_unlabeled is float64 but the table is float32: convert the block with "
    with pytest.raises(TypeError, match=re.escape(message)):
        table.update(block)
    assert NeighborTable(ANOMALIES).update(UNLABELED.astype(np.float32)).dtype == np.float64


def state_of(table: NeighborTable) -> tuple[Any, ...]:
    arrays = table.squared_distances, table.row_ids, table.neighbor_rows
    return table.n_seen, table._numbered_itself, *(array.tobytes() for array in arrays)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_failed_update_changes_nothing(order: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch, 9)
    table = NeighborTable(ANOMALIES, 4).update(UNLABELED[:10], row_ids=0)
    before = state_of(table)
    bad = np.array(UNLABELED, order=order)
    bad[39, 1] = np.inf
    with pytest.raises(ValueError, match="X_unlabeled must be finite, got inf at row 39, column 1"):
        table.update(bad)
    assert state_of(table) == before
    with pytest.raises(ValueError, match="must have the 3 columns"):
        table.update(UNLABELED[:, :2])
    assert state_of(table) == before
    table.update(UNLABELED[10:], row_ids=10)
    assert state_of(table) == state_of(NeighborTable(ANOMALIES, 4).update(UNLABELED, row_ids=0))


@pytest.mark.parametrize(
    ("other", "error", "message"),
    [
        (NeighborTable(ANOMALIES + 1), ValueError, "only tables of the same anomalies, dtype and numbers of"),
        (
            NeighborTable(ANOMALIES, 9),
            ValueError,
            "got NeighborTable(n_anomalies=6, n_features=3, ",
        ),
        (NeighborTable(ANOMALIES, 10, 9), ValueError, "n_neighbors_anomaly=9, n_seen=0)"),
        (
            NeighborTable(ANOMALIES, scale=Scale(np.zeros(3), np.full(3, 2.0))),
            ValueError,
            "only tables of the same scale merge: fit it on all rows first",
        ),
        (NeighborTable(ANOMALIES.astype(np.float32)), ValueError, "dtype=float32"),
        (
            NeighborTable(ANOMALIES).update(UNLABELED[20:]),
            ValueError,
            "both tables numbered their rows themselves, from 0: the plan could not tell them apart; ",
        ),
        (ANOMALIES, TypeError, "other must be a NeighborTable, got ndarray"),
    ],
)
def test_tables_that_do_not_merge_are_refused(other: Any, error: Any, message: str) -> None:
    table = NeighborTable(ANOMALIES).update(UNLABELED[:20])
    before = state_of(table)
    with pytest.raises(error, match=re.escape(message)):
        table.merge(other)
    assert state_of(table) == before


def test_tables_with_ids_of_their_own_merge() -> None:
    table = NeighborTable(ANOMALIES).update(UNLABELED[:20])
    table.merge(NeighborTable(ANOMALIES).update(UNLABELED[20:], row_ids=20)).merge(NeighborTable(ANOMALIES))
    assert state_of(table) == state_of(NeighborTable(ANOMALIES).update(UNLABELED))


def test_a_plan_of_another_table_is_refused() -> None:
    table = NeighborTable(ANOMALIES).update(UNLABELED)
    small = NeighborTable(ANOMALIES[:2], 3).update(UNLABELED)
    drawn = table.plan(0, 50, random_state=0, unlabeled_fraction=1)
    with pytest.raises(ValueError, match="the plan is not one of this table"):
        small.mix(drawn)
    # Made by hand, it does not say whose it is: its numbers do.
    drawn = replace(drawn, table=None)
    with pytest.raises(ValueError, match=r"row \d+ of the plan: anchor must be below 2, got [2-5]"):
        small.mix(drawn)
    few = NeighborTable(ANOMALIES, 3).update(UNLABELED)
    with pytest.raises(ValueError, match=r"row \d+ of the plan: neighbor must be below 3, got [3-9]"):
        few.mix(drawn)


class Trap:
    """Fails the test if anything unpickles it."""

    def __reduce__(self) -> Any:
        return pytest.fail, ("unpickled",)


def wrong_files(folder: Path) -> dict[str, Path]:
    table = NeighborTable(ANOMALIES, 4).update(UNLABELED)
    table.save(folder / "good.npz")
    with np.load(folder / "good.npz") as file:
        fields = dict(file)
    names = [
        "garbage",
        "empty",
        "truncated",
        "pickle",
        "objects",
        "array",
        "csv",
        "field",
        "future",
        "shape",
    ]
    paths = {name: folder / f"{name}.npz" for name in names}
    good = (folder / "good.npz").read_bytes()
    paths["garbage"].write_bytes(b"\x00garbage" * 100)
    paths["empty"].write_bytes(b"")
    paths["truncated"].write_bytes(good[: len(good) // 2])
    paths["pickle"].write_bytes(pickle.dumps(Trap()))
    trapped = np.empty((6, 3), object)
    trapped[:] = Trap()
    np.savez(paths["objects"], **{**fields, "X_anomaly": trapped})
    with paths["array"].open("wb") as file:
        np.save(file, ANOMALIES)
    paths["csv"].write_text("a,b\n1,2\n")
    np.savez(paths["field"], **{k: v for k, v in fields.items() if k != "row_ids"})
    np.savez(paths["future"], **{**fields, "format": np.int64(99)})
    np.savez(paths["shape"], **{**fields, "neighbor_rows": fields["neighbor_rows"][:, :, :2]})
    return paths


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("garbage", ""),
        ("empty", ""),
        ("truncated", ""),
        ("pickle", "pickled"),
        ("objects", "allow_pickle=False"),
        ("array", ""),
        ("csv", ""),
        ("field", "row_ids"),
        ("future", "format 99, this version reads 1"),
        ("shape", r"neighbor_rows is float64 of shape \(6, 4, 2\)"),
    ],
)
def test_files_that_are_no_table_are_refused(kind: str, detail: str, tmp_path: Path) -> None:
    path = wrong_files(tmp_path)[kind]
    message = f"^{re.escape(str(path))} is not a table saved by NeighborTable.save: .*{detail}"
    with pytest.raises(ValueError, match=f"(?s){message}"):
        NeighborTable.load(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        NeighborTable.load(tmp_path / "nowhere.npz")


def test_a_table_that_cannot_be_saved_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.npz"
    table = NeighborTable(ANOMALIES).update(UNLABELED)
    table.save(path)
    before = path.read_bytes()

    def fail(file: Any, **fields: Any) -> None:
        file.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(KeyboardInterrupt):
        table.save(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.npz"]
    assert path.read_bytes() == before
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        table.save(tmp_path / "no_such_folder" / "table.npz")


# ---- what looks odd but is right ---------------------------------------------------------------------------


def test_edges_that_are_right() -> None:
    assert nng_mix(ANOMALIES, UNLABELED, 0).shape == (0, 3)
    assert nng_mix(ANOMALIES, UNLABELED, np.int64(3), n_neighbors=np.int32(2)).shape == (3, 3)
    assert nng_mix(ANOMALIES > 0.5, UNLABELED > 0.5, 3).dtype == np.float64
    assert nng_mix(ANOMALIES.astype(np.float16), UNLABELED.astype(np.float16), 3).dtype == np.float32
    assert nng_mix(np.full((2, 1), 2**53), np.full((20, 1), -(2**53)), 3).shape == (3, 1)
    assert NeighborTable(ANOMALIES).update(UNLABELED[:0]).n_seen == 0
    assert list(NeighborTable(ANOMALIES).update(UNLABELED).batches(0, 5)) == []
    # A multiple of the anomalies, as the published script's adjusted options have it.
    assert NeighborTable(ANOMALIES, 2.0, 0.5).n_neighbors == 12
    assert NeighborTable(ANOMALIES, 0.01, 0.5).n_neighbors == 1
    assert NeighborTable(ANOMALIES, 2.0, 0.5).n_neighbors_anomaly == 3
    assert nngmix.nng_mix(ANOMALIES, UNLABELED, 3, random_state=np.uint64(2**64 - 1)).shape == (3, 3)


def test_one_anomaly_and_one_neighbor_among_anomalies_give_jitter_alone() -> None:
    for anomalies, k in ((ANOMALIES[:1], 10), (ANOMALIES, 1)):
        rows, plan = nng_mix(
            anomalies,
            None,
            50,
            n_neighbors_anomaly=k,
            noise_std=0,
            unlabeled_fraction=0,
            return_plan=True,
            random_state=0,
        )
        assert (plan.partner == plan.anchor).all()
        np.testing.assert_allclose(rows, anomalies[plan.anchor], rtol=1e-15)


def test_one_neighbor_is_the_nearest_row() -> None:
    _, plan = nng_mix(
        ANOMALIES, UNLABELED, 50, n_neighbors=1, unlabeled_fraction=1, return_plan=True, random_state=0
    )
    nearest = kneighbors(ANOMALIES, UNLABELED, 1)[1][:, 0]
    assert (plan.partner == nearest[plan.anchor]).all()
