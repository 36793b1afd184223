"""Which state of our own code a result belongs to."""

import ast
import zlib
from functools import cache
from importlib import resources

__all__ = ["code_version"]


@cache
def code_version(module: str) -> str:
    """A checksum of what a module does, and those of its package that it imports.

    Comments and docstrings do not count.
    """
    package = module.rpartition(".")[0]
    folder = resources.files(package)
    found: dict[str, str] = {}
    left = [module]
    while left:
        name = left.pop()
        if name in found:
            continue
        tree = ast.parse(folder.joinpath(f"{name.rpartition('.')[2]}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
                left.append(node.module or "")
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
                node.body = [part for part in body if not _is_text(part)]  # type: ignore[attr-defined]
        found[name] = ast.dump(tree)
    return f"{zlib.crc32(repr(sorted(found.items())).encode()):08x}"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
