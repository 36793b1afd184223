"""The benchmarks as code: they start, find their workers, import in one direction and nothing private."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHES = Path(__file__).parents[1] / "benches"
COMMANDS = sorted(BENCHES.glob("*.py"))
FILES = [*COMMANDS, *sorted((BENCHES / "support").glob("*.py"))]
# All else that they take from nngmix has a public name.
PUBLIC = {"nngmix", "nngmix.stream", "nngmix.dask", "nngmix.spark", "nngmix.evaluation", "nngmix.reference"}
READS_INTERNALS = {"evidence.py", "few_labels.py", "paper_grid.py"}


def imported(path: Path) -> list[tuple[str, str]]:
    """Module and name of every import, at any depth; the name is empty for ``import module``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_help_says_what_a_command_measures(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring is not None
    assert docstring.splitlines()[0] in run(str(path), "--help")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_imports_go_one_way_and_take_nothing_private(path: Path) -> None:
    commands = {command.stem for command in COMMANDS}
    for module, name in imported(path):
        assert module.split(".")[0] not in commands, "a command is imported"
        assert not name.startswith("_"), f"{name} is private to {module}"
        if module.split(".")[0] == "nngmix" and path.name not in READS_INTERNALS:
            assert module in PUBLIC, f"{module} is internal"


def test_support_has_no_import_circle() -> None:
    modules = {path.stem for path in FILES if path.parent.name == "support"}
    uses = {
        path.stem: {
            part
            for module, name in imported(path)
            if module.split(".")[0] == "support"
            for part in (*module.split(".")[1:], name)
            if part in modules
        }
        for path in FILES
        if path.parent.name == "support"
    }
    while uses:
        free = {name for name, needs in uses.items() if not needs & uses.keys()}
        assert free, f"a circle among {sorted(uses)}"
        uses = {name: needs for name, needs in uses.items() if name not in free}


def test_workers_are_found_and_give_the_bytes_of_one_process(tmp_path: Path) -> None:
    pytest.importorskip("imblearn", reason="SMOTE is a contestant: pip install 'nngmix[evaluate]'")
    results = tmp_path / "end_to_end.json"
    command = [str(BENCHES / "end_to_end.py"), "--quick", "--budget", "0", "--shapes", "50x10000x20"]
    run(*command, "--json", str(results))
    doc = json.loads(results.read_text())
    assert str(tmp_path) not in doc["command"]
    contestants = doc["results"][0]["contestants"]
    assert {"nngmix", "script", "NNGMix.fit_resample"} <= {c["contestant"] for c in contestants}
    assert all("error" not in c and c["error_over_tolerance"] <= 1 for c in contestants)
