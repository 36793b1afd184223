from collections.abc import Sequence
from typing import Any, NotRequired, Protocol, TypedDict

from numpy import bool_, float32, float64, int64
from numpy.typing import NDArray

__all__ = [
    "STREAM_VERSION",
    "__version__",
    "available_threads",
    "cutmix",
    "cutout",
    "default_threads",
    "duplicate",
    "fill_normals",
    "first_not_finite",
    "gaussian_noise",
    "generate",
    "instruction_set",
    "interleave_columns",
    "keep_whole",
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
    "set_default_threads",
    "sum_columns",
    "take_rows",
    "unscale_rows",
    "update",
    "widen_ranges",
    "without_self",
]

__version__: str
STREAM_VERSION: int

_Column = NDArray[int64]
_Key = tuple[int, ...]

# Arguments are read by the names of their attributes; results are dicts that any such class takes by `**`.
# Sources may have a `mixed`, a `_Mixed` or None, and plans a `donor_is_anchor`, an array of bool or None:
# rows of mixed columns, whose NaN is a missing value, need both.

class _Mixed(Protocol):
    @property
    def categorical(self) -> NDArray[bool_]: ...
    @property
    def categorical_weight(self) -> float: ...

class _State(Protocol):
    @property
    def squared_distances(self) -> NDArray[float64]: ...
    @property
    def row_ids(self) -> NDArray[int64]: ...
    @property
    def neighbor_rows(self) -> NDArray[Any]: ...

class _StateFields(TypedDict):
    squared_distances: NDArray[float64]
    row_ids: NDArray[int64]
    neighbor_rows: NDArray[Any]

class _Finish(Protocol):
    @property
    def low(self) -> NDArray[Any]: ...
    @property
    def high(self) -> NDArray[Any]: ...
    @property
    def whole(self) -> NDArray[bool_]: ...
    @property
    def missing(self) -> bool: ...

class _Scale(Protocol):
    @property
    def offset(self) -> NDArray[Any]: ...
    @property
    def width(self) -> NDArray[Any]: ...
    @property
    def finish(self) -> _Finish | None: ...

