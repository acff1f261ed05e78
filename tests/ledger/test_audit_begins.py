"""How the log begins in a ledger that is older, and how it finds its way in a large one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from offswitch.ledger.audit import BEFORE
from offswitch.ledger.base import Ledger
from offswitch.ledger.digests import digest
from offswitch.ledger.migrate import upgrade
from offswitch.ledger.open import open_ledger
from offswitch.ledger.verify import Verified, verify
from offswitch.testing.ledger_rows import entry_of, put_in

ENTRY = """
    INSERT INTO entries (id, flow, contact_id, subject, event_id, step, state, rule, reason, work, lane, lane_reason,
        due, since, put_off, approved, taken_by, entered)
    VALUES (?, 'welcome', ?, '', 'e', 'confirm', 'waiting', '', '', '', 'machine', '', 1, 1, 0, '', '', 1)
"""


def verified(ledger: Ledger) -> Verified:
    with ledger.read() as book:
        return verify(book)


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of the first schema, with more rows than the log takes at once."""
    path = tmp_path / "ledger.sqlite"
    upgrade(f"sqlite:///{path}", "0001")
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(ENTRY, [(f"e{n}", f"c{n}") for n in range(2500)])
    return path


def test_a_ledger_that_is_older_than_the_log_is_listed_when_it_is_migrated(old: Path) -> None:
    ledger = open_ledger(f"sqlite:///{old}")
    found = verified(ledger)
    assert (found.count, found.rows, found.before, found.head.n) == (0, 2500, 2500, 2)
    with ledger.read() as book:
        assert {row.what for row in book.audit.rows()} == {BEFORE}
    put_in(ledger, entry_of("new"))
    change(old, "UPDATE entries SET due = 2 WHERE id = 'e2400'")
    change(old, "DELETE FROM entries WHERE id = 'e7'")
    assert [(one.what, one.key) for one in verified(ledger).troubles] == [("changed", "e2400"), ("missing", "e7")]
    ledger.close()


def test_a_migration_that_died_before_the_list_is_made_up_for_by_the_first_write(old: Path) -> None:
    upgrade(f"sqlite:///{old}")
    ledger = open_ledger(f"sqlite:///{old}")
    assert [one.detail for one in verified(ledger).troubles] == ["it is empty, and the ledger is not"]
    put_in(ledger, entry_of("new"))
    found = verified(ledger)
    assert (found.count, found.rows, found.before, found.head.n) == (0, 2501, 2500, 3)
    ledger.close()


def test_many_troubles_are_counted_and_a_thousand_told(old: Path) -> None:
    ledger = open_ledger(f"sqlite:///{old}")
    change(old, "UPDATE entries SET reason = 'x'")
    found = verified(ledger)
    assert (found.count, len(found.troubles)) == (2500, 1000)
    ledger.close()


def test_the_deeds_of_people_are_found_by_an_index(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with ledger.read() as book:
        query = "SELECT n FROM audit WHERE \"by\" <> 'machine' ORDER BY n DESC LIMIT 20"
        plan = book.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    ledger.close()
    assert "audit_of_people" in str(plan)


def test_a_column_that_is_added_later_and_empty_changes_no_digest() -> None:
    assert digest('["a",1,null]') == digest('["a",1]') == digest('["a", 1, null, null]'.replace(" ", ""))
    assert len({digest(one) for one in ('["a"]', '["a","null"]', '["a",""]', '["a",0]', "[null]", '[null,"a"]')}) == 6
