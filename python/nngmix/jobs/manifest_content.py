"""What a manifest holds, field by field: one that was damaged or edited is refused, never believed."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["FORMAT", "OLD_FORMATS", "check_content", "check_format", "digest", "is_file"]

# 1: one label of anomalies, no choice of columns. 2: the parameters of several labels, columns and CSV.
# 3: checksums of all that was saved and of the manifest itself, and the time of change of the inputs.
OLD_FORMATS = (2, 3)
# 4: columns of categories.
FORMAT = 4
_SIGNED = 3

Check = Callable[[Any], bool]


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _one_of(*values: str) -> Check:
    return lambda value: isinstance(value, str) and value in values


def _maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _several(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _mapping(check: Check = lambda _: True) -> Check:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


def _named(**checks: Check) -> Check:
    """An object of these members, and no others."""
    return lambda value: (
        isinstance(value, dict)
        and value.keys() == checks.keys()
        and all(check(value[name]) for name, check in checks.items())
    )


def _checksum(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _output(value: Any) -> bool:
    """A name in the folder: nothing a path could be led out by."""
    return isinstance(value, str) and re.fullmatch(r"(part|old)-\d{5,}\.parquet", value) is not None


_INPUT = {"path": _text, "bytes": _maybe(_count), "modified_ns": _maybe(lambda value: type(value) is int)}
is_file = _named(name=_output, rows=_count, bytes=_count, sha256=_checksum)
_ALWAYS: dict[str, tuple[Check, str]] = {
    "status": (_one_of("searching", "making", "complete"), "searching, making or complete"),
    "versions": (_mapping(lambda value: type(value) in (str, int)), "versions by their names"),
    "parameters": (_mapping(), "parameters by their names"),
    "seed": (_count, "a number from 0 on"),
    "files": (_several(is_file), "files with name, rows, bytes and sha256"),
}
_STATED = _several(_named(name=_text, bytes=_count, sha256=_checksum))
# What the search adds.
_FOUND: dict[str, tuple[Check, str]] = {
    "features": (_several(_text), "names of columns"),
    "left_out": (_mapping(_text), "reasons by the names of columns"),
    "dtype": (_one_of("float32", "float64"), "float32 or float64"),
    **dict.fromkeys(
        ("rows", "labelled_anomalies", "unlabelled_rows", "missing_rows", "new_rows"),
        (_count, "a number from 0 on"),
    ),
    "labels": (
        _several(_named(value=lambda value: isinstance(value, str | int | float), rows=_count)),
        "labels, each with value and rows",
    ),
    "skipped": (_several(_named(path=_text, error=_text)), "files, each with path and error"),
    "state": (_STATED, "files with name, bytes and sha256"),
}
_CATEGORIES: dict[str, tuple[Check, str]] = {
    "categories": (_mapping(_count), "numbers of values by the names of columns"),
}


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of all members but that of the same name."""
    rest = {name: value for name, value in content.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def check_format(content: Any) -> int:
    """The format of a manifest; ValueError if it tells none."""
    found = content.get("format") if isinstance(content, dict) else None
    if type(found) is not int:
        raise ValueError(f"format must be a number, got {_shown(found)}")
    return found


def check_content(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a manifest of a known format; ValueError that names what is wrong with it."""
    found = content["format"]
    described = _named(**(_INPUT | ({"changed_ns": _INPUT["modified_ns"]} if found >= _SIGNED else {})))
    about = "path and what the system told of it"
    fields = _ALWAYS | {
        "inputs": (_several(described), f"files, each with {about}"),
        "anomalies": (_maybe(described), f"null, or a file with {about}"),
    }
    if found >= _SIGNED and content.get("status") != "searching":
        fields |= _FOUND | (_CATEGORIES if found == FORMAT else {})
    for name, (check, expected) in fields.items():
        if name not in content:
            raise ValueError(f"it lacks {name!r}")
        if not check(content[name]):
            raise ValueError(f"{name} must be {expected}, got {_shown(content[name])}")
    if found >= _SIGNED:
        if content.get("sha256") != digest(content):
            raise ValueError("it was changed since nngmix wrote it: its checksum differs")
        del content["sha256"]
    return content


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:60] + "..."
