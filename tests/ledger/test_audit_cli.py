"""`offswitch audit`, as a person calls it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offswitch.cli import verbs
from offswitch.intake.receive import receive
from offswitch.model.submission import Submission
from offswitch.project.project import Project

ROOT = Path(__file__).parents[2]
LINA = "lina@bayan.example"
LONG = "the price in the second mail is wrong and nobody knows since when it has been like this"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The sample project with one person who has filled in the form."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    places = {"HOME": tmp_path / "state", "POLICIES": tmp_path / "policies", "MESSAGES": ROOT / "messages", "FLOWS": ROOT / "flows"}
    for name, place in places.items():
        monkeypatch.setenv(f"OFFSWITCH_{name}", str(place))
    monkeypatch.setenv("OFFSWITCH_USER", LINA)
    monkeypatch.chdir(tmp_path)
    made = Project()
    submit(made, "mona")
    yield made
    made.ledger.close()


def submit(project: Project, key: str) -> None:
    now = project.clock.now()
    with project.ledger.write() as book:
        receive(book, Submission(key, "form.submitted", now, "t", f"{key}@example.com", {"name": "منى"}, (), {}, key), now)


def call(*words: str) -> Result:
    return CliRunner().invoke(verbs, list(words))


def verified() -> tuple[int, dict[str, Any]]:
    done = call("audit", "verify", "--json")
    return done.exit_code, json.loads(done.stdout)


def tamper(project: Project, *statements: str) -> None:
    with closing(sqlite3.connect(project.settings.ledger_file or "")) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.usefixtures("project")
def test_the_list_says_who_did_what_in_lines_that_fit() -> None:
    assert call("audit").stdout == "Nobody has done anything yet.\n"
    assert call("off", "welcome", "--why", LONG).exit_code == 0
    assert call("off", "--all").exit_code == 0
    lines = call("audit").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert f"{LINA}  welcome: switched flow welcome off: {LONG}" in re.sub(r"\n +", " ", "\n".join(lines))
    assert lines[-1].endswith(f"{LINA}  switched everything off")
    deeds = json.loads(call("audit", "list", "--flow", "welcome", "--by", LINA, "--json").stdout)
    assert [(deed["by"], deed["flow"], deed["what"]) for deed in deeds] == [(LINA, "welcome", f"switched flow welcome off: {LONG}")]


@pytest.mark.usefixtures("project")
def test_a_ledger_that_only_offswitch_wrote_is_valid() -> None:
    call("off", "welcome")
    done = call("audit", "verify")
    assert done.exit_code == 0, done.output
    assert re.match(r"valid: \d+ log rows, \d+ rows of the ledger\n  newest log row: [0-9a-f]{64}\n  the mark in .* agrees\n$", done.stdout)
    code, found = verified()
    assert (code, found["valid"], found["troubles"]) == (0, True, [])


def test_what_somebody_else_wrote_is_named(project: Project) -> None:
    tamper(project, "UPDATE contacts SET email = 'x@example.com'", "DELETE FROM events")
    done = call("audit", "verify")
    assert done.exit_code == 1
    assert "docs/audit.md" in str(done.exception)
    assert re.search(
        r"^  contacts  \w+\n    changed behind the log's back\n    written last by log row 1, .* UTC, machine$", done.stdout, re.MULTILINE
    )
    assert re.search(r"^  events  t:mona\n    missing\n", done.stdout, re.MULTILINE)
    code, found = verified()
    assert (code, found["count"], found["valid"]) == (1, 2, False)
    assert {(one["what"], one["table"]) for one in found["troubles"]} == {("changed", "contacts"), ("missing", "events")}


def test_an_older_copy_with_a_log_that_fits_is_noticed_by_the_mark(project: Project) -> None:
    file = project.settings.ledger_file
    assert file is not None
    project.ledger.close()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(file, "backup")
    submit(project, "huda")
    project.ledger.close()
    for left in file.parent.glob("ledger.sqlite*"):
        left.unlink()
    shutil.copy("backup", file)
    code, found = verified()
    assert (code, found["valid"], found["count"]) == (1, False, 0)
    assert "older copy" in found["lost"]


def test_a_file_that_is_no_ledger_is_refused_in_words(project: Project) -> None:
    assert project.settings.ledger_file is not None
    project.ledger.close()
    project.settings.ledger_file.write_bytes(b"no ledger" * 1000)
    done = call("audit", "verify")
    assert done.exit_code == 1
    assert "not a database" in str(done.exception)


@pytest.mark.usefixtures("project")
def test_the_export_can_be_checked_by_anybody_who_reads_the_document() -> None:
    """By the code that docs/audit.md shows."""
    call("off", "welcome", "--why", "نص خاطئ")
    call("audit", "export", "log.jsonl")
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "audit.md").read_text("utf-8"), re.DOTALL)
    assert code is not None
    exec(code[1], {})
    text = Path("log.jsonl").read_text("utf-8")
    assert json.loads(text.splitlines()[0]) == {"schema": "offswitch.audit/1"}
    Path("log.jsonl").write_text(text.replace("نص خاطئ", "نص آخر"), "utf-8")
    with pytest.raises(AssertionError):
        exec(code[1], {})


def test_the_log_names_no_customer(project: Project) -> None:
    with project.ledger.write() as book:
        book.consent.suppress("gone@example.com", "email", "hard bounce", project.clock.now())
    call("audit", "export", "log.jsonl")
    text = Path("log.jsonl").read_text("utf-8")
    assert "example.com" not in text
    assert "منى" not in text
