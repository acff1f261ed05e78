"""A register in CSV files that people edit in a spreadsheet: nothing of theirs is lost, nothing of ours is undone by an old copy."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.crm.csv_folder import CsvFolder, connect
from connectors.crm.csv_folder.file import Overtaken, Saved, replace
from offswitch.model.action import Kind
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import CrmContract, OtherSide
from tests.connectors.registers import MONA, facts, note, order, write

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class TestCsvFolder(CrmContract):
    @pytest.fixture
    def other_side(self, tmp_path: Path) -> Iterator[OtherSide]:
        crm = CsvFolder(tmp_path)
        notes = tmp_path / "notes.csv"
        yield OtherSide(crm, lambda: notes.read_text("utf-8-sig").splitlines()[1:] if notes.exists() else [])
        crm.close()


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[CsvFolder]:
    register = CsvFolder(tmp_path)
    yield register
    register.close()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def save(path: Path, text: str | bytes, ago: float = 1) -> None:
    """Somebody has saved the file, so many seconds ago."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (datetime.now(UTC).timestamp() - ago,) * 2)


def edit(path: Path, old: str, new: str, ago: float = 1) -> None:
    """Somebody opens the file, changes this, and saves it."""
    text = path.read_bytes().decode()
    assert old in text
    save(path, text.replace(old, new), ago)


def test_columns_and_rows_of_people_stay_where_they_are(crm: CsvFolder, people: Path) -> None:
    save(people, "ملاحظات;email;name\r\nقديم;omar@example.com;عمر\r\n;mona@example.com;منى\r\n;;empty\r\n")
    assert write(crm, order("k1", stage="trust", city="=1+1")) == [Outcome.PERFORMED]
    assert people.read_bytes().decode().splitlines() == [
        "ملاحظات;email;name;stage;city;offswitch_version",
        "قديم;omar@example.com;عمر",
        ";mona@example.com;منى;trust;'=1+1;1",
        ";;empty",
    ]
    assert facts(crm) == {"name": "منى", "stage": "trust", "city": "=1+1"}


def test_a_row_that_somebody_edited_is_an_edit_once(crm: CsvFolder, people: Path) -> None:
    write(crm, order("k1", stage="trust", tags=["new"]))
    cursor = crm.edits("").cursor
    edit(people, "trust,,new", "decision,ar,new; vip")
    found = crm.edits(cursor)
    assert [(one.email, one.values) for one in found.found] == [(MONA, {"stage": "decision", "language": "ar", "tags": ["new", "vip"]})]
    assert crm.edits(found.cursor).found == []
    assert crm.edits(cursor) == found


def test_the_first_look_is_no_edit_and_a_row_added_by_hand_is(crm: CsvFolder, people: Path) -> None:
    save(people, "email,name\r\nmona@example.com,Mona\r\n")
    cursor = crm.edits("").cursor
    save(people, "email,name\r\nmona@example.com,Mona\r\nomar@example.com,Omar\r\n")
    assert [(one.email, one.values) for one in crm.edits(cursor).found] == [("omar@example.com", {"name": "Omar"})]


@pytest.mark.parametrize(("ago", "stays"), [(1, "hers"), (60, "ours")])
def test_the_newer_value_stays(crm: CsvFolder, people: Path, ago: float, stays: str) -> None:
    write(crm, order("k1", decided=LONG_AGO, stage="first"))
    edit(people, "first", "hers", ago)
    write(crm, order("k2", decided=datetime.now(UTC) - timedelta(seconds=30), stage="ours", city="Doha"))
    assert facts(crm) == {"stage": stays, "city": "Doha"}


def test_an_old_copy_that_is_saved_undoes_nothing_of_ours(crm: CsvFolder, people: Path) -> None:
    write(crm, order("k1", stage="first", city="first"))
    opened = people.read_bytes().decode()
    write(crm, order("k2", stage="second", vip=True), order("k3", email="new@example.com", stage="a"))
    save(people, opened.replace("first,", "hers,", 1))
    cursor = crm.edits("x").cursor
    assert facts(crm) == {"stage": "hers", "city": "first", "vip": "yes"}
    assert facts(crm, "new@example.com") == {"stage": "a"}
    save(people, people.read_bytes().replace(b"yes", b""))
    assert [one.values for one in crm.edits(cursor).found] == [{"vip": ""}]
    assert "vip" not in facts(crm)


def test_a_value_put_back_on_purpose_is_an_edit(crm: CsvFolder, people: Path) -> None:
    write(crm, order("k1", decided=LONG_AGO, stage="first"), order("k2", decided=LONG_AGO, stage="second"))
    cursor = crm.edits("").cursor
    edit(people, "second", "first")
    assert [one.values for one in crm.edits(cursor).found] == [{"stage": "first"}]


