"""Tables on disk: named arrays in an npz file, nothing pickled, every version read for ever."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nngmix.files.archive import read_arrays
from nngmix.files.replace import replacing
from nngmix.neighbors.state import State, empty_state
from nngmix.parameters.checks import LARGEST_ELEMENT, check_count, check_finite_number
from nngmix.rows.column_types import ColumnTypes, read_types, written_types
from nngmix.rows.finish import Finish
from nngmix.rows.kinds import Kinds
from nngmix.rows.rows import Names
from nngmix.rows.scaling import Scale, check_scale

__all__ = ["Saved", "hashable", "read_fields", "write_fields"]

# 1: the anomalies scaled alone. 2: also as they came, the names of the columns, and whether there is a scale.
# 3: as 2, but each name is JSON: names that are no texts or integers, tuples of a MultiIndex for instance.
# 4: as 3, and a digest of all other members: one that is gone, such as the scale, cannot go unseen.
# 5: as 4, and what the scale does to new rows, if it does anything; and as JSON what the columns hold, if not
# numbers alone: categories, whether values may be missing, and what a category that differs weighs.
# 6: as 5, and as JSON the types that the columns came in, as far as they are known.
_FORMAT = 6
_DIGESTED = 4
_FINISH = ("low", "high", "whole", "missing")
_SCALE = frozenset({"scale_offset", "scale_width"})
_ALWAYS = frozenset(
    {
        "format",
        "X_anomaly",
        "n_neighbors_anomaly",
        "n_seen",
        "numbered_itself",
        "squared_distances",
        "row_ids",
        "neighbor_rows",
    }
)


@dataclass(frozen=True, eq=False)
class Saved:
    """What a file holds."""

    X_anomaly: NDArray[Any]
    scaled_anomaly: NDArray[Any]
    scale: Scale | None
    kinds: Kinds | None
    types: ColumnTypes | None
    categorical_weight: float
    feature_names: Names | None
    n_neighbors_anomaly: int
    n_seen: int
    numbered_itself: bool
    state: State


def write_fields(
    path: str | os.PathLike[str],
    *,
    X_anomaly: NDArray[Any],
    scaled_anomaly: NDArray[Any],
    scale: Scale | None,
    kinds: Kinds | None,
    types: ColumnTypes | None,
    categorical_weight: float,
    feature_names: Names | None,
    n_neighbors_anomaly: int,
    n_seen: int,
    numbered_itself: bool,
    state: State,
) -> None:
    """Write a table beside its name, then rename it."""
    fields: dict[str, Any] = {
        "format": np.int64(_FORMAT),
        "X_anomaly": X_anomaly,
        "scaled": np.bool_(scale is not None),
        # More than there can be anomalies is as good as the largest number.
        "n_neighbors_anomaly": np.int64(min(n_neighbors_anomaly, LARGEST_ELEMENT)),
        "n_seen": np.int64(n_seen),
        "numbered_itself": np.bool_(numbered_itself),
        "squared_distances": state.squared_distances,
        "row_ids": state.row_ids,
        "neighbor_rows": state.neighbor_rows,
    }
    if scale is not None:
        fields |= {"scaled_anomaly": scaled_anomaly, "scale_offset": scale.offset, "scale_width": scale.width}
        if scale.finish is not None:
            fields |= {f"finish_{name}": np.asarray(getattr(scale.finish, name)) for name in _FINISH}
    if kinds is not None:
        fields["kinds"] = np.array(_json([kinds.to_json(), categorical_weight]))
    if types is not None:
        fields["types"] = np.array(_json(written_types(types)))
    if feature_names is not None:
        fields["feature_names"] = _written_names(feature_names)
    fields["sha256"] = np.array(_digest(fields))
    with replacing(path) as file:
        np.savez(file, **fields)


def _digest(fields: Mapping[str, Any]) -> str:
    """SHA-256 of the names, types, shapes and bytes of all arrays."""
    # Files of tables are rare, and the import of the package is not: as for JSON below.
    import hashlib

    digest = hashlib.sha256()
    for name in sorted(fields):
        array = np.asarray(fields[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _json(held: Any) -> str:
    import json

    return json.dumps(held)


def _read_kinds(fields: Mapping[str, Any], n_features: int) -> tuple[Kinds | None, float]:
    import json

    if "kinds" not in fields:
        return None, 1.0
    held, weight = json.loads(str(fields["kinds"]))
    kinds = Kinds.from_json(held)
    if len(kinds) != n_features:
        raise ValueError(f"kinds is of {len(kinds)} columns")
    return kinds, check_finite_number("categorical_weight", weight)


def _read_types(fields: Mapping[str, Any], n_features: int, kinds: Kinds | None) -> ColumnTypes | None:
    import json

    if "types" not in fields:
        return None
    types = read_types(json.loads(str(fields["types"])), n_features)
    for column, kind in enumerate(types):
        plain = kinds is None or kinds.categories[column] is None
        if plain and kind is not None and kind.codes is not None:
            raise ValueError(f"column {column} holds numbers, and its type is one of categories")
    return types


def _written_names(names: Names) -> NDArray[Any]:
    """The names as JSON, which comes back as it was or is refused."""
    import json

    plain = [name.item() if isinstance(name, np.generic) else name for name in names]
    try:
        texts = [json.dumps(name, default=_no_name) for name in plain]
        if tuple(map(_read_name, texts)) != tuple(plain):
            _no_name(next(name for name, text in zip(plain, texts, strict=True) if _read_name(text) != name))
    except TypeError as error:
        raise ValueError(f"{error}; set the table's feature_names to such names, or to None") from None
    return np.array(texts)


def _no_name(name: Any) -> NoReturn:
    raise TypeError(
        "a table is saved with names of columns that are texts, numbers, None or tuples of them, got "
        f"{name!r} ({type(name).__name__})"
    )


def _read_name(text: str) -> Any:
    import json

    return hashable(json.loads(text))


def _as_it_is(name: Any) -> Any:
    return name


def hashable(name: Any) -> Any:
    """A name out of JSON, which has lists for tuples."""
    return tuple(map(hashable, name)) if isinstance(name, list) else name


def read_fields(path: str | os.PathLike[str]) -> Saved:
    """Read what `write_fields` wrote; whatever is wrong with it names the file."""
    try:
        return _checked(read_arrays(path))
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{os.fspath(path)} is not a table saved by NeighborTable.save: {error}") from error


def _checked(fields: Mapping[str, Any]) -> Saved:
    if "format" not in fields:
        raise ValueError("it holds other arrays")
    version = int(fields["format"])
    if not 1 <= version <= _FORMAT:
        raise ValueError(f"format {version}, this version reads 1 to {_FORMAT}")
    has_scale = bool(fields["scaled"]) if version > 1 else not _SCALE.isdisjoint(fields)
    has_finish = version > 4 and any(f"finish_{name}" in fields for name in _FINISH)
    _check_members(fields.keys(), version, has_scale, has_finish)
    anomalies = scaled = fields["X_anomaly"]
    scale = None
    if has_scale:
        finish = _read_finish(fields) if has_finish else None
        scale = Scale(fields["scale_offset"], fields["scale_width"], finish)
        check_scale(scale, anomalies.shape[1], anomalies.dtype)
        if version == 1:
            anomalies = scale.inverse(scaled.copy())
        else:
            scaled = fields["scaled_anomaly"]
    if scaled.shape != anomalies.shape or scaled.dtype != anomalies.dtype:
        raise ValueError(f"scaled_anomaly is {scaled.dtype} of shape {scaled.shape}")
    state = State(fields["squared_distances"], fields["row_ids"], fields["neighbor_rows"])
    if state.row_ids.ndim != 2:
        raise ValueError(f"row_ids is {state.row_ids.dtype} of shape {state.row_ids.shape}")
    like = empty_state(scaled, int(state.row_ids.shape[1]))
    for name, expected in vars(like).items():
        array = getattr(state, name)
        if array.shape != expected.shape or array.dtype != expected.dtype:
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}")
    names = fields.get("feature_names")
    if names is not None and names.shape != (anomalies.shape[1],):
        raise ValueError(f"feature_names has shape {names.shape}")
    kinds, weight = _read_kinds(fields, anomalies.shape[1])
    read_name = _read_name if version > 2 else _as_it_is
    saved = Saved(
        anomalies,
        np.ascontiguousarray(scaled),
        scale,
        kinds,
        _read_types(fields, anomalies.shape[1], kinds),
        weight,
        None if names is None else tuple(map(read_name, names.tolist())),
        check_count("n_neighbors_anomaly", int(fields["n_neighbors_anomaly"]), minimum=1),
        check_count("n_seen", int(fields["n_seen"])),
        bool(fields["numbered_itself"]),
        state,
    )
    _check_content(saved)
    # After all that names one array, so that the error is the one that helps.
    rest = {name: array for name, array in fields.items() if name != "sha256"}
    if version >= _DIGESTED and str(fields["sha256"]) != _digest(rest):
        raise ValueError("its arrays are not those that were saved: the digest of all of them differs")
    return saved


def _check_content(saved: Saved) -> None:
    """ValueError for values that no table holds: formats before the digest have no other proof."""
    state, may_miss = saved.state, saved.kinds is not None and saved.kinds.missing
    arrays = {"X_anomaly": saved.X_anomaly, "scaled_anomaly": saved.scaled_anomaly}
    arrays["neighbor_rows"] = state.neighbor_rows
    for name, array in arrays.items():
        if np.isinf(array).any() or (np.isnan(array).any() and not may_miss):
            raise ValueError(f"{name} is not finite")
    if saved.scale is not None:
        offset, width = saved.scale.offset, saved.scale.width
        if not (np.isfinite(offset).all() and np.isfinite(width).all() and (width > 0).all()):
            raise ValueError("scale_offset and scale_width are no scale")
    n_filled = min(saved.n_seen, state.row_ids.shape[1])
    filled, free = np.split(state.row_ids, [n_filled], axis=1)
    if (filled < 0).any() or (free != -1).any():
        raise ValueError(f"row_ids are not those of {saved.n_seen} rows")
    if not (state.squared_distances[:, :n_filled] >= 0).all():
        raise ValueError("squared_distances are no distances")


def _read_finish(fields: Mapping[str, Any]) -> Finish:
    low, high, whole = (fields[f"finish_{name}"] for name in _FINISH[:3])
    if whole.dtype != np.bool_ or whole.shape != low.shape:
        raise ValueError(f"finish_whole is {whole.dtype} of shape {whole.shape}")
    return Finish(low, high, whole, bool(fields["finish_missing"]))


def _check_members(names: Collection[str], version: int, has_scale: bool, has_finish: bool) -> None:
    """ValueError for a member too few or too many: a scale that is lost would give rows in other units."""
    expected = set(_ALWAYS)
    if version > 1:
        expected.add("scaled")
    if version >= _DIGESTED:
        expected.add("sha256")
    if has_scale:
        expected |= _SCALE if version == 1 else {*_SCALE, "scaled_anomaly"}
    if has_finish:
        expected.update(f"finish_{name}" for name in _FINISH)
    optional = {"feature_names", *(["kinds"] if version > 4 else []), *(["types"] if version > 5 else [])}
    lacking, over = sorted(expected.difference(names)), sorted(set(names) - expected - optional)
    if lacking or over:
        raise ValueError(f"it lacks {', '.join(lacking)}" if lacking else f"it also holds {', '.join(over)}")
