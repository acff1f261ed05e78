"""What every ledger must do with each noun: consent, people, events, stops, work, history. Part of `ledger_contract`."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from offswitch.ledger.base import Book, Ledger
from offswitch.ledger.work import WorkRow
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, entry_of, put_in


class TestConsent:
    """What people said."""

    @staticmethod
    def say(book: Book, given: bool, at: datetime, purpose: str = "marketing") -> None:
        """A yes or a no by e-mail."""
        book.consent.record("a", purpose, "email", given, source="form", wording="yes, write to me", at=at)

    @pytest.mark.parametrize(
        ("said", "agrees"),
        [
            ([(True, 0)], True),
            ([(True, 0), (False, 1)], False),
            ([(False, 1), (True, 0)], False),
            ([(False, 0), (True, 1)], True),
            ([(True, 0), (False, 0)], False),
            ([(False, 0), (True, 0)], False),
            ([], False),
        ],
    )
    def test_the_last_word_counts_and_at_the_same_instant_the_no(self, ledger: Ledger, said: list[tuple[bool, int]], agrees: bool) -> None:
        with ledger.write() as book:
            for given, minute in said:
                self.say(book, given, NOW + minute * MINUTE)
            assert (("marketing", "email") in book.consent.of(["a"]).get("a", frozenset())) is agrees

    def test_purposes_stand_each_for_itself(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            self.say(book, True, NOW)
            self.say(book, False, NOW, "research")
            assert book.consent.of(["a", "b"]) == {"a": frozenset({("marketing", "email")})}

    def test_a_suppressed_address_is_suppressed_for_good(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.contacts.add(Contact("a", "A@example.com"), "a@example.com", NOW)
            book.contacts.add(Contact("b"), "", NOW)
            for reason in ("hard bounce", "complaint"):
                book.consent.suppress("a@example.com", "email", reason, NOW)
        with ledger.read() as book:
            assert book.consent.suppressed(["a", "b"]) == {"a": frozenset({"email"})}


class TestContacts:
    """Who is who."""

    def test_people_are_found_by_id_and_address(self, ledger: Ledger) -> None:
        person = Contact("a", "Mona@Example.com", "منى", "ar", "SA", "Asia/Riyadh", "+966500000000", {"tier": "major"})
        with ledger.write() as book:
            book.contacts.add(person, "mona@example.com", NOW)
            assert book.contacts.get(["a", "b"]) == {"a": person}
            assert book.contacts.by_address(["mona@example.com"]) == {"mona@example.com": person}
            assert book.contacts.address("a") == "mona@example.com"

    def test_empty_values_never_wipe_what_is_known(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.contacts.add(Contact("a", name="Mona", fields={"tier": "major"}), "", NOW)
            book.contacts.learn("a", {"name": "", "country": "SA", "fields": {"size": 3}})
            person = book.contacts.get(["a"])["a"]
        assert (person.name, person.country, dict(person.fields)) == ("Mona", "SA", {"tier": "major", "size": 3})


class TestEvents:
    """What happened."""

    @staticmethod
    def add(book: Book, *names: str) -> None:
        """Events of the contact `a`."""
        for name in names:
            book.events.add(Happened(name, "form.submitted", NOW, "a", {"form": name}, "web", NOW), f"digest of {name}")

    def test_an_event_is_there_once(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            self.add(book, "one")
            assert book.events.digest_of("one") == "digest of one"
            assert book.events.digest_of("two") is None
        with pytest.raises(IntegrityError), ledger.write() as book:
            self.add(book, "one")

    def test_every_flow_has_a_cursor_of_its_own(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            self.add(book, "one", "two", "three")
            book.events.begin(FLOW, 0)
            seen = book.events.unseen(FLOW, 2)
            assert [happened.id for _, happened in seen] == ["one", "two"]
            book.events.seen(FLOW, seen[-1][0])
            assert [happened.id for _, happened in book.events.unseen(FLOW)] == ["three"]
            assert len(book.events.unseen("other")) == 3
            assert (book.events.count_unseen(FLOW, "form.submitted"), book.events.count_unseen("other", "form.submitted")) == (1, 3)

    def test_the_events_of_a_contact_come_oldest_first(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            self.add(book, "two", "three")
            book.events.add(Happened("one", "form.submitted", NOW - MINUTE, "a", {}, "web", NOW), "d")
            assert [happened.id for happened in book.events.of_contacts(["a"])["a"]] == ["one", "two", "three"]

    def test_a_flow_answers_an_event_once(self, ledger: Ledger) -> None:
        row = {"event_id": "one", "flow": FLOW, "outcome": "no", "rule": "again", "reason": "r", "entry_id": "", "at": NOW}
        with ledger.write() as book:
            book.events.settle([row, {**row, "flow": "other"}])
        with pytest.raises(IntegrityError), ledger.write() as book:
            book.events.settle([row])


class TestStops:
    """What says no."""

    @staticmethod
    def stop(ledger: Ledger, name: str = FLOW, *, automatic: bool = False) -> None:
        """A stop of one flow."""
        with ledger.write() as book:
            book.stops.add("flow", name, reason="r", by="mariam", at=NOW, automatic=automatic)

    def test_the_same_stop_is_one(self, ledger: Ledger) -> None:
        self.stop(ledger)
        self.stop(ledger)
        self.stop(ledger, automatic=True)
        with ledger.read() as book:
            assert [row.automatic for row in book.stops.now()] == [False, True]

    def test_an_automatic_stop_outlives_the_end_of_the_manual_one(self, ledger: Ledger) -> None:
        self.stop(ledger)
        self.stop(ledger, automatic=True)
        with ledger.write() as book:
            assert book.stops.end("flow", FLOW, by="mariam", at=NOW) == 1
            assert [row.automatic for row in book.stops.now()] == [True]

    def test_the_mark_changes_with_every_stop_and_every_end(self, ledger: Ledger) -> None:
        marks = [ledger.stop_mark()]
        self.stop(ledger)
        marks.append(ledger.stop_mark())
        self.stop(ledger, "other")
        marks.append(ledger.stop_mark())
        with ledger.write() as book:
            book.stops.end("flow", FLOW, by="mariam", at=NOW)
            book.stops.add("flow", "third", reason="", by="mariam", at=NOW)
        marks.append(ledger.stop_mark())
        assert len(set(marks)) == 4

    def test_a_stop_that_is_not_committed_is_not_in_the_mark(self, ledger: Ledger) -> None:
        def broken() -> None:
            with ledger.write() as book:
                book.stops.add("flow", FLOW, reason="", by="", at=NOW)
                raise ZeroDivisionError

        before = ledger.stop_mark()
        with pytest.raises(ZeroDivisionError):
            broken()
        assert ledger.stop_mark() == before

    def test_an_off_period_opens_and_closes(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            assert book.stops.periods(FLOW) == {}
            book.stops.open_period(FLOW, "flow welcome", "file", NOW)
            book.stops.open_period(FLOW, "channel email", "file", NOW + MINUTE)
            assert book.stops.periods(FLOW) == {"flow welcome": NOW, "channel email": NOW + MINUTE}
            assert book.stops.periods("other") == {}
            book.stops.close_periods(FLOW, ["flow welcome"], "mariam", NOW + MINUTE)
            assert list(book.stops.periods(FLOW)) == ["channel email"]


class TestWork:
    """What people did."""

    def test_a_second_word_on_one_visit_replaces_the_first(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"))
        with ledger.write() as book:
            book.work.put(WorkRow("a", "confirm", 1, taken_by="lina", taken_at=NOW, draft={"subject": "مرحبا"}))
            book.work.put(WorkRow("a", "confirm", 2, taken_by="omar"))
            done = WorkRow("a", "confirm", 1, taken_by="lina", outcome="done", done_by="lina", done_at=NOW, minutes=3)
            book.work.put(done)
            rows = book.work.of_entries(["a"])
            assert rows[("a", "confirm", 1)] == done
            assert rows[("a", "confirm", 2)].taken_by == "omar"
            assert book.work.done_by_outcome(FLOW) == {"done": 1}


class TestHistory:
    """What was in force and what ran."""

    def test_the_newest_policy_and_rung_of_each_flow_count(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            assert (book.history.last_policy(FLOW), book.history.rung(FLOW)) == (None, 0)
            for digest in ("d1", "d2"):
                book.history.add_policy(FLOW, digest, f"text of {digest}", NOW)
            for rung in (2, 1):
                book.history.set_rung(FLOW, rung, by="machine", why="safe", at=NOW)
            last = book.history.last_policy(FLOW)
            assert last is not None
            assert (last.digest, last.policy, book.history.rung(FLOW), book.history.rung("other")) == ("d2", "text of d2", 1, 0)

    def test_a_run_ends_with_its_report(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.history.start_run("r1", FLOW, NOW)
            book.history.end_run("r1", NOW + MINUTE, {"performed": {"count": 2}})
            last = book.history.last_run(FLOW)
            assert last is not None
            assert (last.id, last.ended, last.report) == ("r1", NOW + MINUTE, {"performed": {"count": 2}})
