"""What every ledger's audit log must do: hear of every change, and find every one that it didn't hear of."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Text, case, delete, func, insert, literal, not_, select, type_coerce, update

from offswitch.ledger.alerts import Alerts
from offswitch.ledger.audit import Head
from offswitch.ledger.base import Ledger
from offswitch.ledger.columns import Json, Word
from offswitch.ledger.digests import COVERED, UNLOGGED
from offswitch.ledger.recoveries import Recovery
from offswitch.ledger.reviews import Review
from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.ledger.shadow_book import ShadowBook
from offswitch.ledger.tables import audit, entries, metadata
from offswitch.ledger.verify import Trouble, verify
from offswitch.ledger.work import WorkRow
from offswitch.model.contact import Contact
from offswitch.model.effect import MACHINE, Stage
from offswitch.model.event import Happened
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, claim, effect_of, entry_of, put_in

MARIAM = "mariam@bayan.example"


class _Undone(Exception):
    """A test has seen enough: roll back."""


def fill(ledger: Ledger) -> None:
    """At least one row in every table that the log covers, in one person's name."""
    with ledger.write() as book:
        book.audit.say(MARIAM, "made everything", FLOW)
        book.contacts.add(Contact("a", "mona@example.com", "منى", "ar", "SA", fields={"plan": "basic"}), "mona@example.com", NOW)
        book.events.add(Happened("web:1", "form.submitted", NOW, "a", {"form": "contact"}, "web", NOW), "d1")
        book.events.begin(FLOW, 0)
        settled = {"event_id": "web:1", "flow": FLOW, "outcome": "machine", "rule": "", "reason": "", "entry_id": "a", "at": NOW}
        book.events.settle([settled])
        book.entries.add(entry_of("a"))
        book.effects.write([effect_of(state=Stage.PERFORMED, plan={"then": "value"}, revision="r1")])
        book.consent.record("a", "marketing", "email", True, source="web", wording="yes", at=NOW)
        book.consent.suppress("gone@example.com", "email", "hard bounce", NOW)
        book.work.put(WorkRow("a", "confirm", 1, MARIAM, NOW, draft={"drafts": []}))
        book.history.add_policy(FLOW, "r1", "switch: on", NOW)
        book.history.set_rung(FLOW, 1, by=MARIAM, why="it goes well", at=NOW)
        book.history.start_run("run", FLOW, NOW)
        book.history.end_run("run", NOW, {"performed": {"count": 1}})
        Alerts(book.connection, book.audit).claim("stop", "welcome is off", NOW)
        book.stops.add("flow", FLOW, reason="wrong text", by=MARIAM, at=NOW, until=NOW + MINUTE)
        book.stops.open_period(FLOW, "flow", "wrong text", NOW)
        book.requests.ask("on", FLOW, 300, by=MARIAM, why="it is mended", at=NOW)
        book.retirements.add(FLOW, by=MARIAM, agreed_by="omar@bayan.example", why="old", at=NOW, until=NOW + MINUTE)
        book.reviews.sign(Review(FLOW, MARIAM, "all is well", NOW))
        book.lifts.begin(FLOW, "cap lifted", MARIAM, NOW)
        book.lifts.end(FLOW, "cap lifted", NOW + MINUTE)
        ShadowBook(book, FLOW).entries.put_all([entry_of("shadow")])
        book.shadow.add([ShadowRow(FLOW, "a", "web:1", NOW, Would.SEND, "shadow", "confirm", action="send:it", plan={"then": "value"})])
        book.registers.begin("local", NOW)
        book.registers.take("local", ("", "7"), NOW, 1)
        book.recoveries.add(Recovery(NOW - MINUTE, NOW, 3, MARIAM, "omar@bayan.example", "backup", NOW))


def found_after(ledger: Ledger, change: Any) -> list[Trouble]:
    """What is found after a change behind the log's back, which is then rolled back."""
    found: list[Trouble] = []
    with suppress(_Undone), ledger.write() as book:
        book.connection.execute(change)
        found = verify(book).troubles
        raise _Undone
    return found


def troubles(ledger: Ledger) -> list[Trouble]:
    """What is found now."""
    with ledger.read() as book:
        return verify(book).troubles


def other(column: Column[Any]) -> Any:
    """Another value than the one that is there, for each row."""
    if isinstance(column.type, Boolean):
        return not_(column)
    if isinstance(column.type, Text | Json | Word):
        return func.coalesce(type_coerce(column, Text), "") + literal("x")
    return func.coalesce(type_coerce(column, BigInteger), 0) + 1


