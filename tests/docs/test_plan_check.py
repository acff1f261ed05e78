"""The example workflow for pull requests, run as it stands: its own commands, in a repository with a change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "plan-check.yaml"
pytestmark = pytest.mark.slow


def git(folder: Path, *words: str) -> str:
    me = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    return subprocess.run(["git", *me, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit as it was, and an edit of a text on top."""
    for name in ("policies", "messages", "flows", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "approvals"))
    (tmp_path / ".gitignore").write_text(".offswitch/\n*.plan\n")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "as it was")):
        git(tmp_path, *words)
    text = tmp_path / "messages" / "welcome" / "confirm.en.md"
    text.write_text(text.read_text("utf-8").replace("We have your message", "It has arrived"), "utf-8")
    git(tmp_path, "commit", "-qam", "another subject")
    return tmp_path


def test_a_pull_request_that_changes_a_text_is_told_so_and_fails_until_somebody_approves(repository: Path) -> None:
    job: dict[str, Any] = YAML(typ="safe").load(EXAMPLE.read_text("utf-8"))["jobs"]["plan"]
    runs = [step["run"] for step in job["steps"] if "run" in step][1:]  # without the installation
    known = {name: value for name, value in os.environ.items() if not name.startswith("OFFSWITCH_")}
    base = git(repository, "rev-parse", "HEAD~1")
    env = {**known, "FLOW": "welcome", "BASE": base, "PATH": f"{Path(sys.executable).parent}:{known['PATH']}"}
    done = [subprocess.run(["bash", "-ec", run], cwd=repository, env=env, capture_output=True, text=True, check=False) for run in runs]
    assert [one.returncode for one in done] == [0, 0, 0, 1], "\n".join(one.stdout + one.stderr for one in done)
    assert "+Subject: It has arrived" in done[-1].stdout
    assert "--fail-on unapproved" in done[-1].stderr
    assert "--fail-on new-recipients" not in done[-1].stderr
    assert "<html" in (repository / "plan.html").read_text("utf-8")