class _Choices(Protocol):
    @property
    def n_anomalies(self) -> int: ...
    @property
    def n_neighbors(self) -> int: ...
    @property
    def n_others(self) -> int: ...
    @property
    def unlabeled_fraction(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    @property
    def beta(self) -> float: ...

class _Sources(Protocol):
    @property
    def anomalies(self) -> NDArray[Any]: ...
    @property
    def neighbor_rows(self) -> NDArray[Any]: ...
    @property
    def anomaly_neighbors(self) -> NDArray[int64]: ...
    @property
    def noise_std(self) -> float: ...

class _Plan(Protocol):
    @property
    def anchor(self) -> NDArray[int64]: ...
    @property
    def unlabeled(self) -> NDArray[bool_]: ...
    @property
    def neighbor(self) -> NDArray[int64]: ...
    @property
    def lam(self) -> NDArray[float64]: ...

class _PlanFields(TypedDict):
    anchor: NDArray[int64]
    unlabeled: NDArray[bool_]
    neighbor: NDArray[int64]
    lam: NDArray[float64]
    donor_is_anchor: NotRequired[NDArray[bool_]]

class _NoiseSources(Protocol):
    @property
    def anomalies(self) -> NDArray[Any]: ...
    @property
    def noise_std(self) -> float: ...

class _AllRows(Protocol):
    @property
    def anomalies(self) -> NDArray[Any]: ...
    @property
    def unlabeled(self) -> NDArray[Any]: ...

class _CutoutChoices(Protocol):
    @property
    def n_anomalies(self) -> int: ...
    @property
    def n_features(self) -> int: ...
    @property
    def min_width(self) -> float: ...
    @property
    def max_width(self) -> float: ...

class _CutoutPlan(Protocol):
    @property
    def anchor(self) -> NDArray[int64]: ...
    @property
    def begin(self) -> NDArray[int64]: ...
    @property
    def width(self) -> NDArray[int64]: ...

class _CutoutFields(TypedDict):
    anchor: NDArray[int64]
    begin: NDArray[int64]
    width: NDArray[int64]

class _CutMixChoices(Protocol):
    @property
    def n_anomalies(self) -> int: ...
    @property
    def n_rows(self) -> int: ...
    @property
    def n_features(self) -> int: ...
    @property
    def min_width(self) -> float: ...
    @property
    def max_width(self) -> float: ...

class _CutMixPlan(Protocol):
    @property
    def anchor(self) -> NDArray[int64]: ...
    @property
    def number(self) -> NDArray[int64]: ...
    @property
    def origin(self) -> NDArray[int64]: ...
    @property
    def begin(self) -> NDArray[int64]: ...
    @property
    def width(self) -> NDArray[int64]: ...

class _CutMixFields(TypedDict):
    anchor: NDArray[int64]
    number: NDArray[int64]
    origin: NDArray[int64]
    begin: NDArray[int64]
    width: NDArray[int64]

class _MixupChoices(Protocol):
    @property
    def n_anomalies(self) -> int: ...
    @property
    def n_rows(self) -> int: ...
    @property
    def alpha(self) -> float: ...
    @property
    def beta(self) -> float: ...

class _MixupPlan(Protocol):
    @property
    def anchor(self) -> NDArray[int64]: ...
    @property
    def number(self) -> NDArray[int64]: ...
    @property
    def lam(self) -> NDArray[float64]: ...

class _MixupFields(TypedDict):
    anchor: NDArray[int64]
    number: NDArray[int64]
    lam: NDArray[float64]
    donor_is_anchor: NotRequired[NDArray[bool_]]

def available_threads() -> int: ...
def default_threads() -> int: ...
def set_default_threads(n_threads: int) -> None: ...
def instruction_set() -> str: ...
def first_not_finite(array: NDArray[Any]) -> tuple[int, int] | None: ...
def kneighbors(
    queries: NDArray[Any],
    array: NDArray[Any],
    n_neighbors: int,
    n_threads: int | None,
    mixed: _Mixed | None = None,
) -> tuple[NDArray[float64], NDArray[int64]]: ...
def without_self(
    distances: NDArray[float64], positions: NDArray[int64]
) -> tuple[NDArray[float64], NDArray[int64]]: ...
def update(
    anomalies: NDArray[Any],
    state: _State,
    filled: int,
    array: NDArray[Any],
    ids: int | NDArray[int64],
    n_threads: int | None,
    mixed: _Mixed | None = None,
) -> _StateFields: ...
def merge(
    state: _State, filled: int, other: _State, other_filled: int, n_threads: int | None
) -> _StateFields: ...
def plan(
    key: _Key, start: int, n_samples: int, choices: _Choices, n_threads: int | None, donors: bool = False
) -> _PlanFields: ...
def mix(
    out: NDArray[Any], sources: _Sources, key: _Key, start: int, plan: _Plan, n_threads: int | None
) -> None: ...
def generate(
    out: NDArray[Any], sources: _Sources, key: _Key, start: int, choices: _Choices, n_threads: int | None
) -> None: ...
def fill_normals(key: _Key, start: int, out: NDArray[float32]) -> None: ...

# Rows, or columns of one dtype that lie by themselves.
_Values = NDArray[Any] | list[NDArray[Any]]

def sum_columns(
    array: _Values, sums: NDArray[int64], n_threads: int | None, counts: NDArray[int64] | None = None
) -> None: ...
def widen_ranges(
    array: _Values,
    minimum: NDArray[float64],
    maximum: NDArray[float64],
    n_threads: int | None,
    missing: bool = False,
) -> None: ...
def keep_whole(array: _Values, whole: NDArray[bool_], n_threads: int | None) -> None: ...
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
    key: _Key, start: int, n_samples: int, choices: _CutoutChoices, n_threads: int | None
) -> _CutoutFields: ...
def plan_cutmix(
    key: _Key,
    start: int,
    n_samples: int,
    choices: _CutMixChoices,
    n_threads: int | None,
    in_place: bool = False,
) -> _CutMixFields: ...
def plan_mixup(
    key: _Key,
    start: int,
    n_samples: int,
    choices: _MixupChoices,
    n_threads: int | None,
    donors: bool = False,
) -> _MixupFields: ...
def duplicate(
    out: NDArray[Any],
    anomalies: NDArray[Any],
    anchor: _Column,
    n_threads: int | None,
    missing: bool = False,
) -> None: ...
def gaussian_noise(
    out: NDArray[Any],
    sources: _NoiseSources,
    key: _Key,
    start: int,
    anchor: _Column,
    n_threads: int | None,
) -> None: ...
def cutout(
    out: NDArray[Any],
    anomalies: NDArray[Any],
    plan: _CutoutPlan,
    n_threads: int | None,
    mixed: _Mixed | None = None,
    missing: bool = False,
) -> None: ...
def cutmix(
    out: NDArray[Any],
    sources: _AllRows,
    plan: _CutMixPlan,
    n_threads: int | None,
) -> None: ...
def mixup(
    out: NDArray[Any],
    sources: _AllRows,
    plan: _MixupPlan,
    n_threads: int | None,
) -> None: ...
