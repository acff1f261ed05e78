"""The code of a flow, without comments and layout: what an approval of it is about."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from offswitch.journey.journey import Journey


@cache
def code_digest(journey: Journey) -> str:
    """Names the flow's module and everything that it imports from its own project, comments and layout aside.

    Taken once, when the flow is loaded: a process runs the code that it has read, whatever the files say later.
    """
    total = sha256()
    for name, path in sorted(_project_files(journey.first.decide.__module__).items()):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        total.update(f"{name}\0{ast.dump(tree)}\0".encode())
    return total.hexdigest()[:16]


@cache
def names(journey: Journey, *attributes: str) -> bool:
    """Does that code look at one of these attributes of anything, such as `lead.engaged`?"""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in _project_files(journey.first.decide.__module__).values())
    return any(isinstance(node, ast.Attribute) and node.attr in attributes for tree in trees for node in ast.walk(tree))


def _project_files(module: str) -> dict[str, Path]:
    """The module and, through its imports, every other module of its own top-level package."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = None if name in found else _file(name)
        if path is not None:
            found[name] = path
            waiting += [other for other in _imports(path) if other.partition(".")[0] == module.partition(".")[0]]
    return found


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(name: str) -> Path | None:
    module = sys.modules.get(name)
    if module is not None:
        return Path(module.__file__) if module.__file__ else None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