class TestAudit:
    """The append-only log."""

    def test_every_table_is_in_the_log_or_named_as_left_out(self, ledger: Ledger) -> None:
        fill(ledger)
        assert set(COVERED) == set(metadata.tables) - UNLOGGED
        with ledger.read() as book:
            written = [json.loads(row.rows) for row in book.audit.rows()]
        assert [set(tables) for tables in written] == [set(COVERED)]

    def test_what_was_written_is_valid(self, ledger: Ledger) -> None:
        fill(ledger)
        assert troubles(ledger) == []

    def test_a_transaction_that_changes_nothing_leaves_nothing(self, ledger: Ledger) -> None:
        claim(ledger)
        with ledger.write() as book:
            book.audit.say(MACHINE, "looks around", FLOW)
        with ledger.read() as book:
            assert book.audit.head() == Head(0, "")

    def test_a_transaction_that_fails_leaves_nothing(self, ledger: Ledger) -> None:
        with suppress(_Undone), ledger.write() as book:
            book.entries.add(entry_of("a"))
            raise _Undone
        with ledger.read() as book:
            assert book.audit.head() == Head(0, "")

    def test_a_persons_deed_is_kept_even_if_it_changes_nothing(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.audit.say(MARIAM, "approved plan 4f5e", FLOW)
        with ledger.read() as book:
            assert [(deed.n, deed.by, deed.flow, deed.what) for deed in book.audit.deeds(5)] == [(1, MARIAM, FLOW, "approved plan 4f5e")]

    def test_the_deeds_of_people_come_newest_last_by_flow_and_by_person(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"))
        for by, flow in ((MARIAM, FLOW), ("omar", FLOW), (MARIAM, "other"), (MARIAM, "")):
            with ledger.write() as book:
                book.audit.say(by, "did something", flow)
        with ledger.read() as book:
            assert [deed.n for deed in book.audit.deeds(9)] == [2, 3, 4, 5]
            assert [deed.n for deed in book.audit.deeds(1)] == [5]
            assert [deed.n for deed in book.audit.deeds(9, FLOW)] == [2, 3]
            assert [deed.n for deed in book.audit.deeds(9, "", MARIAM)] == [2, 4, 5]

    def test_what_was_not_ours_any_more_is_logged_as_it_is(self, ledger: Ledger) -> None:
        """A worker that comes too late writes nothing, and the log doesn't say that it did."""
        put_in(ledger, entry_of("a"))
        late, _ = claim(ledger)
        with ledger.write() as book:
            book.effects.write([effect_of(token=late.token)])
            book.entries.put(entry_of("a", step="value"))
            book.effects.put(effect_of(state=Stage.UNKNOWN))
            book.leases.end(late.token, NOW)
        with ledger.write() as book:
            assert book.entries.release([entry_of("a", token=late.token, step="lost")]) == 0
            assert book.effects.settle([(effect_of(token=late.token), Stage.PERFORMED, "", "ref")], NOW) == 0
        assert troubles(ledger) == []

    @pytest.mark.parametrize("name", COVERED)
    def test_a_change_of_any_column_behind_its_back_is_found(self, ledger: Ledger, name: str) -> None:
        fill(ledger)
        covered = COVERED[name]
        for column in covered.columns:
            found = found_after(ledger, update(covered.table).values({column: other(column)}))
            assert {(one.what, one.table) for one in found} <= {("changed", name), ("missing", name), ("added", name)}
            assert found, column

    @pytest.mark.parametrize("name", COVERED)
    def test_a_row_that_is_deleted_or_put_in_is_found(self, ledger: Ledger, name: str) -> None:
        fill(ledger)
        table = COVERED[name].table
        assert [one.what for one in found_after(ledger, delete(table))] == ["missing"]
        unique = {column.name for column in table.primary_key} | {"id", "address"}
        free = {"contact_id"} if name == entries.name else set()
        copied = select(*[other(column) if column.name in unique | free else column for column in table.c])
        assert [one.what for one in found_after(ledger, insert(table).from_select(list(table.c), copied))] == ["added"]

    def test_an_entry_under_a_lease_that_is_over_is_found(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"))
        lease, _ = claim(ledger)
        assert troubles(ledger) == []
        found = found_after(ledger, update(entries).values(token=lease.token + 1))
        assert found == [Trouble("held", "entries", "a")]

    @pytest.mark.parametrize("column", [column.name for column in audit.c])
    def test_a_change_of_the_log_itself_is_found(self, ledger: Ledger, column: str) -> None:
        for name in "abc":
            put_in(ledger, entry_of(name))
        for n in (1, 2, 3):
            change = -1 if column == "n" else other(audit.c[column])
            found = found_after(ledger, update(audit).where(audit.c.n == n).values({column: change}))
            assert "log" in {one.what for one in found}, n

    def test_a_row_of_the_log_that_is_taken_out_or_moved_is_found(self, ledger: Ledger) -> None:
        for _ in "abc":
            with ledger.write() as book:
                book.audit.say(MARIAM, "the same again", FLOW)
        for n in (1, 2):
            assert "log" in {one.what for one in found_after(ledger, delete(audit).where(audit.c.n == n))}
        turned = case((audit.c.n == 1, -2), (audit.c.n == 2, -1), else_=-3)
        with suppress(_Undone), ledger.write() as book:
            book.connection.execute(update(audit).values(n=turned))
            book.connection.execute(update(audit).values(n=-audit.c.n))
            assert "log" in {one.what for one in verify(book).troubles}
            raise _Undone

    def test_a_log_that_is_gone_is_found(self, ledger: Ledger) -> None:
        fill(ledger)
        assert [one.what for one in found_after(ledger, delete(audit))] == ["log"]

    def test_a_log_begins_with_what_is_there(self, ledger: Ledger) -> None:
        fill(ledger)
        with ledger.write() as book:
            book.connection.execute(delete(audit))
            book.audit.begin()
        with ledger.read() as book:
            found = verify(book)
            assert (found.count, found.before) == (0, found.rows)
        put_in(ledger, entry_of("b"))
        assert troubles(ledger) == []

    def test_writers_side_by_side_make_one_chain(self, ledger: Ledger) -> None:
        def work(worker: int) -> None:
            for n in range(15):
                with ledger.share() as book:
                    book.effects.write([effect_of(f"{worker}/{n}", state=Stage.PLANNED)])

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, range(3)))
        with ledger.read() as book:
            found = verify(book)
        assert (found.head.n, found.rows, found.count) == (45, 45, 0)
