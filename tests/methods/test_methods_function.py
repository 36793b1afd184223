"""The comparison methods refuse bad input with a message that says what is wrong, before any work."""

import re
import threading
import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import nngmix
from bad_matrices import ANOMALIES, REFUSED, UNLABELED, X, Y, bad_matrix, read_only
from comparison import METHODS
from containers import matrix
from nngmix import _core
from nngmix.rows import arrays
from nngmix.rows.frame import column_names
from parameter_errors import by_sampler
from small_blocks import small_blocks

ALL = pytest.mark.parametrize("name", METHODS)
FROM_ALL = pytest.mark.parametrize("function", [nngmix.mixup, nngmix.cutmix])
WINDOWED = ["cutout", "cutmix", "cutmix, all rows"]
MIXED = ["mixup", "mixup, all rows"]


@ALL
@pytest.mark.parametrize("kind", REFUSED)
def test_matrices_that_are_none_are_refused(name: str, kind: str) -> None:
    error, message = REFUSED[kind]
    method = METHODS[name]
    entrances = {"X_anomaly": lambda m: method(m, UNLABELED, 5)}
    if kind != "None" and name == "mixup, all rows":
        entrances["X_unlabeled"] = lambda m: method(ANOMALIES, m, 5)
    for argument, call in entrances.items():
        with pytest.raises(error, match=re.escape(message.format(name=argument, n=len(ANOMALIES)))):
            call(bad_matrix(ANOMALIES, kind))
    with pytest.raises(error, match=re.escape(message.format(name="X", n=len(X)))):
        method.sampler(n_samples=5, **method.parameters).fit_resample(bad_matrix(X, kind), Y)


@ALL
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("order", ["C", "F"])
def test_the_first_value_that_is_not_finite_is_named(
    name: str, value: float, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch, 6)
    method = METHODS[name]

    def wrong(like: np.ndarray) -> np.ndarray:
        matrix = np.array(like, order=order)
        matrix[4, 2] = value
        matrix[5, 0] = np.nan
        return matrix

    message = (
        "{} must be finite, got "
        + f"{value} at row 4, column 2; drop or impute such rows with NaN or infinity"
    )
    with pytest.raises(ValueError, match=re.escape(message.format("X_anomaly"))):
        method(wrong(ANOMALIES), UNLABELED, 5)
    with pytest.raises(ValueError, match=re.escape(message.format("X"))):
        method.sampler(n_samples=5, **method.parameters).fit_resample(wrong(X), Y)
    if "all" in name:
        out = np.full((5, 3), 7.0)
        with pytest.raises(ValueError, match=re.escape(message.format("X_unlabeled"))):
            method(ANOMALIES, wrong(UNLABELED), 5, out=out)
        assert (out == 7).all()


@ALL
def test_shapes_that_do_not_fit_are_refused(name: str) -> None:
    method = METHODS[name]
    with pytest.raises(ValueError, match="X_anomaly must have at least one row, got none"):
        method(ANOMALIES[:0], UNLABELED, 5)
    if method.has_partners:
        with pytest.raises(ValueError, match="X_unlabeled must have the 3 columns of X_anomaly, got 2"):
            method(ANOMALIES, UNLABELED[:, :2], 5)


@FROM_ALL
def test_partners_that_are_not_there_are_refused(function: Any) -> None:
    message = "X_unlabeled has no rows: pass some, or set partners='anomaly'"
    for unlabeled in (None, UNLABELED[:0]):
        with pytest.raises(ValueError, match=re.escape(message)):
            function(ANOMALIES, unlabeled, 5, partners="all")
        assert function(ANOMALIES, unlabeled, 5).shape == (5, 3)
    for wrong in ("unlabeled", None, True, 0):
        message = f"partners must be 'anomaly' or 'all', got {wrong!r}"
        with pytest.raises(ValueError, match=re.escape(message)):
            function(ANOMALIES, UNLABELED, 5, partners=wrong)
        sampler = {"mixup": nngmix.Mixup, "cutmix": nngmix.CutMix}[function.__name__]
        with pytest.raises(ValueError, match=by_sampler(message, sampler.__name__)):
            sampler(n_samples=5, partners=wrong).fit_resample(X, Y)


WIDTHS = "width must be a share of the columns, 0 <= min_width <= max_width <= 1, got min_width="


