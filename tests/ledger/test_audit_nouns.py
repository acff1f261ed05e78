"""No noun writes into a table that the log covers without telling the log."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import offswitch.ledger

WRITE = re.compile(r"insert|dialect\.insert|update|delete|_?[A-Z]+\.run")
TELLS = {"self._log.wrote", "self._move", "self._done"}
SILENT = {
    "entries.py": {"let_go"},  # a lease
    "history.py": {"start_run", "sweep"},  # passes that have done nothing
    "registers.py": {"claim"},  # when a CRM was asked, every minute
    "stops.py": {"beat", "gone", "sweep"},  # a sign of life, and those of workers who are long gone
}
PLAIN = {"audit.py", "leases.py"}  # the log itself, and what is over in a minute
NOUNS = [path for path in Path(offswitch.ledger.__file__).parent.glob("*.py") if "class " in path.read_text("utf-8")]


def writers(path: Path) -> Iterator[tuple[ast.FunctionDef, bool]]:
    """The methods that write, and whether they tell the log."""
    for part in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(part, ast.FunctionDef):
            called = {ast.unparse(node.func) for node in ast.walk(part) if isinstance(node, ast.Call)}
            if any(WRITE.fullmatch(name) for name in called) and "self" in {argument.arg for argument in part.args.args}:
                yield part, bool(called & TELLS)


def test_whoever_writes_tells_the_log() -> None:
    nouns = {path.name: list(writers(path)) for path in NOUNS if path.name not in PLAIN}
    silent = {(name, method.name) for name, found in nouns.items() for method, tells in found if not tells}
    assert silent == {(name, method) for name, methods in SILENT.items() for method in methods}
    assert len([method for found in nouns.values() for method, _ in found]) > 25
