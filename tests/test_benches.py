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
READS_INTERNALS = {"auto_rule.py", "evidence.py", "few_labels.py", "paper_grid.py"}


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


@pytest.fixture
def support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHES))


@pytest.mark.usefixtures("support")
def test_every_experiment_can_be_asked_for() -> None:
    from nngmix.cli.evaluate import evaluate
    from nngmix.evaluation import DETECTORS, check_specs
    from support.experiments import EXPERIMENTS, PAGES, chosen

    for name, (data, options) in EXPERIMENTS.items():
        asked = evaluate.make_context("evaluate", [*data, *options.split()]).params
        there = [text for text in asked["detectors"] if not name.startswith("few_labels_rivals/")]
        assert {text.partition(":")[0] for text in asked["detectors"]} <= DETECTORS.keys()
        # Those of one estimator stand for all: what is tried is that settings are there.
        check_specs(asked["methods"], [text for text in there if "random_forest" in text])
    grids = {name.partition("/")[0] for name in EXPERIMENTS if "/" in name}
    assert {grid for page in PAGES.values() for grid in page} == grids
    assert chosen(["few_labels_small/ends", "paper"]) == ["few_labels_small/ends", "paper"]
    assert len(chosen(["paper_grid"])) == 3
    assert not any(name.startswith(("few_labels/", "paper_grid/")) for name in chosen([]))
    with pytest.raises(SystemExit, match="there is no experiment nothing"):
        chosen(["nothing"])


@pytest.mark.usefixtures("support")
def test_the_page_of_a_grid_by_hand() -> None:
    import numpy as np
    import pandas as pd

    from support import few_labels

    rng = np.random.default_rng(0)
    ways = [
        ("random_forest", "none", "0"),
        ("random_forest", "smote", "10%"),
        ("ensemble:estimator=random_forest", "none", "0"),
        ("neighbor_score", "none", "0"),
    ]
    names = ["detector", "method", "amount"]
    keys = [(*way, f"set{i}", seed) for way in ways for i in range(5) for seed in range(2)]
    made = pd.DataFrame(keys, columns=[*names, "set", "seed"]).assign(group="Classical", labels="3")
    for measure in few_labels.MEASURES:
        made[measure] = rng.uniform(0.5, 1, len(made))
    made["make_seconds"] = made["fit_seconds"] = 0.5
    # The third has one seed alone on one set: pairs count, not means.
    table = few_labels.read(made.drop(index=20))
    page = "\n".join(few_labels.text("name", ["command"], table))
    by_way = {way: part.set_index(["set", "seed"])["auroc"] for way, part in table.groupby("way", sort=False)}
    nothing, smote, whole, score = by_way.values()
    assert list(by_way) == [
        "random_forest, none",
        "random_forest, smote 10%",
        "ensemble:estimator=random_forest",
        "neighbor_score",
    ]
    row = next(line for line in page.splitlines() if line.startswith("| ensemble:estimator=random_forest |"))
    over = (whole - nothing).dropna().groupby("set").mean()
    best = max(nothing, smote, key=lambda values: values.groupby("set").mean().mean())
    gain = (whole - best).dropna().groupby("set").mean()
    assert f"| {100 * over.mean():+.1f}, {(over < -0.01).sum()} |" in row
    assert f"| {100 * gain.mean():+.1f} ({100 * gain.median():+.1f}), " in row
    assert f"| {100 * whole.groupby('set').mean().mean():.1f} (" in row
    answer = next(line for line in page.splitlines() if line.startswith("| bags beside the score"))
    assert f"{100 * (whole - score).dropna().groupby('set').mean().mean():+.1f} (" in answer
    harmed = [line for line in page.splitlines() if line.startswith("Below nothing with random_forest")]
    assert bool(harmed) == bool((over < -0.01).any())


@pytest.mark.usefixtures("support")
def test_what_the_rule_would_have_reached_by_hand() -> None:
    import pandas as pd

    from support import auto_rule, few_labels

    reached = {"none": 0.6, "duplicate": 0.7, "nng_mix": 0.8, "smote": 0.9}
    names = [name for name in ("a", "b", "c", "d") if auto_rule.half(name) == 1]
    made = pd.DataFrame(
        [
            (name, seed, labels, method, auroc - (0.3 if name == names[0] and method == "nng_mix" else 0))
            for name in names
            for seed in (0, 1)
            for labels in (3, 10)
            for method, auroc in reached.items()
        ],
        columns=["dataset", "seed", "n_labeled", "method", "auroc"],
    ).assign(detector="random_forest", group="Classical", make_seconds=0.0, fit_seconds=0.0)
    made["average_precision"] = made["auroc"] / 2
    made["amount"] = ["0" if method == "none" else "10%" for method in made["method"]]
    made = made.assign(
        set=made["dataset"], labels=made["n_labeled"].astype(str), n_unlabeled=1000, n_features=5
    )
    n = len(names)
    few = 80 - 30 / n
    assert [line for line in auto_rule.text(few_labels.read(made)) if line.startswith("| tables")] == [
        f"| tables | random_forest | 3 | {n} | nng_mix 10% | {few:.1f} / {few / 2:.1f} "
        f"| smote 10% 90.0 / 45.0 | 60.0 / 30.0 | {few - 60:+.1f}, {n - 1}/1, 1 | {few - 90:+.1f}, 0/{n} |",
        f"| tables | random_forest | 10 | {n} | smote 10% | 90.0 / 45.0 | smote 10% 90.0 / 45.0 "
        f"| 60.0 / 30.0 | +30.0, {n}/0, 0 | +0.0, 0/0 |",
    ]


@pytest.mark.usefixtures("support")
def test_what_could_be_real_by_hand() -> None:
    import pandas as pd

    from support.mixed_measures import coherence, possible

    real = pd.DataFrame(
        {"c": pd.Categorical(["x", "y", None]), "f": [True, False, True], "n": [1.0, 2, None], "k": 0.3}
    )
    new = real.iloc[[0, 1, 2, 0]].reset_index(drop=True)
    assert (coherence(new[["c", "f"]], real[["c", "f"]]), possible(new, real)) == (1, 1)
    new.loc[0, "f"], new.loc[1, "n"], new.loc[3, "k"] = False, 1.5, 0.31
    assert (coherence(new[["c", "f"]], real[["c", "f"]]), possible(new, real)) == (0.75, 0.5)