@pytest.mark.parametrize(
    ("names", "parameters", "error", "message"),
    [
        (MIXED, {"alpha": 0}, ValueError, "alpha must be above 0 and at most 1e6, got 0.0"),
        (MIXED, {"beta": 2e6}, ValueError, "beta must be above 0 and at most 1e6, got 2000000.0"),
        (MIXED, {"alpha": np.nan}, ValueError, "alpha must be finite, got nan"),
        (MIXED, {"beta": "1"}, TypeError, "beta must be a number, got '1'"),
        (WINDOWED, {"min_width": -0.1}, ValueError, f"min_{WIDTHS}-0.1 and max_width="),
        (WINDOWED, {"max_width": 1.1}, ValueError, f"max_{WIDTHS}"),
        (WINDOWED, {"min_width": 0.5, "max_width": 0.4}, ValueError, f"max_{WIDTHS}0.5 and max_width=0.4"),
        (WINDOWED, {"max_width": np.inf}, ValueError, "max_width must be finite, got inf"),
        (WINDOWED, {"min_width": True}, TypeError, "min_width must be a number, got True"),
        (["gaussian_noise"], {"noise_std": -1}, ValueError, "noise_std must be at least 0, got -1.0"),
        (["gaussian_noise"], {"noise_std": np.nan}, ValueError, "noise_std must be finite, got nan"),
        (["gaussian_noise"], {"noise_std": None}, TypeError, "noise_std must be a number, got None"),
        (METHODS, {"n_threads": 0}, ValueError, "n_threads must be at least 1, got 0"),
        (METHODS, {"n_threads": 1.5}, TypeError, "n_threads must be an integer, got 1.5"),
        (METHODS, {"random_state": -1}, ValueError, "random_state must be at least 0, got -1"),
        (METHODS, {"random_state": "seed"}, TypeError, "random_state must be None, an int, a numpy"),
    ],
)
def test_parameters_out_of_range_are_refused(names: Any, parameters: Any, error: Any, message: str) -> None:
    for name in names:
        method = METHODS[name]
        with pytest.raises(error, match=re.escape(message)):
            method(ANOMALIES, UNLABELED, 5, **parameters)
        with pytest.raises(error, match=by_sampler(message, method.sampler.__name__)):
            method.sampler(n_samples=5, **{**method.parameters, **parameters}).fit_resample(X, Y)


@ALL
@pytest.mark.parametrize(
    ("n_samples", "error", "message"),
    [
        (-1, ValueError, "n_samples must be at least 0, got -1"),
        (2.0, TypeError, "n_samples must be an integer, got 2.0"),
        (True, TypeError, "n_samples must be an integer, got True"),
        (10**12, MemoryError, "n_samples=1000000000000 rows of 3 columns need 22351.7 GiB, this machine "),
        (10**15, MemoryError, "; make them in parts with "),
    ],
)
def test_absurd_amounts_are_refused(name: str, n_samples: Any, error: Any, message: str) -> None:
    method = METHODS[name]
    for return_plan in (False, True):
        with pytest.raises(error, match=re.escape(message)):
            method(ANOMALIES, UNLABELED, n_samples, return_plan=return_plan)
    with pytest.raises(error, match=by_sampler(message, method.sampler.__name__)):
        method.sampler(n_samples=n_samples, **method.parameters).fit_resample(X, Y)


