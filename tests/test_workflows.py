"""The release as data: every wheel is built, tested where it runs, and published only after all else."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PLATFORMS = {
    "manylinux-x86_64",
    "manylinux-aarch64",
    "musllinux-x86_64",
    "musllinux-aarch64",
    "macos-x86_64",
    "macos-arm64",
    "windows-x86_64",
}


def workflow(name: str) -> dict[Any, Any]:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def triggers(name: str) -> dict[str, Any]:
    # YAML 1.1 takes the key "on" for a boolean.
    return workflow(name)[True]


def toml(*path: str) -> dict[str, Any]:
    return tomllib.loads(ROOT.joinpath(*path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    return workflow("wheels.yml")["jobs"]


def test_there_are_two_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "wheels.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_do_little_and_ends(path: Path) -> None:
    content = workflow(path.name)
    assert content["permissions"] == {"contents": "read"}
    assert content["concurrency"]["group"] == f"{path.stem}-${{{{ github.ref }}}}"
    assert "secrets." not in path.read_text(encoding="utf-8")
    for name, job in content["jobs"].items():
        assert "uses" in job or job["timeout-minutes"] <= 120, name
        for step in job.get("steps", ()):
            action = step.get("uses", "")
            assert action == "" or re.fullmatch(r"[\w-]+/[\w-]+@(release/)?v\d+", action), action
            if action.startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_changes_run_what_anybody_can_run() -> None:
    assert {"push", "pull_request", "workflow_call"} == set(triggers("ci.yml"))
    steps = workflow("ci.yml")["jobs"]["run"]["steps"]
    assert steps[-1]["run"] == "bash .ci/run"


def test_a_release_starts_with_a_tag(jobs: dict[str, Any]) -> None:
    assert triggers("wheels.yml")["push"] == {"tags": ["v*"]}
    # Whatever starts it, nothing but a pushed tag publishes.
    assert jobs["publish"]["if"] == "github.event_name == 'push' && github.ref_type == 'tag'"


def test_nothing_is_published_before_every_other_job_has_passed(jobs: dict[str, Any]) -> None:
    assert set(jobs["publish"]["needs"]) == jobs.keys() - {"publish"}
    assert {"version", "ci", "build", "sdist", "test"} <= jobs.keys()
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    for name, job in jobs.items():
        # A condition such as always() or a tolerated failure would let a red job pass.
        assert not job.get("continue-on-error"), name
        assert ("if" in job) == (name == "publish"), name


def test_only_the_publishing_job_can_prove_who_it_is(jobs: dict[str, Any]) -> None:
    assert jobs["publish"]["environment"] == "pypi"
    assert {name: job["permissions"] for name, job in jobs.items() if "permissions" in job} == {
        "publish": {"id-token": "write"}
    }
    action = jobs["publish"]["steps"][-1]
    assert action["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert "password" not in action.get("with", {})


def test_every_platform_has_a_wheel_and_a_test_of_it(jobs: dict[str, Any]) -> None:
    built = [entry["platform"] for entry in jobs["build"]["strategy"]["matrix"]["include"]]
    tested = [entry["platform"] for entry in jobs["test"]["strategy"]["matrix"]["machine"]]
    assert sorted(built) == sorted(PLATFORMS)
    assert sorted(tested) == sorted({*PLATFORMS, "sdist"})
    assert set(jobs["test"]["needs"]) == {"build", "sdist"}


def test_what_is_built_is_what_is_tested_and_published(jobs: dict[str, Any]) -> None:
    def artifact(job: str, action: str) -> dict[str, Any]:
        (step,) = [step for step in jobs[job]["steps"] if step.get("uses", "").startswith(action)]
        return step["with"]

    assert artifact("build", "actions/upload-artifact@")["name"] == "dist-${{ matrix.platform }}"
    assert artifact("sdist", "actions/upload-artifact@")["name"] == "dist-sdist"
    for job in ("build", "sdist"):
        assert artifact(job, "actions/upload-artifact@")["if-no-files-found"] == "error"
    assert artifact("test", "actions/download-artifact@")["name"] == "dist-${{ matrix.machine.platform }}"
    assert artifact("publish", "actions/download-artifact@")["pattern"] == "dist-*"


def test_linux_wheels_say_how_old_a_system_they_run_on(jobs: dict[str, Any]) -> None:
    policies = {
        entry["platform"]: entry.get("manylinux") for entry in jobs["build"]["strategy"]["matrix"]["include"]
    }
    assert {name: policy for name, policy in policies.items() if policy} == {
        "manylinux-x86_64": "2014",
        "manylinux-aarch64": "2014",
        "musllinux-x86_64": "musllinux_1_2",
        "musllinux-aarch64": "musllinux_1_2",
    }


def test_wheels_are_tested_on_a_machine_of_their_own_kind(jobs: dict[str, Any]) -> None:
    for entry in jobs["test"]["strategy"]["matrix"]["machine"]:
        platform, runner = entry["platform"], entry["runner"]
        assert entry.get("alpine", False) == platform.startswith("musllinux"), platform
        assert runner.endswith("-arm") == platform.endswith("aarch64"), platform
        assert runner.startswith("macos") == platform.startswith("macos"), platform
        assert runner.endswith("-intel") == (platform == "macos-x86_64"), platform
        assert runner.startswith("windows") == platform.startswith("windows"), platform


def test_the_oldest_python_is_the_same_everywhere(jobs: dict[str, Any]) -> None:
    oldest = toml("pyproject.toml")["project"]["requires-python"].removeprefix(">=")
    assert jobs["test"]["strategy"]["matrix"]["python"][0] == oldest
    bridge = toml("rust", "python", "Cargo.toml")["features"]
    digits = oldest.replace(".", "")
    assert bridge == {"default": ["abi3"], "abi3": [f"pyo3/abi3-py{digits}"]}
    assert f"Tag: cp{digits}-abi3-" in (ROOT / ".ci" / "wheel").read_text(encoding="utf-8")


def test_cargo_toml_alone_knows_the_version(jobs: dict[str, Any]) -> None:
    version = toml("Cargo.toml")["workspace"]["package"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    for crate in toml("Cargo.toml")["workspace"]["members"]:
        assert toml(crate, "Cargo.toml")["package"]["version"] == {"workspace": True}, crate
    project = toml("pyproject.toml")["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    compare = jobs["version"]["steps"][-1]["run"]
    assert '["workspace"]["package"]["version"]' in compare
    assert '"v$version"' in compare


def test_every_wheel_lists_the_crates_in_it() -> None:
    content = toml("pyproject.toml")
    assert content["tool"]["maturin"]["sbom"] == {"rust": True}
    (backend,) = content["build-system"]["requires"]
    assert backend in content["project"]["optional-dependencies"]["dev"]
    oldest = re.match(r"maturin>=(\d+)\.(\d+)", backend)
    assert oldest
    # The first that writes the list.
    assert tuple(map(int, oldest.groups())) >= (1, 12)


def test_the_script_that_tests_a_wheel_names_tests_that_exist(jobs: dict[str, Any]) -> None:
    script = (ROOT / ".ci" / "wheel").read_text(encoding="utf-8")
    names = re.findall(r"(?:\w+/)?test_\w+\.py", script)
    assert names
    assert [name for name in names if not (ROOT / "tests" / name).is_file()] == []
    steps = [step["run"] for step in jobs["test"]["steps"] if "run" in step]
    assert len(steps) == 2
    assert all("sh .ci/wheel dist/nngmix-*" in step for step in steps)
