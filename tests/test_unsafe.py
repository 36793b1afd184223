"""Unsafe code of the core: CONTRIBUTING lists each file that has any, its proof and the tests that run it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = ROOT / "rust" / "core" / "src"
LISTED = re.compile(r"^\| `([\w/]+\.rs)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def counted() -> dict[str, int]:
    """Every `unsafe` of a file that has any, but for comments."""
    found = {}
    for path in sorted((ROOT / "rust").rglob("*.rs")):
        code = re.sub("//.*", "", path.read_text(encoding="utf-8"))
        if number := len(re.findall(r"\bunsafe\b", code)):
            found[path.relative_to(CORE).as_posix()] = number
    return found


def test_every_unsafe_is_listed_with_a_test_that_there_is() -> None:
    listed = LISTED.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert {name: int(number) for name, number, *_ in listed} == counted()
    for _, _, _, tests in listed:
        for room, name in re.findall(r"`([\w/]+)::(\w+)`", tests):
            path = next(path for path in (CORE / f"{room}.rs", CORE / room / "mod.rs") if path.exists())
            assert re.search(rf"#\[test\]\s+(#\[.*\]\s+)*fn {name}\b", path.read_text(encoding="utf-8")), name