@ALL
def test_a_plan_too_large_to_keep_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine of a megabyte the rows still fit, their choices do not."""
    monkeypatch.setattr(arrays.os, "sysconf", lambda key: 1 << 10)
    narrow = ANOMALIES[:, :1].astype(np.float32), UNLABELED[:, :1].astype(np.float32)
    message = (
        "the choices of n_samples=100000 rows need 0.0 GiB, this machine has 0.0 GiB; make them in parts"
    )
    with pytest.raises(MemoryError, match=re.escape(message)):
        METHODS[name](*narrow, 100_000, return_plan=True)
    assert METHODS[name](*narrow, 100_000).shape == (100_000, 1)


@ALL
def test_absurd_starts_are_refused(name: str) -> None:
    method = METHODS[name]
    with pytest.raises(ValueError, match=r"rows are numbered up to 2\*\*63 / n_features, got "):
        method(ANOMALIES, UNLABELED, 5, start=2**62)
    with pytest.raises(ValueError, match="start must be at least 0, got -1"):
        method(ANOMALIES, UNLABELED, 5, start=-1)
    with pytest.raises(TypeError, match=r"start must be an integer, got 1\.0"):
        method(ANOMALIES, UNLABELED, 5, start=1.0)


@ALL
@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.empty((5, 4)), ValueError, "out must be float64 of shape (5, 3), got float64 of shape (5, 4)"),
        (np.empty((5, 3), np.float32), ValueError, "out must be float64 of shape (5, 3), got float32"),
        (read_only(), ValueError, "out must be writeable, got a read-only array"),
        (np.empty((5, 3), order="F"), ValueError, "out must be C-contiguous and aligned, got another"),
        ([[0.0] * 3] * 5, TypeError, "out must be a NumPy array, got list"),
    ],
)
def test_out_that_cannot_take_the_rows_is_refused(name: str, out: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        METHODS[name](ANOMALIES, UNLABELED, 5, out=out)


@ALL
def test_labels_amounts_and_scales_that_are_unclear_are_refused(name: str) -> None:
    method = METHODS[name]

    def fit(y: Any = Y, **parameters: Any) -> None:
        method.sampler(**{**method.parameters, **(parameters or {"n_samples": 5})}).fit_resample(X, y)

    with pytest.raises(ValueError, match="y holds -1, which means anomaly in one library"):
        fit(np.where(Y == 1, -1, 0))
    with pytest.raises(ValueError, match="y must hold labels of anomalies and of unlabelled rows, got 0"):
        fit(np.zeros(46))
    with pytest.raises(ValueError, match="got 46 rows in X and 45 labels in y"):
        fit(Y[:45])
    with pytest.raises(ValueError, match="give exactly one amount, got sampling_strategy, n_samples"):
        fit(sampling_strategy=0.1, n_samples=5)
    if name != "duplicate":
        with pytest.raises(ValueError, match=r"must be 'minmax', 'standard' or None\. Got 'robust'"):
            fit(n_samples=5, scale="robust")
    with pytest.warns(UserWarning, match="are already at least 10.0% of the 40 unlabelled rows") as record:
        fit(sampling_strategy=0.1)
    assert [warning.filename for warning in record] == [__file__]


@ALL
def test_edges_that_are_right(name: str) -> None:
    method = METHODS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert method(ANOMALIES, UNLABELED, 0).shape == (0, 3)
        rows, plan = method(ANOMALIES, UNLABELED, 0, return_plan=True)
        assert (rows.shape, len(plan)) == ((0, 3), 0)
        assert method(ANOMALIES, UNLABELED, np.int64(3), random_state=np.uint64(2**64 - 1)).shape == (3, 3)
        assert method(ANOMALIES > 0.5, UNLABELED > 0.5, 3).dtype == np.float64
        assert method(np.full((2, 1), 2**53), np.full((20, 1), -(2**53)), 3).shape == (3, 1)


@pytest.mark.parametrize(
    ("column", "value", "bound"),
    [
        ("anchor", 6, 6),
        ("anchor", -1, 6),
        ("partner", 46, 46),
        ("begin", 3, 3),
        ("origin", 3, 3),
        ("width", 4, 4),
    ],
)
def test_kernels_refuse_plans_that_point_outside(column: str, value: int, bound: int) -> None:
    names = ("anchor", "partner", "origin", "begin", "width")
    columns = {name: np.array([0, 1 if name == "width" else 0]) for name in names}
    columns[column][1] = value
    message = f"row 1 of the plan: {column} must be below {bound}, got {value}"
    anchor, partner = columns["anchor"], columns.pop("partner")
    plan = SimpleNamespace(**columns, number=partner)
    rows = SimpleNamespace(anomalies=ANOMALIES, unlabeled=UNLABELED)
    with pytest.raises(ValueError, match=re.escape(message)):
        _core.cutmix(np.empty((2, 3)), rows, plan, 1)
    if column == "partner":
        plan = SimpleNamespace(anchor=anchor, number=partner, lam=np.ones(2))
        with pytest.raises(ValueError, match=re.escape(message)):
            _core.mixup(np.empty((2, 3)), rows, plan, 1)
    if column == "anchor":
        with pytest.raises(ValueError, match=re.escape(message)):
            _core.duplicate(np.empty((2, 3)), ANOMALIES, anchor, 1)
        sources = SimpleNamespace(anomalies=ANOMALIES, noise_std=0.1)
        with pytest.raises(ValueError, match=re.escape(message)):
            _core.gaussian_noise(np.empty((2, 3)), sources, (0,) * 8, 0, anchor, 1)


# ---- columns by name ---------------------------------------------------------------------------------------

ENTRANCES = {
    "nng_mix": lambda a, u: matrix(nngmix.nng_mix(a, u, 9, random_state=0)),
    "nng_mix, no search": lambda a, u: matrix(nngmix.nng_mix(a, u, 9, unlabeled_fraction=0, random_state=0)),
    "mixup": lambda a, u: matrix(nngmix.mixup(a, u, 9, partners="all", random_state=0)),
    "mixup, not read": lambda a, u: matrix(nngmix.mixup(a, u, 9, random_state=0)),
    "cutmix": lambda a, u: matrix(nngmix.cutmix(a, u, 9, partners="all", random_state=0)),
    "kneighbors": lambda a, u: nngmix.kneighbors(a, u, 3)[1],
}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_columns_are_matched_by_name_where_both_sides_have_names(entrance: str, make: Any) -> None:
    call = ENTRANCES[entrance]
    expected = call(ANOMALIES, UNLABELED)
    rare = make({name: ANOMALIES[:, i] for i, name in enumerate("abc")})
    turned = make({name: UNLABELED[:, "abc".index(name)] for name in "cab"})
    for anomalies, unlabeled in ((rare, turned), (rare, UNLABELED), (ANOMALIES, UNLABELED)):
        assert call(anomalies, unlabeled).tobytes() == expected.tobytes()
    lacking = make(dict.fromkeys("abd", UNLABELED[:, 0]))
    with pytest.raises(ValueError, match=r"must have the columns of X_.*, but it lacks 'c' and has 'd'"):
        call(rare, lacking)
    with pytest.raises(ValueError, match=r"must have the 3 columns of X_.*, got 2"):
        call(rare, UNLABELED[:, :2])


@ALL
def test_frames_of_float16_give_float32(name: str) -> None:
    narrow = [rows.astype(np.float16) for rows in (ANOMALIES, UNLABELED)]
    expected = METHODS[name](*(rows.astype(np.float32) for rows in narrow), 9, random_state=0)
    frames = [pd.DataFrame({str(i): rows[:, i] for i in range(3)}) for rows in narrow]
    for given in (narrow, frames):
        got = METHODS[name](*given, 9, random_state=0)
        assert matrix(got).dtype == np.float32
        assert matrix(got).tobytes() == expected.tobytes()


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
@ALL
def test_rows_come_back_as_the_anomalies_came(name: str, make: Any) -> None:
    method = METHODS[name]
    rare = make({name: ANOMALIES[:, i] for i, name in enumerate("abc")})
    expected, plan = method(ANOMALIES, UNLABELED, 9, random_state=0, return_plan=True)
    got, its_plan = method(rare, UNLABELED, 9, random_state=0, return_plan=True)
    assert type(got) is type(rare)
    assert column_names("got", got) == ("a", "b", "c")
    assert matrix(got).tobytes() == expected.tobytes()
    assert (its_plan.anchor == plan.anchor).all()
    out = np.empty((9, 3))
    assert method(rare, UNLABELED, 9, random_state=0, out=out) is out
    assert out.tobytes() == expected.tobytes()
    assert isinstance(method(ANOMALIES.tolist(), UNLABELED, 9, random_state=0), np.ndarray)


@ALL
@pytest.mark.parametrize("frame", [False, True])
def test_out_is_no_memory_that_rows_are_made_from(name: str, frame: bool) -> None:
    rows = np.random.default_rng(0).random((20, 3))
    sources = {"X_anomaly": (rows, UNLABELED)}
    if "all rows" in name:
        sources["X_unlabeled"] = (rows[:5].copy(), rows)
    for argument, (anomalies, unlabeled) in sources.items():
        given = pd.DataFrame(anomalies, copy=False) if frame else anomalies
        with pytest.raises(ValueError, match=f"out shares memory with {argument}"):
            METHODS[name](given, unlabeled, 20, out=rows)


def test_one_out_for_two_calls_at_once_is_refused() -> None:
    out = np.empty((400_000, 8))
    refused: list[BaseException] = []
    begin = threading.Barrier(2)

    def make() -> None:
        begin.wait()
        for _ in range(20):
            try:
                nngmix.gaussian_noise(np.ones((3, 8)), len(out), out=out)
            except ValueError as error:
                refused.append(error)

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused
    assert all("by another thread" in str(error) for error in refused)


@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame])
def test_frames_of_one_column(made: Any) -> None:
    frame = made({"a": np.arange(9.0)})
    assert nngmix.nng_mix(frame[:3], frame[3:], 5, random_state=0).shape == (5, 1)
