"""Everything dies at once: the worker by SIGKILL, the ledger with it. What is left is a folder of files."""

from __future__ import annotations

import csv
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offswitch.testing.smtp_sink import SinkSmtpServer
from offswitch.worklist.kept import folder_of
from tests.orchestrate.small_project import ROOT, SmallProject, small_project, until

pytestmark = pytest.mark.slow
PEOPLE = 40
DUE = "select email, step from entries join contacts on contacts.id = contact_id where ended is null and due <= ?"
NEXT = {"confirm": ["confirm", "greet", "value"], "greet": ["greet", "value"]}  # by the flow's own waits: 1 hour, then 2 days


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    return small_project(tmp_path, PEOPLE)


@pytest.fixture
def sink() -> Iterator[SinkSmtpServer]:
    with SinkSmtpServer() as server:
        yield server


@contextmanager
def worker(project: SmallProject, sink: SinkSmtpServer, every: str, failpoint: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """In the end it is dead, by SIGKILL."""
    command = [sys.executable, "-m", "offswitch", "run", "welcome", "--plain", "--every", every]
    environment = project.environment(sink.port, OFFSWITCH_FAILPOINT=failpoint)
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            yield running
        finally:
            running.kill()


def due(project: SmallProject) -> set[tuple[str, str]]:
    """Whom the ledger's own rows say what is due to in 72 hours, read without the program."""
    until_then = (datetime.now(UTC) + timedelta(hours=72)).timestamp() * 1_000_000
    with sqlite3.connect(project.home / "ledger.sqlite") as ledger:
        rows = ledger.execute(DUE, (until_then,)).fetchall()
    ledger.close()
    return {(email, f"send {message}") for email, step in rows for message in NEXT[step]}


def take_everything_away(project: SmallProject) -> None:
    for path in project.home.glob("ledger.sqlite*"):
        path.unlink()


def listed(project: SmallProject) -> set[tuple[str, str]]:
    """What a person finds in the table, all of it with a draft; the pages have the same items."""
    folder = folder_of(project.home)
    with (folder / "welcome.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["text"] and row["subject"] and row["runbook"] and row["commands"] for row in rows)
    for language in ("en", "ar"):
        page = (folder / f"welcome.{language}.html").read_text(encoding="utf-8")
        assert page.rstrip().endswith("</html>")
        assert all(f'id="item-{row["id"]}"' in page for row in rows)
    return {(row["reach"], row["title"]) for row in rows}


def made(project: SmallProject) -> int:
    path = folder_of(project.home) / "welcome.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["items"]) if path.exists() else -1


def test_after_a_kill_without_a_ledger_the_files_list_all_that_is_due(project: SmallProject, sink: SinkSmtpServer) -> None:
    with worker(project, sink, "60s"):
        until(lambda: made(project) == 2 * PEOPLE, 60, "the list of after the pass")
    expected = due(project)
    take_everything_away(project)
    assert len(expected) == 2 * PEOPLE
    assert listed(project) == expected
    command = [sys.executable, "-m", "offswitch", "worklist"]
    asked = subprocess.run(command, cwd=ROOT, env=project.environment(sink.port), capture_output=True, text=True, check=False, timeout=60)
    assert asked.returncode == 1
    assert str(folder_of(project.home) / "index.html") in asked.stderr


def test_a_kill_while_the_list_is_written_leaves_the_one_before_whole(project: SmallProject, sink: SinkSmtpServer) -> None:
    with worker(project, sink, "1s", "in snapshot:4") as running:
        assert running.wait(timeout=100) == -signal.SIGKILL
    assert [path for path in folder_of(project.home).iterdir() if path.name.startswith(".welcome-")]
    expected = due(project)
    take_everything_away(project)
    assert listed(project) == expected
