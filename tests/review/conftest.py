"""A project on which the commands `plan`, `approve` and `send-test` are given, as people give them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from offswitch.cli import verbs
from offswitch.errors import Refused
from offswitch.testing.unasked import ask_nothing
from tests.review.law import ROOT


@dataclass
class Site:
    """`policies` and `messages` are copies that a test may change."""

    home: Path
    policies: Path
    messages: Path

    def run(self, *words: str) -> str:
        """What the command prints on standard output. Raises what it raises."""
        result = CliRunner().invoke(verbs, words, catch_exceptions=False, standalone_mode=False)
        return result.stdout

    def json(self, *words: str) -> dict[str, Any]:
        """The one document that the command prints."""
        found: dict[str, Any] = json.loads(self.run(*words, "--json"))
        return found

    def refused(self, *words: str) -> str:
        """Why the command is refused."""
        with pytest.raises(Refused) as refusal:
            self.run(*words)
        return str(refusal.value)

    def change(self, path: Path, before: str, after: str) -> None:
        """Replace words in a file, as an editor does."""
        text = path.read_text("utf-8")
        assert before in text
        draft = path.with_suffix(".draft")
        draft.write_text(text.replace(before, after), encoding="utf-8")
        draft.replace(path)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(tmp_path / "home", tmp_path / "policies", tmp_path / "messages")
    shutil.copytree(ROOT / "policies", made.policies)
    ask_nothing(made.policies)
    shutil.copytree(ROOT / "messages", made.messages)
    said = {"HOME": made.home, "POLICIES": made.policies, "MESSAGES": made.messages, "FLOWS": ROOT / "flows", "USER": "", "STOP": ""}
    for name, value in said.items():
        monkeypatch.setenv(f"OFFSWITCH_{name}", str(value))
    return made


@pytest.fixture
def planned(site: Site) -> Callable[..., str]:
    """Makes a plan of the welcome flow, and gives its digest."""

    def plan(*words: str) -> str:
        return str(site.json("plan", "welcome", *words)["digest"])

    return plan
