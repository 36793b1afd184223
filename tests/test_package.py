"""The package as a whole: light to import, documented, typed, and its examples run."""

import doctest
import importlib
import inspect
import pkgutil
import re
import statistics
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import nngmix
from nngmix import _core

WITHOUT_PARAMETERS = ("MixPlan", "__version__", "show_versions")
# What `import nngmix` itself needs of `parameters`.
IMPORTED_FIRST = ("checks", "errors", "thread_limits", "threads", "warnings")
# Modules of the standard library that cost more than what the first rows need of them.
SLOW = {
    "asyncio",
    "bz2",
    "difflib",
    "email",
    "json",
    "logging",
    "lzma",
    "multiprocessing",
    "tempfile",
    "unittest",
}
README = Path(__file__).parents[1] / "README.md"


def modules() -> list[ModuleType]:
    names = [m.name for m in pkgutil.walk_packages(nngmix.__path__, "nngmix.")]
    return [nngmix, *(importlib.import_module(name) for name in names if not name.endswith("__main__"))]


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_import_takes_less_than_a_twentieth_of_a_second_beyond_numpy() -> None:
    program = (
        "import time, numpy, numpy.random\n"
        "began = time.perf_counter()\n"
        "import nngmix\n"
        "print(time.perf_counter() - began)"
    )
    run(program)
    assert statistics.median(float(run(program)) for _ in range(5)) < 0.05


def loaded(program: str) -> set[str]:
    """The modules that a program imports beyond NumPy."""
    before = "import sys, numpy, numpy.random, numpy.typing\nbefore = set(sys.modules)\n"
    return set(run(f"{before}{program}\nprint(*(set(sys.modules) - before))").split())


def test_the_import_waits_for_the_names_that_are_used() -> None:
    ours = {"_core", "parameters", *(f"parameters.{name}" for name in IMPORTED_FIRST)}
    assert loaded("import nngmix") == {"nngmix", *(f"nngmix.{name}" for name in ours)}
    more = loaded("from nngmix import NNGMix, NeighborTable, nng_mix, kneighbors")
    assert "nngmix.methods.nng_mix" in more
    assert not more & SLOW


def test_the_import_needs_numpy_alone() -> None:
    names = {name.split(".")[0] for name in loaded("from nngmix import *")}
    assert names - set(sys.stdlib_module_names) == {"nngmix"}


def test_all_names_are_offered_before_they_are_imported() -> None:
    assert set(run("import nngmix\nprint(*dir(nngmix))").split()) >= {*nngmix.__all__, "NNGMixClassifier"}


@pytest.mark.parametrize(("module", "missing"), [("dask", "dask"), ("dask", "pandas"), ("spark", "pyspark")])
def test_engines_name_the_extra_they_need(module: str, missing: str) -> None:
    program = (
        f"import sys\nsys.modules[{missing!r}] = None\n"
        f"try:\n    import nngmix.{module}\nexcept ImportError as error:\n    print(error)"
    )
    assert re.fullmatch(
        rf"nngmix\.{module} needs {missing}(\.\w+)*: pip install 'nngmix\[{module}\]'\n", run(program)
    )


def test_the_classifier_is_there_when_asked_for_and_names_the_extra_it_needs() -> None:
    program = (
        "import sys\nsys.modules['sklearn'] = None\nfrom nngmix import *\nimport nngmix\n"
        "try:\n    nngmix.NNGMixClassifier\nexcept ImportError as error:\n    print(error)"
    )
    assert run(program) == "nngmix.NNGMixClassifier needs sklearn: pip install 'nngmix[detect]'\n"
    assert nngmix.NNGMixClassifier is importlib.import_module("nngmix.detection").NNGMixClassifier
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nngmix.nothing  # noqa: B018


def test_the_version_is_one() -> None:
    assert nngmix.__version__ == _core.__version__ == metadata.version("nngmix")
    assert re.fullmatch(r"\d+\.\d+\.\d+", nngmix.__version__)


def test_the_package_is_typed() -> None:
    files = {entry.name for entry in resources.files(nngmix).iterdir()}
    assert {"py.typed", "_core.pyi"} <= files


def test_all_names_exist() -> None:
    for module in modules():
        for name in getattr(module, "__all__", []):
            assert hasattr(module, name), (module.__name__, name)


def public() -> dict[str, Any]:
    """Every public name of the package, and the methods of its classes."""
    found = {}
    for name in nngmix.__all__:
        value = getattr(nngmix, name)
        if not callable(value):
            continue
        found[name] = value
        if inspect.isclass(value):
            for method, function in inspect.getmembers(value, inspect.isroutine):
                if not method.startswith("_"):
                    found[f"{name}.{method}"] = function
    return found


def test_public_names_are_documented() -> None:
    undocumented = [name for name, value in public().items() if not inspect.getdoc(value)]
    assert undocumented == []
    assert len(public()) > 10


@pytest.mark.parametrize("name", [name for name in nngmix.__all__ if name not in WITHOUT_PARAMETERS])
def test_every_parameter_is_documented(name: str) -> None:
    value = getattr(nngmix, name)
    documented = inspect.getdoc(value) or ""
    section = documented.split("Parameters\n----------\n")[1].split("\n\n")[0]
    words = set(re.findall(r"^(\w+(?:, \w+)*)(?: :|$)", section, re.MULTILINE))
    names = {part for word in words for part in word.split(", ")}
    assert names == set(inspect.signature(value).parameters)


def test_modules_say_what_they_are_for() -> None:
    assert [module.__name__ for module in modules() if not module.__doc__] == []


def test_examples_in_docstrings_run() -> None:
    attempted = 0
    for module in modules():
        result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert result.failed == 0, module.__name__
        attempted += result.attempted
    assert attempted >= 8


def test_examples_in_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = list(
        re.finditer(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )
    assert blocks
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in blocks:
        line = block.string.count("\n", 0, block.start(1))
        # Blank lines in front, so that a traceback names the line of the README.
        exec(compile("\n" * line + block.group(1), str(README), "exec"), namespace)
