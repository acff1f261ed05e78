"""A journey's module as it is written: its steps, its helpers and what its names stand for."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from offswitch.journey.journey import Journey
from offswitch.model.plan import Step

Function: TypeAlias = ast.FunctionDef
Named: TypeAlias = Mapping[str, list[ast.expr]]  # a name and every value that it is given


@dataclass(frozen=True)
class Source:
    """`steps` are the functions of the journey's steps; `named` what module names were given; `imports` where names come from."""

    path: str
    steps: dict[str, Function]
    functions: dict[str, Function]
    named: Named
    imports: dict[str, str]
    journey_call: ast.Call | None
    globals: dict[str, Any]

    def step_of(self, node: ast.expr) -> Step | None:
        """The step that a name stands for, of whatever journey."""
        found = self.object_of(node)
        return found if isinstance(found, Step) else None

    def object_of(self, node: ast.expr) -> Any:
        """What a name, or a name in an imported module, is when the module is loaded; None where it can't be told."""
        if isinstance(node, ast.Name):
            return self.globals.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.object_of(node.value)
            return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
        return None

    def bodies(self, function: Function, seen: frozenset[str] = frozenset()) -> Iterator[Function]:
        """A function and the functions of this module that it calls: together they are what the step does."""
        yield function
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = self.functions.get(node.func.id)
                if called is not None and called.name not in seen and called is not function:
                    yield from self.bodies(called, seen | {function.name, called.name})

    def dotted(self, node: ast.expr) -> str:
        """Where a name comes from, such as `datetime.datetime.now`; "" where it isn't imported."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, "")
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""


def source_of(journey: Journey) -> Source:
    """Read the module that the journey's first step stands in. Raises OSError and SyntaxError."""
    decide = journey.first.decide
    path = inspect.getsourcefile(decide) or decide.__code__.co_filename
    tree = _parsed(path, Path(path).stat().st_mtime_ns)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return Source(
        path=_short(path),
        steps={name: functions[name] for name in journey.steps if name in functions},
        functions=functions,
        named=assigned(tree.body),
        imports=dict(_imports(tree)),
        journey_call=_journey_call(tree, journey.name),
        globals=decide.__globals__,
    )


def steps_of(journey: Journey) -> dict[str, str]:
    """The code of each step with the helpers of the module that it calls, comments and layout aside."""
    source = source_of(journey)
    return {name: "\n\n".join(ast.unparse(body) for body in source.bodies(function)) for name, function in source.steps.items()}


def assigned(body: list[ast.stmt]) -> dict[str, list[ast.expr]]:
    """Every value that a plain name is given in these statements, branches included."""
    found: dict[str, list[ast.expr]] = {}
    for node in (inner for statement in body if not isinstance(statement, ast.FunctionDef) for inner in ast.walk(statement)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.value is not None:
            found.setdefault(node.target.id, []).append(node.value)
    return found


@lru_cache(maxsize=128)
def _parsed(path: str, changed: int) -> ast.Module:  # noqa: ARG001 - a key
    """The module's tree. `changed` is a part of the key, so that an edited file is read again."""
    return ast.parse(Path(path).read_text("utf-8"), path)


def _short(path: str) -> str:
    """As an editor shows it, where the file stands below the current folder."""
    here = Path.cwd()
    full = Path(path)
    return str(full.relative_to(here)) if full.is_relative_to(here) else path


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield (name.asname, name.name) if name.asname else (name.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield name.asname or name.name, f"{node.module}.{name.name}"


def _journey_call(tree: ast.Module, name: str) -> ast.Call | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Journey" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value == name:
                return node
    return None
