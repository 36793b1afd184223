from collections.abc import Sequence
from typing import Any

from numpy import bool_, float32, float64, int64
from numpy.typing import NDArray

__all__ = [
    "STREAM_VERSION",
    "__version__",
    "available_threads",
    "cutmix",
    "cutout",
    "duplicate",
    "fill_normals",
    "first_not_finite",
    "gaussian_noise",
    "generate",
    "interleave_columns",
    "kneighbors",
    "merge",
    "mix",
    "mixup",
    "plan",
    "plan_cutmix",
    "plan_cutout",
    "plan_duplicate",
    "plan_gaussian_noise",
    "plan_mixup",
    "sum_columns",
    "take_rows",
    "unscale_rows",
    "update",
    "widen_ranges",
]

__version__: str
STREAM_VERSION: int

_State = tuple[NDArray[float64], NDArray[int64], NDArray[Any]]
_Column = NDArray[int64]
_Key = tuple[int, ...]
_Choices = tuple[int, int, int, float, float, float]
_Sources = tuple[NDArray[Any], NDArray[Any], NDArray[int64], float]
_Scale = tuple[NDArray[Any], NDArray[Any]]
_Plan = tuple[NDArray[int64], NDArray[bool_], NDArray[int64], NDArray[float64]]

def available_threads() -> int: ...
def first_not_finite(array: NDArray[Any]) -> tuple[int, int] | None: ...
def kneighbors(
    queries: NDArray[Any], array: NDArray[Any], n_neighbors: int, n_threads: int | None
) -> tuple[NDArray[float64], NDArray[int64]]: ...
def update(
    anomalies: NDArray[Any],
    state: _State,
    filled: int,
    array: NDArray[Any],
    ids: int | NDArray[int64],
    n_threads: int | None,
) -> _State: ...
def merge(state: _State, filled: int, other: _State, other_filled: int) -> _State: ...
def plan(key: _Key, start: int, n_samples: int, choices: _Choices, n_threads: int | None) -> _Plan: ...
def mix(
    out: NDArray[Any], sources: _Sources, key: _Key, start: int, plan: _Plan, n_threads: int | None
) -> None: ...
def generate(
    out: NDArray[Any], sources: _Sources, key: _Key, start: int, choices: _Choices, n_threads: int | None
) -> None: ...
def fill_normals(key: _Key, start: int, out: NDArray[float32]) -> None: ...
def sum_columns(array: NDArray[Any], sums: NDArray[int64], n_threads: int | None) -> None: ...
def widen_ranges(
    array: NDArray[Any], minimum: NDArray[float64], maximum: NDArray[float64], n_threads: int | None
) -> None: ...
def interleave_columns(out: NDArray[Any], columns: Sequence[NDArray[Any]], n_threads: int | None) -> None: ...
def take_rows(
    out: NDArray[Any],
    array: NDArray[Any],
    chosen: NDArray[bool_] | None,
    scale: _Scale | None,
    n_threads: int | None,
) -> None: ...
def unscale_rows(array: NDArray[Any], scale: _Scale, n_threads: int | None) -> None: ...
def plan_duplicate(
    key: _Key, start: int, n_samples: int, n_anomalies: int, n_threads: int | None
) -> _Column: ...
def plan_gaussian_noise(
    key: _Key, start: int, n_samples: int, n_anomalies: int, n_threads: int | None
) -> _Column: ...
def plan_cutout(
    key: _Key, start: int, n_samples: int, choices: tuple[int, int, float, float], n_threads: int | None
) -> list[_Column]: ...
def plan_cutmix(
    key: _Key, start: int, n_samples: int, choices: tuple[int, int, int, float, float], n_threads: int | None
) -> list[_Column]: ...
def plan_mixup(
    key: _Key, start: int, n_samples: int, choices: tuple[int, int, float, float], n_threads: int | None
) -> tuple[_Column, _Column, NDArray[float64]]: ...
def duplicate(out: NDArray[Any], anomalies: NDArray[Any], anchor: _Column, n_threads: int | None) -> None: ...
def gaussian_noise(
    out: NDArray[Any],
    sources: tuple[NDArray[Any], float],
    key: _Key,
    start: int,
    anchor: _Column,
    n_threads: int | None,
) -> None: ...
def cutout(
    out: NDArray[Any],
    anomalies: NDArray[Any],
    plan: tuple[_Column, _Column, _Column],
    n_threads: int | None,
) -> None: ...
def cutmix(
    out: NDArray[Any],
    sources: tuple[NDArray[Any], NDArray[Any]],
    plan: tuple[_Column, _Column, _Column, _Column, _Column],
    n_threads: int | None,
) -> None: ...
def mixup(
    out: NDArray[Any],
    sources: tuple[NDArray[Any], NDArray[Any]],
    plan: tuple[_Column, _Column, NDArray[float64]],
    n_threads: int | None,
) -> None: ...
