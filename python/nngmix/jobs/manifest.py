"""The manifest of an output folder: what was asked, read and written, and how far a run came.

It holds no times, so that a resumed run leaves the same bytes as one that was never stopped.
"""

import contextlib
import hashlib
import json
import os
import secrets
from typing import Any

import numpy as np

from nngmix import _core
from nngmix.files.replace import replacing, writing
from nngmix.jobs.job import Job

__all__ = ["MANIFEST", "Manifest", "checksum"]

# Readers of a folder of Parquet files pass by names that begin with an underscore.
MANIFEST = "_manifest.json"
# 1: one label of anomalies, no choice of columns. 2: the parameters of several labels, columns and CSV.
_FORMAT = 2
# What every manifest holds from its beginning.
_NAMES = ("status", "versions", "parameters", "seed", "inputs", "anomalies", "files")


class Manifest:
    """The content of ``_manifest.json``; every change is on disk before `save` returns."""

    def __init__(self, folder: str, content: dict[str, Any]) -> None:
        self.folder = folder
        self.content = content

    def __getitem__(self, name: str) -> Any:
        return self.content[name]

    def update(self, **content: Any) -> None:
        self.content.update(content)
        self.save()

    def save(self) -> None:
        path = self.path(MANIFEST)
        with writing(path), replacing(path) as file:
            file.write(json.dumps(self.content, indent=1).encode() + b"\n")

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    @classmethod
    def begin(cls, job: Job, files: list[str], resume: bool) -> "Manifest":
        """That of the run to be resumed if there is one, else a new one in a new or empty folder."""
        try:
            os.makedirs(job.output, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise NotADirectoryError(
                f"{job.output}: is no folder, but a file or beneath one; name a new or an empty folder"
            ) from error
        there = [name for name in os.listdir(job.output) if not name.endswith(".part")]
        fresh = {
            "format": _FORMAT,
            "status": "searching",
            "versions": _versions(),
            "parameters": job.parameters(),
            "seed": secrets.randbits(63) if job.seed is None else job.seed,
            "inputs": [_described(path) for path in files],
            "anomalies": None if job.anomalies is None else _described(job.anomalies),
            "files": [],
        }
        if MANIFEST not in there:
            if there:
                raise FileExistsError(
                    f"{job.output}: is not empty and holds no run of nngmix; name a new or an empty folder"
                )
            manifest = cls(job.output, fresh)
            manifest.save()
            return manifest
        manifest = cls(job.output, _read(os.path.join(job.output, MANIFEST)))
        if manifest["status"] == "searching":
            # Nothing is made yet that could be lost.
            if resume and job.seed is None:
                fresh["seed"] = manifest["seed"]
            manifest.content = fresh
            manifest.save()
        elif not resume:
            raise FileExistsError(
                f"{job.output}: holds a run of nngmix already; go on with it by --resume, or name "
                "another folder"
            )
        manifest._check_same(fresh, job.seed)
        for name in os.listdir(job.output):
            # What a killed run was writing.
            if name.startswith(".") and name.endswith(".part"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(job.output, name))
        return manifest

    def _check_same(self, fresh: dict[str, Any], seed: int | None) -> None:
        """ValueError unless this run would make what the interrupted one did."""
        differ = [
            f"{name} was {self['parameters'].get(name)!r} and is {value!r}"
            for name, value in fresh["parameters"].items()
            if self["parameters"].get(name) != value
        ]
        if seed is not None and seed != self["seed"]:
            differ.append(f"the seed was {self['seed']} and is {seed}")
        # Other versions of Arrow write other bytes for the same rows.
        differ += [
            f"{name} was version {self['versions'].get(name)} and is {version}"
            for name, version in fresh["versions"].items()
            if self["versions"].get(name) != version
        ]
        for what in ("inputs", "anomalies"):
            before, now = _as_list(self[what]), _as_list(fresh[what])
            if before != now:
                changed = [item["path"] for item in now if item not in before]
                gone = [item["path"] for item in before if item not in now]
                differ.append(f"{what} changed: {', '.join((changed or gone)[:3])}")
        if differ:
            raise ValueError(
                f"{self.folder}: cannot be resumed, for {'; '.join(differ)}; use the same options and "
                "inputs, or name another folder"
            )


def _as_list(described: Any) -> list[Any]:
    """The descriptions of no file, one, or several."""
    return described if isinstance(described, list) else [] if described is None else [described]


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            content: dict[str, Any] = json.load(file)
        found = int(content["format"])
        if found == _FORMAT:
            for name in _NAMES:
                content[name]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: is not a manifest of nngmix: {error}") from error
    if found != _FORMAT:
        other = "an older" if found < _FORMAT else "a newer"
        raise ValueError(
            f"{path}: is of format {found}, that of {other} version of nngmix, and this one goes on with "
            f"format {_FORMAT} alone: finish the run with the version that began it, or name another folder"
        )
    return content


def _described(path: str) -> dict[str, Any]:
    try:
        about = os.stat(path)
    except OSError:
        # A broken link, say, which is told of when its turn comes to be read.
        return {"path": path, "bytes": None, "modified_ns": None}
    return {"path": path, "bytes": about.st_size, "modified_ns": about.st_mtime_ns}


def _versions() -> dict[str, Any]:
    import pyarrow

    return {
        "nngmix": _core.__version__,
        "stream": _core.STREAM_VERSION,
        "numpy": np.__version__,
        "pyarrow": pyarrow.__version__,
    }


def checksum(path: str) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
