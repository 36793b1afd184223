"""What CONTRIBUTING lists is there: unsafe code with its proof, and faults with the tests of their mend."""

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


def test_every_fault_that_was_found_has_tests_that_there_are() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    faults = text.partition("### Faults that were found\n")[2].partition("\n## ")[0].split("|---|---|\n")[1]
    for line in faults.strip().splitlines():
        tests = re.findall(r"`([\w/]*test_\w+)::(\w+)`", line)
        assert tests, line
        for file, name in tests:
            code = (ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8")
            assert re.search(rf"^def {name}\(", code, re.MULTILINE), f"{file}::{name}"
