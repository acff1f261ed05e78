"""Rules about the code itself that no linter knows. What may import what beyond these stands in pyproject.toml."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = ("offswitch", "connectors", "flows", "bench")
LINES = {"file": 300, "function": 40}
BANNED = {"manager", "helper", "helpers", "util", "utils", "base", "abstract", "common", "misc"}
# What a connector may know of the engine: the port it fills, the values in it, the errors, and how settings and files are read.
OPEN_TO_CONNECTORS = (
    "offswitch.act.ports",
    "offswitch.model",
    "offswitch.errors",
    "offswitch.gate.permit",
    "offswitch.messages",
    "offswitch.policy",  # how files that people write are read: a source's file is one
    "offswitch.secrets",
)
# Written in pieces, so that this file does not find itself.
HOSTS = ("pypi" + ".org", "python" + "hosted", "registry" + ".npmjs", "deb" + ".debian.org", "npmjs" + ".com")
MACHINE_PATH = re.compile(r"(?<![\w.])/" + r"(?:work|root|opt)/|(?<![\w.])/" + r"home/\w")


@cache
def tracked() -> tuple[Path, ...]:
    """Files that are in the repository or would be added to it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def modules() -> tuple[Path, ...]:
    return tuple(path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in CODE)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def definitions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    yield from functions(path)
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef))


def imports(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """What a module imports when it runs; imports for the type checker alone don't count."""
    typing_only = {id(inner) for node in ast.walk(tree(path)) if is_typing_guard(node) for inner in ast.walk(node)}
    for node in ast.walk(tree(path)):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""


def is_typing_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def is_schema(path: Path) -> bool:
    """A migration is a list of tables, as long as they are."""
    return "versions" in path.parts


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    hidden = docstring.end_lineno - docstring.lineno + 1 if docstring is not None and docstring.end_lineno else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - hidden


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_there_is_code_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in modules()} >= {"offswitch", "connectors", "flows"}


def test_no_file_is_longer_than_300_lines() -> None:
    counted = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in tracked() if path.suffix == ".py"}
    assert not {where: lines for where, lines in counted.items() if lines > LINES["file"]}


def test_no_function_is_longer_than_40_lines_without_its_docstring() -> None:
    long = {f"{place(path, node)} {node.name}": body_lines(node) for path in modules() if not is_schema(path) for node in functions(path)}
    assert not {where: lines for where, lines in long.items() if lines > LINES["function"]}


def test_names_say_what_a_thing_is() -> None:
    named = [(place(path, node), node.name) for path in modules() for node in definitions(path)]
    assert not [(where, name) for where, name in named if words(name) & BANNED]
    parts = [(place(path), part) for path in modules() for part in path.relative_to(ROOT).with_suffix("").parts]
    assert not [(where, part) for where, part in parts if words(part) & BANNED - {"base"}]  # a protocol's file may be called base.py


def test_nothing_catches_everything() -> None:
    """A stop from Prefect is a BaseException: who swallows it keeps sending."""
    handlers = [(path, node) for path in modules() for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    assert not [place(path, node) for path, node in handlers if node.type is None or "BaseException" in ast.unparse(node.type)]


def test_tenacity_is_told_which_errors_to_try_again() -> None:
    calls = [(path, node) for path in modules() for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    tries = [(path, node) for path, node in calls if re.search(r"\b(retry|Retrying)$", ast.unparse(node.func))]
    assert not [place(path, node) for path, node in tries if "retry_if_exception_type" not in ast.unparse(node)]


def test_prefect_is_imported_by_orchestrate_alone() -> None:
    found = {place(path, node) for path in modules() for node, name in imports(path) if name.split(".")[0] == "prefect"}
    assert not {where for where in found if not where.startswith("offswitch/orchestrate/")}


def test_connectors_know_the_ports_and_nothing_behind_them() -> None:
    found = [(place(path, node), name) for path in modules() for node, name in imports(path) if path.is_relative_to(ROOT / "connectors")]
    engine = [(where, name) for where, name in found if name.split(".")[0] == "offswitch"]
    assert engine
    assert not [(where, name) for where, name in engine if not f"{name}.".startswith(tuple(f"{known}." for known in OPEN_TO_CONNECTORS))]


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [(place(path), host) for path in tracked() for host in HOSTS if host in text(path)]
    found += [(place(path), match[0]) for path in tracked() for match in MACHINE_PATH.finditer(text(path))]
    assert not found


def test_pins_are_plain_lines_that_name_everything_once() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]
    assert len({line.partition("==")[0].lower() for line in pins}) == len(pins)
