"""A neighbour score on disk: named arrays in an npz file with their checksum, nothing pickled."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngmix.detection.score_model import ScoreModel, Side
from nngmix.files.paths import check_input
from nngmix.files.replace import replacing
from nngmix.neighbors.saved import hashable
from nngmix.rows.kinds import Kinds
from nngmix.rows.scaling import Scale

__all__ = ["read_score", "write_score"]

# Since 2 columns may hold categories, and values may be missing.
_FORMAT = 2
_SIDES = ("unlabeled", "anomalies", "normals")
_NUMBERS = ("n_neighbors", "n_anomalies", "eps", "n_rows")


def write_score(path: str | os.PathLike[str], model: ScoreModel, about: Mapping[str, Any]) -> None:
    """Write a model, and whatever else JSON takes, beside its name, then rename it."""
    header = {
        "format": _FORMAT,
        "classes": list(model.classes),
        "names": model.names,
        **{name: getattr(model, name) for name in _NUMBERS},
        "about": dict(about),
    }
    kinds = model.anomalies.kinds
    if kinds is not None:
        header["columns"] = [kinds.to_json(), model.anomalies.categorical_weight]
    try:
        text = json.dumps(header, default=_as_python)
    except TypeError as error:
        raise ValueError(str(error)) from None
    arrays: dict[str, NDArray[Any]] = {"header": np.array(text), "kinds": model.kinds}
    for name in _SIDES:
        side: Side = getattr(model, name)
        arrays |= {f"{name}_rows": side.rows, f"{name}_ids": side.ids}
    if model.scale is not None:
        arrays |= {"offset": model.scale.offset, "width": model.scale.width, "constant": model.constant}
    arrays["sha256"] = np.array(_checksum(arrays))
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def _as_python(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(
        "a score is saved with labels and names of columns that are texts, numbers, booleans or None, got "
        f"{value!r} ({type(value).__name__})"
    )


def _checksum(arrays: Mapping[str, NDArray[Any]]) -> str:
    told = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        told.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        told.update(array.tobytes())
    return told.hexdigest()


def read_score(path: str | os.PathLike[str]) -> tuple[ScoreModel, dict[str, Any]]:
    """Read what `write_score` wrote; whatever is wrong with it names the file."""
    import zipfile

    check_input(os.fsdecode(path))
    try:
        if os.path.exists(path) and not zipfile.is_zipfile(path):
            raise ValueError("it is no npz file, or one that is cut short; nothing pickled is read")
        with np.load(path, allow_pickle=False) as file:
            return _checked({name: file[name] for name in file.files})
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{os.fspath(path)} is no saved neighbour score: {error}") from error


def _checked(arrays: dict[str, NDArray[Any]]) -> tuple[ScoreModel, dict[str, Any]]:
    if "header" not in arrays or "sha256" not in arrays:
        raise ValueError("it holds other arrays")
    header = json.loads(str(arrays["header"]))
    if header["format"] not in range(1, _FORMAT + 1):
        raise ValueError(f"format {header['format']}, this version reads 1 to {_FORMAT}")
    if str(arrays.pop("sha256")) != _checksum(arrays):
        raise ValueError("its checksum is another one: it is damaged")
    scale, constant = None, np.zeros(arrays["anomalies_rows"].shape[1], bool)
    if "width" in arrays:
        scale, constant = Scale(arrays["offset"], arrays["width"]), arrays["constant"]
    classes = np.array(header["classes"])
    if classes.tolist() != header["classes"]:
        classes = np.array(header["classes"], object)
    fields: dict[str, Any] = {name: header[name] for name in _NUMBERS}
    kinds, weight = header.get("columns", (None, 1.0))
    kinds = None if kinds is None else Kinds.from_json(kinds)
    fields |= {name: Side(arrays[f"{name}_rows"], arrays[f"{name}_ids"], kinds, weight) for name in _SIDES}
    model = ScoreModel(
        **fields,
        kinds=arrays["kinds"],
        classes=classes,
        names=None if header["names"] is None else tuple(map(hashable, header["names"])),
        scale=scale,
        constant=constant,
    )
    return model, header["about"]
