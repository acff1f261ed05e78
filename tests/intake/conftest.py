from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offswitch.cli.intake import command

ROOT = Path(__file__).parents[2]


@dataclass
class Desk:
    """A folder with files to take in, and the command."""

    folder: Path

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def intake(self, *words: object, typed: str | bytes = b"") -> Result:
        return CliRunner().invoke(command, [str(word) for word in words], input=typed)

    def taken(self, *words: object) -> dict[str, Any]:
        result = self.intake(*words, "--json")
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.folder / "home" / "ledger.sqlite")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    for name, value in (("HOME", tmp_path / "home"), ("FLOWS", ROOT / "flows"), ("MESSAGES", ROOT / "messages")):
        monkeypatch.setenv(f"OFFSWITCH_{name}", str(value))
    return Desk(tmp_path)


Count = Callable[[dict[str, Any]], tuple[int, int, int, int]]


@pytest.fixture
def counts() -> Count:
    return lambda found: (found["new"], found["known"], found["conflict"], found["rejected"])
