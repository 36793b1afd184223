"""The manifest of an output folder: what was asked, read and written, and how far a run came.

It holds no times, so that a resumed run leaves the same bytes as one that was never stopped.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from nngmix import _core
from nngmix.files.identity import Identity
from nngmix.files.owner import LOCK
from nngmix.files.replace import replacing, writing
from nngmix.jobs.job import Job
from nngmix.jobs.journal import Journal
from nngmix.jobs.manifest_content import FORMAT, OLD_FORMATS, check_content, check_format, digest

__all__ = ["MANIFEST", "Manifest", "checksum"]

# Readers of a folder of Parquet files pass by names that begin with an underscore.
MANIFEST = "_manifest.json"
_JOURNAL = "_files.log"
# What a killed run was writing.
_LEFTOVER = re.compile(
    r"\.(_manifest\.json|_table\.npz|_(anomalies|ids|like)\.arrow|(part|old)-\d+\.parquet)\.\w+\.part"
)


class Manifest:
    """The content of ``_manifest.json``; every change is on disk before `save` returns.

    Files of new rows are noted in a journal beside it, a line each, until the next change: a manifest that
    was written whole for each of them would take a time that grows with their square.
    """

    def __init__(self, folder: str, content: dict[str, Any]) -> None:
        self.folder = folder
        self.content = content
        self._journal = Journal(self.path(_JOURNAL))

    def __getitem__(self, name: str) -> Any:
        return self.content[name]

    def update(self, **content: Any) -> None:
        self.content.update(content)
        self.save()

    def save(self) -> None:
        path = self.path(MANIFEST)
        with writing(path), replacing(path) as file:
            whole = self.content | {"sha256": digest(self.content)}
            file.write(json.dumps(whole, indent=1).encode() + b"\n")
        self._journal.remove()

    def record(self, made: dict[str, Any]) -> None:
        """Note a file that is whole; `update` gathers what was noted."""
        self._journal.append(made)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def whole_files(self) -> dict[str, Any]:
        """The files that are there as they were written; others are made again."""
        noted = [*self["files"], *self._journal.lines()]
        return {item["name"]: item for item in noted if _is_whole(self.folder, item)}

    def saved(self, name: str) -> str:
        """The path of what the search saved under a name, unchanged."""
        item = next((item for item in self["state"] if item["name"] == name), None)
        if item is None or not _is_whole(self.folder, item):
            raise ValueError(
                f"{self.path(name)}: is missing or not as this run saved it; start again in another folder"
            )
        return self.path(name)

    def describe(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """What `saved` compares."""
        return [
            {"name": name, "bytes": os.path.getsize(path), "sha256": checksum(path)}
            for name, path in ((name, self.path(name)) for name in names)
        ]

    @classmethod
    def begin(
        cls, job: Job, inputs: Sequence[Identity], resume: bool, anomalies: Identity | None = None
    ) -> "Manifest":
        """That of the run to be resumed if there is one, else a new one in an empty folder."""
        there = [name for name in os.listdir(job.output) if name != LOCK and not _LEFTOVER.fullmatch(name)]
        fresh = {
            "format": FORMAT,
            "status": "searching",
            "versions": _versions(),
            "parameters": job.parameters(),
            "seed": secrets.randbits(63) if job.seed is None else job.seed,
            "inputs": [asdict(identity) for identity in inputs],
            "anomalies": None if anomalies is None else asdict(anomalies),
            "files": [],
        }
        if MANIFEST not in there:
            if there:
                raise FileExistsError(
                    f"{job.output}: is not empty and holds no run of nngmix; name a new or an empty folder"
                )
            manifest = cls(job.output, fresh)
            manifest._clean()
            manifest.save()
            return manifest
        manifest = cls(job.output, _read(os.path.join(job.output, MANIFEST)))
        if manifest["status"] == "searching" and not manifest["files"]:
            # Nothing is made yet that could be lost.
            if resume and job.seed is None:
                fresh["seed"] = manifest["seed"]
            manifest.content = fresh
            manifest._clean()
            manifest.save()
            return manifest
        if not resume:
            raise FileExistsError(
                f"{job.output}: holds a run of nngmix already; go on with it by --resume, or name "
                "another folder"
            )
        manifest._check_same(fresh, job.seed)
        manifest._clean()
        if manifest["format"] in OLD_FORMATS:
            # What its search saved tells less: that is done again, and whole files stay.
            kept = {name: manifest[name] for name in ("seed", "files")}
            manifest.content = fresh | kept
            manifest.save()
        return manifest

    def _clean(self) -> None:
        for name in os.listdir(self.folder):
            if _LEFTOVER.fullmatch(name):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.path(name))
        if self["status"] != "making":
            self._journal.remove()

    def _check_same(self, fresh: dict[str, Any], seed: int | None) -> None:
        """ValueError unless this run would make what the interrupted one did."""
        # What is compared has gone through JSON on one side.
        fresh = json.loads(json.dumps(fresh))
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
            # An older format tells less of each.
            told = before[0].keys() if before else ()
            now = [{key: item[key] for key in told} if told else item for item in now]
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
    if not os.path.isfile(path):
        raise ValueError(f"{path}: is not a manifest of nngmix: it is no file")
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        found = check_format(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: is not a manifest of nngmix: {error}") from error
    if found not in (*OLD_FORMATS, FORMAT):
        other = "an older" if found < FORMAT else "a newer"
        raise ValueError(
            f"{path}: is of format {found}, that of {other} version of nngmix, and this one goes on with "
            f"formats {OLD_FORMATS[0]} to {FORMAT} alone: finish the run with the version that began it, or "
            "name another folder"
        )
    try:
        return check_content(content)
    except ValueError as error:
        raise ValueError(
            f"{path}: is not a manifest of nngmix, or a damaged one: {error}; name another folder"
        ) from error


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
    with open(path, "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(folder: str, told: Mapping[str, Any]) -> bool:
    """Whether a file is there as it was written."""
    path = os.path.join(folder, told["name"])
    # Not a pipe, which would be waited for.
    there = os.path.isfile(path) and os.path.getsize(path) == told["bytes"]
    return there and checksum(path) == told["sha256"]
