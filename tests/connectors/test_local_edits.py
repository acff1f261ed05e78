"""People edit the local register with any SQLite tool: what they did is noticed, and their newer value stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.crm.local import LocalCrm
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from tests.connectors.registers import MONA, facts, note, order, write

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OLD_TABLES = """
create table people (
    id integer primary key, email text not null unique, name text not null default '', stage text not null default '',
    language text not null default '', fields text not null default '{}', updated_at text not null
) strict;
insert into people (email, stage, fields, updated_at) values ('mona@example.com', 'trust', '{"city": "Doha"}', '2026-01-01');
"""


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[LocalCrm]:
    register = LocalCrm(tmp_path / "crm.sqlite")
    yield register
    register.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm.sqlite"


def by_hand(path: Path, *statements: str) -> None:
    """Somebody types this into a tool of their own."""
    file = sqlite3.connect(path)
    with file:
        for statement in statements:
            file.execute(statement)
    file.close()


def test_what_we_write_is_no_edit_and_what_people_write_is_one(crm: LocalCrm, path: Path) -> None:
    cursor = crm.edits("").cursor
    write(crm, order("k1", stage="awareness", city="Riyadh", tags=["new"]))
    assert crm.edits(cursor).found == []
    by_hand(path, "update people set stage = 'interest', name = 'منى', fields = json_set(fields, '$.city', 'Jeddah')")
    (edit,) = crm.edits(cursor).found
    assert (edit.email, edit.by, edit.values) == (MONA, "", {"stage": "interest", "name": "منى", "city": "Jeddah"})
    assert abs(datetime.now(UTC) - edit.at) < timedelta(seconds=10)


def test_each_edit_is_told_once_and_its_id_never_changes(crm: LocalCrm, path: Path) -> None:
    cursor = crm.edits("").cursor
    write(crm, order("k1", stage="a"))
    by_hand(path, "update people set stage = 'b'", "insert into tags values (1, 'vip')", "delete from tags")
    first, again = crm.edits(cursor), crm.edits(cursor)
    assert [edit.values for edit in first.found] == [{"stage": "b"}, {"tags": ["vip"]}, {"tags": []}]
    assert first == again
    assert crm.edits(first.cursor).found == []


def test_a_person_entered_by_hand_is_an_edit_and_a_visit_without_change_is_none(crm: LocalCrm, path: Path) -> None:
    crm.read([])
    cursor = crm.edits("").cursor
    by_hand(
        path, "insert into people (email, name, updated_at) values ('omar@example.com', 'Omar', 'now')", "update people set name = name"
    )
    assert [(edit.email, edit.values) for edit in crm.edits(cursor).found] == [("omar@example.com", {"name": "Omar"})]


def test_what_was_done_before_the_file_was_first_opened_comes_when_it_was_asked_for(crm: LocalCrm, path: Path) -> None:
    cursor = crm.edits("").cursor
    assert not path.exists()
    write(crm, order("k1", stage="a"))
    by_hand(path, "update people set stage = 'b'")
    assert len(crm.edits(cursor).found) == 1


def test_a_file_put_in_its_place_tells_its_own_edits_under_other_names(crm: LocalCrm, path: Path) -> None:
    cursor, names = crm.edits("").cursor, []
    for _ in range(2):
        write(crm, order("k1", stage="a"))
        by_hand(path, "update people set stage = 'b'")
        found = crm.edits(cursor)
        names += [edit.id for edit in found.found]
        crm.close()
        for file in path.parent.glob("crm.sqlite*"):
            file.unlink()
    assert len(set(names)) == 2


@pytest.mark.parametrize(("later", "stays"), [(1, "hers"), (-1, "ours")])
def test_the_newer_value_stays(crm: LocalCrm, path: Path, later: int, stays: str) -> None:
    write(crm, order("k1", decided=LONG_AGO, stage="first", city="first"))
    decided = datetime.now(UTC) - timedelta(seconds=later)
    by_hand(path, "update people set stage = 'hers'")
    assert write(crm, order("k2", decided=decided, stage="ours", city="ours")) == [Outcome.PERFORMED]
    assert facts(crm) == {"stage": stays, "city": "ours"}


def test_of_our_own_writes_the_one_decided_last_stays_in_whatever_order_they_come(crm: LocalCrm) -> None:
    now = datetime.now(UTC)
    write(crm, order("k2", decided=now, stage="new"), order("k1", decided=now - timedelta(minutes=1), stage="old", city="Doha"))
    assert facts(crm) == {"stage": "new", "city": "Doha"}


def test_a_field_of_people_is_written_only_while_it_is_empty(crm: LocalCrm) -> None:
    write(crm, order("k1", yielding=["stage"], stage="first"), order("k2", yielding=["stage", "tags"], stage="second", tags=["a"]))
    assert facts(crm) == {"stage": "first", "tags": ["a"]}


def test_a_tag_that_somebody_takes_away_is_not_put_back_by_an_older_decision(crm: LocalCrm, path: Path) -> None:
    write(crm, order("k1", decided=LONG_AGO, tags=["new", "warm"]))
    decided = datetime.now(UTC) - timedelta(seconds=1)
    by_hand(path, "delete from tags where tag = 'warm'", "insert into tags values (1, 'vip')")
    write(crm, order("k2", decided=decided, tags=["warm", "guest"]))
    assert facts(crm)["tags"] == ["guest", "new", "vip"]


def test_a_register_of_an_older_version_goes_on_working(crm: LocalCrm, path: Path) -> None:
    old = sqlite3.connect(path)
    old.executescript(OLD_TABLES)
    old.close()
    cursor = crm.edits("").cursor
    assert write(crm, order("k1", tags=["new"]), note("k2")) == [Outcome.PERFORMED] * 2
    by_hand(path, "update people set stage = 'decision'")
    assert facts(crm) == {"stage": "decision", "city": "Doha", "tags": ["new"]}
    assert [edit.values for edit in crm.edits(cursor).found] == [{"stage": "decision"}]


@pytest.mark.parametrize(("text", "level"), [("", Level.FINE), ("no database at all" * 100, Level.TROUBLE)])
def test_a_diagnosis_says_whether_the_file_can_be_used(crm: LocalCrm, path: Path, text: str, level: Level) -> None:
    path.write_text(text)
    findings: list[Any] = list(crm.diagnose())
    assert [finding.level for finding in findings] == [level]
