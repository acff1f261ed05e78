"""`offswitch intake`: what is taken, what is kept to be mended, and what the command says."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.errors import ConfigError, Refused
from offswitch.intake.receive import Received
from offswitch.intake.stream import BATCH, take_in
from offswitch.ledger.open import open_ledger
from offswitch.model.submission import Reject, Submission
from offswitch.testing.fakes import NOON, FrozenClock
from tests.intake.conftest import Count, Desk

TABLE = "id,email,name,consent\n1,sara@example.com,سارة,yes\n2,omar@example.com,Omar,\n"


def test_a_table_is_taken_once_however_often_it_is_read(desk: Desk, counts: Count) -> None:
    path = desk.write("leads.csv", TABLE)
    assert counts(desk.taken(path)) == (2, 0, 0, 0)
    assert counts(desk.taken(path)) == (0, 2, 0, 0)
    assert desk.rows("SELECT id, source FROM events") == [("file:1", "file"), ("file:2", "file")]


def test_moving_rows_or_renaming_the_file_changes_nothing(desk: Desk, counts: Count) -> None:
    desk.taken(desk.write("leads.csv", TABLE))
    head, *rows = TABLE.splitlines()
    assert counts(desk.taken(desk.write("again.csv", "\n".join([head, "", *reversed(rows)])))) == (0, 2, 0, 0)


def test_bad_rows_are_kept_with_their_reasons_while_the_others_go_on(desk: Desk) -> None:
    path = desk.write("leads.csv", TABLE + "3,not an address,X,\n4,lina@example.com,Lina,\n")
    result = desk.intake(path)
    assert (result.exit_code, "3 new, 0 known, 0 conflict, 1 rejected" in result.stdout) == (0, True)
    [file] = (desk.folder / "home" / "rejects").glob("leads-*.csv")
    [row] = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert (row["reject_where"], row["id"], row["email"]) == (f"{path}:4", "3", "not an address")
    assert str(file) in result.stdout.replace("\n", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_mended_rejects_are_taken_in_the_same_way(desk: Desk, counts: Count) -> None:
    first = desk.taken(desk.write("leads.csv", TABLE + "3,lina@,Lina,yes\n"))
    mended = Path(first["rejects"]).read_text(encoding="utf-8-sig").replace("lina@", "lina@example.com")
    assert counts(desk.taken(desk.write("mended.csv", mended))) == (1, 0, 0, 0)


def test_the_same_id_with_other_content_is_a_conflict_and_the_first_one_stays(desk: Desk, counts: Count) -> None:
    desk.taken(desk.write("leads.csv", TABLE))
    second = desk.taken(desk.write("other.csv", "id,email\n1,lina@example.com\n"))
    assert counts(second) == (0, 0, 1, 0)
    assert "this id came before" in Path(second["rejects"]).read_text(encoding="utf-8-sig")
    assert desk.rows("SELECT count(*) FROM contacts WHERE address = 'lina@example.com'") == [(0,)]
    assert counts(desk.taken(second["rejects"], "--source", "fair")) == (1, 0, 0, 0)


def test_when_nothing_at_all_could_be_taken_the_command_fails(desk: Desk) -> None:
    assert desk.intake(desk.write("leads.csv", "id,email\n1,x\n2,y\n")).exit_code == 1
    assert desk.intake(desk.write("head.csv", "id,email\n")).exit_code == 0


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00", b"name,phone\na,b\n"])
def test_a_file_that_cant_be_read_is_an_error_with_its_place(desk: Desk, text: bytes) -> None:
    error = desk.intake(desk.write("leads.csv", text)).exception
    assert isinstance(error, ConfigError)
    assert str(desk.folder / "leads.csv") in str(error)


def test_a_list_that_is_cut_off_is_taken_up_to_there_and_is_an_error(desk: Desk) -> None:
    whole = [{"id": str(n), "contact": {"email": f"p{n}@example.com"}} for n in range(3)]
    result = desk.intake(desk.write("leads.json", json.dumps(whole)[:-1]))
    assert isinstance(result.exception, ConfigError)
    assert "2 new" in result.stdout


def test_standard_input_is_a_file_too(desk: Desk) -> None:
    result = desk.intake("-", "--json", typed='{"id": "1", "contact": {"email": "sara@example.com"}}\n')
    assert json.loads(result.stdout)["new"] == 1


@pytest.mark.parametrize(("hard", "bad"), [("false", False), ("No", False), ("0", False), ("true", True), ("", True), ("?", True)])
def test_a_bounce_for_now_is_one_in_a_table_too_where_all_is_text(desk: Desk, hard: str, bad: bool) -> None:
    """A provider's event that was turned away and mended comes in like this."""
    desk.taken(desk.write("bounces.csv", f"id,event,email,hard\n1,message.bounced,sara@example.com,{hard}\n"))
    assert bool(desk.rows("SELECT * FROM suppressions")) is bad


