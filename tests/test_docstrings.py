"""Every public function, class and method says what it takes, what it gives back and what it raises."""

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

MODULES = [
    "nngmix",
    "nngmix.detection",
    "nngmix.detection.classifier",
    "nngmix.detection.ensemble",
    "nngmix.stream",
    "nngmix.dask",
    "nngmix.spark",
    "nngmix.evaluation",
]
# What cannot fail: there is nothing to check, or nothing to be wrong about.
NEVER_RAISE = {
    "get_params",
    "number_itself",
    "parts",
    "columns",
    "renumbered",
    "replaced",
    "as_text",
    "get_metadata_routing",
}


def _is_method(member: Any) -> bool:
    return inspect.isfunction(member) or inspect.ismethod(member)


def public(module_name: str) -> Iterator[tuple[str, Any]]:
    """All functions, classes and methods under the names that a user writes."""
    module = importlib.import_module(module_name)
    for name in module.__all__:
        value = getattr(module, name)
        if not callable(value):
            continue
        yield f"{module_name}.{name}", value
        if inspect.isclass(value):
            for method, _ in inspect.getmembers(value, _is_method):
                # What a class inherits from others than ours is not ours to describe.
                home = next(base for base in value.__mro__ if method in vars(base))
                # Nor what scikit-learn writes into a class: `set_fit_request` and its like.
                written = method.startswith("set_") and method.endswith("_request")
                if not method.startswith("_") and not written and home.__module__.startswith("nngmix"):
                    yield f"{module_name}.{name}.{method}", getattr(value, method)


def sections(value: Any) -> dict[str, str]:
    """The parts of a docstring by their titles; what stands before them is the summary."""
    text = inspect.cleandoc(value.__doc__ or "")
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"Summary": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def names(section: str) -> list[str]:
    """The names that a section describes, in order."""
    lines = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: :|$)", section, flags=re.MULTILINE)
    return [name.lstrip("*") for line in lines for name in line.split(", ")]


def parameters(value: Any) -> list[str]:
    return [name for name in inspect.signature(value).parameters if name not in ("self", "cls")]


def complaints(value: Any, name: str) -> list[str]:
    """What the docstring lacks."""
    found = sections(value)
    lacking = [] if found["Summary"].strip() else ["a summary"]
    taken = parameters(value)
    described = names(found.get("Parameters", ""))
    if inspect.isclass(value):
        # A plan is read, not made: its attributes are its parameters.
        described = described or [name for name in names(found.get("Attributes", "")) if name in taken]
        inherited = {
            field for base in value.__mro__[1:] for field in names(sections(base).get("Attributes", ""))
        }
        taken = [name for name in taken if name in described or name not in inherited]
    if sorted(taken) != sorted(described):
        lacking.append(f"the parameters {taken}, described are {described}")
    if not inspect.isclass(value):
        returned = inspect.signature(value).return_annotation
        if returned not in (None, "None", inspect.Signature.empty) and not {"Returns", "Yields"} & set(found):
            lacking.append("what it returns")
        if "Raises" not in found and name.rpartition(".")[2] not in NEVER_RAISE:
            lacking.append("what it raises")
    return lacking


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_are_complete(module: str) -> None:
    lacking = {name: complaints(value, name) for name, value in public(module)}
    assert {name: said for name, said in lacking.items() if said} == {}


@pytest.mark.parametrize("module", MODULES)
def test_properties_are_described(module: str) -> None:
    for name, value in public(module):
        if not inspect.isclass(value):
            continue
        attributes = {a for base in value.__mro__ for a in names(sections(base).get("Attributes", ""))}
        for attribute, member in inspect.getmembers(value, lambda member: isinstance(member, property)):
            if not attribute.startswith("_"):
                assert attribute in attributes or member.__doc__, f"{name}.{attribute}"
