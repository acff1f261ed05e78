"""Commands that people run, on PostgreSQL: the shipped project, from its first form to its export."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offswitch.testing.postgres_server import PostgresServer

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FORM = {"id": "1", "email": "mona@example.com", "name": "Mona Haddad", "country": "SA", "language": "ar"}
Run = Callable[..., str]


@pytest.fixture
def offswitch(tmp_path: Path, postgres: PostgresServer) -> Run:
    """Runs a command in a copy of the shipped project and gives what it printed."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    places = {"HOME": tmp_path / "home", "POLICIES": tmp_path / "policies", "MESSAGES": ROOT / "messages", "FLOWS": ROOT / "flows"}
    said = {**places, "LEDGER": postgres.database(), "USER": "mariam.haddad@bayan.example"}
    environment = {**os.environ, **{f"OFFSWITCH_{name}": str(value) for name, value in said.items()}}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "offswitch", *words]
        result = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


def test_a_form_becomes_work_while_the_flow_is_off(offswitch: Run, tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps(FORM), "utf-8")
    offswitch("intake", str(form))
    told = offswitch("off", "welcome", "--wait")
    assert "stop written" in told
    assert "no worker was live" in told
    offswitch("run", "welcome", "--plain")
    assert "Mona Haddad" in offswitch("worklist", "list", "--json")