def test_other_kinds_of_events_come_in_the_same_way(desk: Desk) -> None:
    desk.taken(desk.write("leads.csv", TABLE))
    assert desk.taken(desk.write("out.csv", "id,email\n9,sara@example.com\n"), "--event", "contact.unsubscribed")["new"] == 1
    assert desk.rows("SELECT given FROM consent ORDER BY seq") == [(1,), (0,)]


@pytest.mark.parametrize("words", [("--event", "form.sumbitted"), ("--source", "a:b"), ("--source", "Site")])
def test_a_wrong_word_is_refused_before_anything_is_read(desk: Desk, words: tuple[str, str]) -> None:
    assert isinstance(desk.intake(desk.write("leads.csv", TABLE), *words).exception, Refused)
    assert not (desk.folder / "home" / "ledger.sqlite").exists()


def test_doubts_are_counted_and_shown_with_their_first_place(desk: Desk) -> None:
    path = desk.write("leads.csv", "id,email,consent\n1,a@example.com,perhaps\n2,b@example.com,perhaps\n")
    [doubt] = desk.taken(path)["warnings"]
    assert (doubt["rows"], doubt["first"]) == (2, f"{path}:2")
    assert desk.rows("SELECT count(*) FROM consent") == [(0,)]


def test_a_ledger_that_cant_be_written_is_said_and_the_same_command_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.write("leads.csv", TABLE)
    desk.taken(desk.write("first.csv", "id,email\n0,a@example.com\n"))
    monkeypatch.setattr("offswitch.ledger.sqlite._BUSY_SECONDS", 0.2)
    other = sqlite3.connect(desk.folder / "home" / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    error = desk.intake(path).exception
    other.close()
    assert isinstance(error, Refused)
    assert "run the same command again" in str(error)
    assert desk.taken(path)["new"] == 2


def test_thousands_of_rows_go_in_transactions_of_some_hundreds(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    read: list[int] = []

    def rows() -> Iterator[Submission | Reject]:
        for n in range(1_201):
            read.append(n)
            yield Submission(f"{n}", "form.submitted", NOON, f"f:{n}", f"p{n}@example.com", {}, (), {}, f"{n}")

    seen = [(len(read), tally.read) for tally in take_in(ledger, rows(), "file", FrozenClock())]
    assert seen == [(BATCH, BATCH), (2 * BATCH, 2 * BATCH), (1_201, 1_201)]
    with ledger.read() as book:
        assert len(list(book.events.all())) == 1_201
    ledger.close()


def test_a_crash_loses_no_batch_that_was_reported(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")

    def rows(broken: bool) -> Iterator[Submission | Reject]:
        for n in range(BATCH + 10):
            if broken and n == BATCH + 5:
                raise KeyboardInterrupt
            yield Submission(f"{n}", "form.submitted", NOON, f"f:{n}", f"p{n}@example.com", {}, (), {}, f"{n}")

    with pytest.raises(KeyboardInterrupt):
        list(take_in(ledger, rows(broken=True), "file", FrozenClock()))
    *_, tally = take_in(ledger, rows(broken=False), "file", FrozenClock())
    assert (tally.counts[Received.KNOWN], tally.counts[Received.NEW]) == (BATCH, 10)
    ledger.close()