def test_a_row_of_ours_that_is_deleted_again_stays_deleted(crm: CsvFolder, people: Path) -> None:
    write(crm, order("k1", stage="a"), order("k2", email="omar@example.com", stage="b"))
    before = people.read_bytes()
    for _ in range(2):
        save(people, before.splitlines(keepends=True)[0])
        crm.edits("x")
    assert facts(crm) == {}
    assert write(crm, order("k3", city="Doha")) == [Outcome.PERFORMED]
    assert facts(crm) == {"city": "Doha"}


@pytest.mark.parametrize(("kind", "name"), [(Kind.NOTE, "notes"), (Kind.TASK, "tasks")])
def test_notes_and_tasks_are_written_once_and_may_be_edited(crm: CsvFolder, people: Path, kind: Kind, name: str) -> None:
    sheet = people.with_name(f"{name}.csv")
    write(crm, note("k1", "-call, now\nplease", kind=kind), note("k1", "again", kind=kind))
    assert sheet.read_text("utf-8-sig").count("k1") == 1
    edit(sheet, "'-call", "called")
    write(crm, note("k1", kind=kind), note("k2", kind=kind))
    text = sheet.read_text("utf-8-sig")
    assert (text.count("k1"), text.count("k2"), text.count("called, now")) == (1, 1, 1)


def test_an_old_copy_of_the_notes_brings_ours_back_once(crm: CsvFolder, people: Path) -> None:
    sheet = people.with_name("notes.csv")
    write(crm, note("k1"))
    opened = sheet.read_bytes()
    write(crm, note("k2"), note("k3"))
    save(sheet, opened)
    write(crm, note("k4"))
    assert [line.split(",")[0] for line in sheet.read_text("utf-8-sig").splitlines()] == ["id", "k1", "k2", "k3", "k4"]


@pytest.mark.parametrize("content", [b"", "email,الاسم".encode("cp1256"), b"name\r\nMona\r\n", b'email\r\n"mona'])
def test_a_damaged_file_is_left_alone_and_tried_again(crm: CsvFolder, people: Path, content: bytes) -> None:
    write(crm, order("k1", stage="a"))
    good = people.read_bytes()
    save(people, content)
    assert write(crm, order("k2", stage="b"), note("k3")) == [Outcome.RETRY] * 2
    assert people.read_bytes() == content
    assert [finding.level for finding in crm.diagnose()] == [Level.TROUBLE]
    save(people, good)
    assert write(crm, order("k2", stage="b")) == [Outcome.PERFORMED]
    assert facts(crm) == {"stage": "b"}


def test_a_folder_that_somebody_holds_is_tried_again(crm: CsvFolder, people: Path) -> None:
    write(crm, order("k1", stage="a"))
    other = sqlite3.connect(people.with_name(".offswitch.sqlite"), isolation_level=None)
    other.execute("begin immediate")
    crm._memory._open.execute("pragma busy_timeout = 10")
    assert write(crm, order("k2", stage="b")) == [Outcome.RETRY]
    other.execute("rollback")
    other.close()
    assert facts(crm) == {"stage": "a"}


def test_our_own_write_before_the_machine_died_is_no_edit(crm: CsvFolder, people: Path) -> None:
    write(crm, order("k1", stage="a"))
    cursor = crm.edits("").cursor
    memory = people.with_name(".offswitch.sqlite")
    before = memory.read_bytes()
    crm.close()
    write(crm, order("k2", stage="b"))
    crm.close()
    memory.write_bytes(before)
    assert crm.edits(cursor).found == []
    assert write(crm, order("k2", stage="b")) == [Outcome.PERFORMED]
    assert facts(crm) == {"stage": "b"}


def test_an_edit_is_kept_when_somebody_saves_the_notes_while_we_write(
    crm: CsvFolder, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(crm, order("k1", stage="a"), note("k2"))
    cursor = crm.edits("").cursor
    edit(people, ",a,", ",b,")
    saved: list[str] = []

    def sometimes(of: Saved, content: bytes) -> None:
        if of.path.name == "notes.csv" and not saved:
            saved.append(of.path.name)
            raise Overtaken
        replace(of, content)

    monkeypatch.setattr("connectors.crm.csv_folder.folder.replace", sometimes)
    assert write(crm, order("k3", city="Doha"), note("k4")) == [Outcome.PERFORMED] * 2
    assert [one.values for one in crm.edits(cursor).found] == [{"stage": "b"}]


def test_two_rows_of_one_person_are_told(crm: CsvFolder, people: Path) -> None:
    save(people, "email,name\r\nmona@example.com,A\r\nMona@Example.com,B\r\n")
    write(crm, order("k1", stage="a"))
    assert [finding.level for finding in crm.diagnose()] == [Level.FINE, Level.ADVICE]
    assert people.read_text("utf-8-sig").splitlines()[2] == "Mona@Example.com,B"


def test_the_folder_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path / "home"))
    found: list[Callable[[], bool]] = [(tmp_path / "home/crm/people.csv").exists, (tmp_path / "else/people.csv").exists]
    for there in found:
        crm = connect()
        write(crm, order("k1", stage="a"))
        crm.close()
        assert there()
        monkeypatch.setenv("OFFSWITCH_CRM_CSV_FOLDER", str(tmp_path / "else"))
