"""Tables on disk: named arrays in an npz file, nothing pickled, every version read for ever."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nngmix.files.replace import replacing
from nngmix.neighbors.state import State, empty_state
from nngmix.parameters.checks import LARGEST_ELEMENT, check_count
from nngmix.rows.rows import Names
from nngmix.rows.scaling import Scale, check_scale

__all__ = ["Saved", "hashable", "read_fields", "write_fields"]

# 1: the anomalies scaled alone. 2: also as they came, the names of the columns, and whether there is a scale.
_FORMAT = 2
# 3: as 2, but each name is JSON: names that are no texts or integers, tuples of a MultiIndex for instance.
_FORMAT_JSON_NAMES = 3


@dataclass(frozen=True, eq=False)
class Saved:
    """What a file holds."""

    X_anomaly: NDArray[Any]
    scaled_anomaly: NDArray[Any]
    scale: Scale | None
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
    if feature_names is not None:
        fields |= _written_names(feature_names)
    with replacing(path) as file:
        np.savez(file, **fields)


def _written_names(names: Names) -> dict[str, Any]:
    """The names as NumPy has them, or as JSON, with the next format, where it would change them."""
    plain = [name.item() if isinstance(name, np.generic) else name for name in names]
    array = np.array(plain)
    if array.dtype.kind in "iU" and array.tolist() == plain:
        return {"feature_names": array}
    import json

    try:
        texts = [json.dumps(name, default=_no_name) for name in plain]
        if tuple(map(_read_name, texts)) != tuple(plain):
            _no_name(next(name for name, text in zip(plain, texts, strict=True) if _read_name(text) != name))
    except TypeError as error:
        raise ValueError(f"{error}; set the table's feature_names to such names, or to None") from None
    return {"format": np.int64(_FORMAT_JSON_NAMES), "feature_names": np.array(texts)}


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
    # Loading a table is rare, and the import of the package is not.
    import zipfile

    try:
        if os.path.exists(path) and not zipfile.is_zipfile(path):
            raise ValueError("it is no npz file, or one that is cut short; nothing pickled is read")
        with np.load(path, allow_pickle=False) as file:
            return _checked({name: file[name] for name in file.files})
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{os.fspath(path)} is not a table saved by NeighborTable.save: {error}") from error


def _checked(fields: Mapping[str, Any]) -> Saved:
    if "format" not in fields:
        raise ValueError("it holds other arrays")
    version = int(fields["format"])
    if version not in (1, _FORMAT, _FORMAT_JSON_NAMES):
        raise ValueError(f"format {version}, this version reads 1 to {_FORMAT_JSON_NAMES}")
    has_scale = bool(fields["scaled"]) if version > 1 else "scale_offset" in fields
    anomalies = scaled = fields["X_anomaly"]
    scale = None
    if has_scale:
        scale = Scale(fields["scale_offset"], fields["scale_width"])
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
    read_name = _read_name if version == _FORMAT_JSON_NAMES else _as_it_is
    return Saved(
        anomalies,
        np.ascontiguousarray(scaled),
        scale,
        None if names is None else tuple(map(read_name, names.tolist())),
        int(fields["n_neighbors_anomaly"]),
        check_count("n_seen", int(fields["n_seen"])),
        bool(fields["numbered_itself"]),
        State(*map(np.ascontiguousarray, vars(state).values())),
    )
