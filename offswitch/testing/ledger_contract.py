"""What every ledger must do. A test module imports these classes and gives them a `ledger` fixture of its own.

    from offswitch.testing.ledger_contract import *  # noqa: F403 - the suite

    @pytest.fixture
    def ledger(tmp_path): ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from offswitch.ledger.base import Book, Ledger
from offswitch.ledger.leases import Lease
from offswitch.ledger.work import WorkRow
from offswitch.model.contact import Contact
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry, State, send_once_key
from offswitch.model.event import Happened
from offswitch.model.verdict import Lane, Work

__all__ = [
    "TestAtomicity",
    "TestClaims",
    "TestConsent",
    "TestContacts",
    "TestCounting",
    "TestEffects",
    "TestEvents",
    "TestFencing",
    "TestHistory",
    "TestLeases",
    "TestStops",
    "TestWork",
]

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FLOW = "welcome"


def entry_of(name: str, *, due: datetime = NOW, **over: Any) -> Entry:
    """A waiting entry of the contact of the same name."""
    entry = Entry(name, FLOW, name, "confirm", due, NOW, f"event of {name}", visits={"confirm": 1}, since=due)
    return replace(entry, **over)


def effect_of(name: str = "a", *, state: Stage = Stage.RESERVED, **over: Any) -> Effect:
    """The letter of an entry's first visit."""
    key = send_once_key(name, "confirm", 1, "send:confirm")
    effect = Effect(key, name, FLOW, "confirm", 1, "send:confirm", name, NOW, state, "email", "smtp", counts=True)
    return replace(effect, **over)


def put_in(ledger: Ledger, *entries: Entry) -> None:
    """Entries that nobody holds."""
    with ledger.write() as book:
        for entry in entries:
            book.entries.add(entry)


def claim(ledger: Ledger, worker: str = "w", *, now: datetime = NOW, limit: int = 100, after: Any = None) -> tuple[Lease, list[Entry]]:
    """What a worker gets."""
    with ledger.write() as book:
        lease = book.leases.take(worker, FLOW, now, now + MINUTE)
        return lease, book.entries.claim(FLOW, now, lease.token, limit, after)


def ids(entries: Sequence[Entry]) -> list[str]:
    """Their names, in order."""
    return [entry.id for entry in entries]


def kept(ledger: Ledger, name: str) -> Entry:
    """An entry as it is now."""
    with ledger.read() as book:
        return book.entries.get([name])[name]


def effects(ledger: Ledger, name: str = "a") -> list[Effect]:
    """The effects of an entry."""
    with ledger.read() as book:
        return book.effects.of_entries([name]).get(name, [])


class TestClaims:
    """Who gets which entry."""

    def test_two_workers_never_hold_one_entry(self, ledger: Ledger) -> None:
        put_in(ledger, *(entry_of(f"e{n}") for n in range(10)))
        _, first = claim(ledger, "one", limit=6)
        _, second = claim(ledger, "two", limit=6)
        assert len(first) == 6
        assert len(second) == 4
        assert not set(ids(first)) & set(ids(second))

    def test_the_longest_due_comes_first(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("b", due=NOW), entry_of("c", due=NOW - MINUTE), entry_of("a", due=NOW))
        assert ids(claim(ledger)[1]) == ["c", "a", "b"]

    def test_a_pass_goes_on_behind_its_last_entry(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"), entry_of("b"), entry_of("c", due=NOW - MINUTE))
        assert ids(claim(ledger, after=(NOW, "a"))[1]) == ["b"]

    def test_what_is_not_due_is_left_alone(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a", due=NOW + timedelta(microseconds=1)))
        assert claim(ledger)[1] == []

    def test_another_flow_is_left_alone(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a", flow="other"))
        assert claim(ledger)[1] == []

    @pytest.mark.parametrize(
        "over",
        [
            {"taken_by": "lina@example.org"},
            {"lane": Lane.PEOPLE},
            {"state": State.WORKLIST, "work": Work.UNKNOWN},
            {"state": State.FINISHED},
            {"state": State.EXITED},
        ],
    )
    def test_what_people_have_and_what_is_over_is_never_claimed(self, ledger: Ledger, over: dict[str, Any]) -> None:
        put_in(ledger, entry_of("a", **over))
        assert claim(ledger)[1] == []

    def test_held_work_is_looked_at_again(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a", state=State.HELD))
        assert ids(claim(ledger)[1]) == ["a"]

    def test_an_entry_that_was_let_go_can_be_claimed_again(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"))
        lease, _ = claim(ledger)
        with ledger.write() as book:
            book.entries.let_go(lease.token)
        assert ids(claim(ledger, "two")[1]) == ["a"]

    def test_one_contact_has_one_running_entry_per_flow_and_subject(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"), entry_of("b", contact_id="a", state=State.FINISHED), entry_of("c", contact_id="a", subject="s"))
        with pytest.raises(IntegrityError):
            put_in(ledger, entry_of("d", contact_id="a"))


class TestLeases:
    """How long."""

    def test_tokens_only_grow_even_after_a_lease_has_ended(self, ledger: Ledger) -> None:
        tokens = []
        for _ in range(5):
            lease, _ = claim(ledger)
            tokens.append(lease.token)
            with ledger.write() as book:
                book.leases.end(lease.token, NOW)
        assert tokens == sorted(set(tokens))

    def test_a_living_lease_is_extended(self, ledger: Ledger) -> None:
        lease, _ = claim(ledger)
        with ledger.write() as book:
            assert book.leases.extend(lease, NOW + MINUTE / 2, NOW + 2 * MINUTE)
            assert book.leases.lapsed(FLOW, NOW + MINUTE) == []

    def test_a_lapsed_lease_can_not_be_extended(self, ledger: Ledger) -> None:
        lease, _ = claim(ledger)
        with ledger.write() as book:
            assert [one.token for one in book.leases.lapsed(FLOW, NOW + MINUTE)] == [lease.token]
            assert not book.leases.extend(lease, NOW + MINUTE, NOW + 2 * MINUTE)

    def test_a_lease_that_was_taken_away_can_not_be_extended(self, ledger: Ledger) -> None:
        lease, _ = claim(ledger)
        with ledger.write() as book:
            book.leases.end(lease.token, NOW)
            assert not book.leases.extend(lease, NOW, NOW + MINUTE)
            assert book.leases.of_worker("w") == []


class TestFencing:
    """A worker that lost its lease writes nothing."""

    def test_a_stale_token_releases_nothing(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"))
        old, mine = claim(ledger)
        with ledger.write() as book:
            book.entries.let_go(old.token)
        claim(ledger, "two")
        with ledger.write() as book:
            assert book.entries.release([replace(mine[0], step="greet")]) == 0
        assert kept(ledger, "a").step == "confirm"

    def test_a_stale_token_settles_nothing(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of(token=1)])
            assert book.effects.settle([(effect_of(token=2), Stage.PERFORMED, "", "")], NOW) == 0
            assert book.effects.settle([(effect_of(token=1), Stage.PERFORMED, "", "r")], NOW) == 1
            assert book.effects.settle([(effect_of(token=1), Stage.UNKNOWN, "", "")], NOW) == 0
        assert [(one.state, one.reference, one.tries) for one in effects(ledger)] == [(Stage.PERFORMED, "r", 1)]

    def test_what_an_event_or_a_person_changed_is_not_held_any_more(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"), entry_of("b"))
        lease, mine = claim(ledger)
        with ledger.write() as book:
            book.entries.put(replace(mine[0], state=State.FINISHED, ended=NOW))
            assert book.entries.held(lease.token) == {"b"}
            assert book.entries.release(mine) == 1
        assert kept(ledger, "a").state is State.FINISHED

    def test_a_release_writes_every_field_back(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"))
        _, [mine] = claim(ledger)
        after = replace(
            mine, step="greet", visits={"confirm": 1, "greet": 2}, due=NOW + MINUTE, since=NOW, put_off=MINUTE, state=State.HELD,
            rule="cap", reason="why", or_when={"message.replied": "answer"}, approved="greet:2", work=Work.LATE,
        )  # fmt: skip
        with ledger.write() as book:
            assert book.entries.release([after]) == 1
        assert kept(ledger, "a") == replace(after, token=None)


class TestEffects:
    """One row per send-once key, for ever."""

    @pytest.mark.parametrize("state", [Stage.RESERVED, Stage.PERFORMED, Stage.UNKNOWN, Stage.FAILED, Stage.SKIPPED])
    def test_a_key_that_is_not_planned_is_written_once(self, ledger: Ledger, state: Stage) -> None:
        with ledger.write() as book:
            assert book.effects.write([effect_of(state=state, token=1, reason="first")]) == 1
            assert book.effects.write([effect_of(token=2, reason="second")]) == 0
        assert [(one.state, one.token, one.reason) for one in effects(ledger)] == [(state, 1, "first")]

    def test_a_planned_key_may_be_reserved_again_and_keeps_its_tries(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of(token=1)])
            book.effects.settle([(effect_of(token=1), Stage.PLANNED, "later", "")], NOW)
            assert book.effects.write([effect_of(token=2, slot=7, digest="d")]) == 1
        assert [(one.state, one.token, one.slot, one.digest, one.tries) for one in effects(ledger)] == [(Stage.RESERVED, 2, 7, "d", 1)]

    def test_a_write_counts_only_the_keys_it_got(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of("a")])
            assert book.effects.write([effect_of("a", token=9), effect_of("b"), effect_of("c")]) == 2

    def test_what_is_reserved_is_found_by_its_token(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of("a", token=1), effect_of("b", token=2), effect_of("c", token=1, state=Stage.PLANNED)])
            assert [one.entry_id for one in book.effects.under(1)] == ["a"]

    def test_plan_and_body_come_back_as_they_went_in(self, ledger: Ledger) -> None:
        plan, body = {"then": "القادم", "after": 1.5}, {"kind": "note", "values": {"text": "“x”\n"}}
        with ledger.write() as book:
            book.effects.write([effect_of(plan=plan, body=body)])
        assert [(one.plan, one.body) for one in effects(ledger)] == [(plan, body)]

    def test_only_planned_writes_are_queued_oldest_first(self, ledger: Ledger) -> None:
        body = {"kind": "note"}
        rows = [effect_of("a", state=Stage.PLANNED, body=body), effect_of("b", state=Stage.PLANNED, body=body, at=NOW - MINUTE)]
        with ledger.write() as book:
            book.effects.write([*rows, effect_of("c", state=Stage.PLANNED), effect_of("d", body=body)])
            assert [one.entry_id for one in book.effects.queued(FLOW, 10)] == ["b", "a"]
            assert [one.entry_id for one in book.effects.queued(FLOW, 1)] == ["b"]

    def test_doubtful_effects_are_listed(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of("a", state=Stage.UNKNOWN), effect_of("b")])
            assert [one.entry_id for one in book.effects.unknown(FLOW)] == ["a"]


class TestCounting:
    """What caps count."""

    @pytest.mark.parametrize("state", Stage)
    def test_what_went_out_or_may_have_counts(self, ledger: Ledger, state: Stage) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of(state=state)])
            counted = bool(book.effects.sent(["a"], NOW - MINUTE))
        assert counted is (state in (Stage.RESERVED, Stage.PERFORMED, Stage.UNKNOWN))

    def test_what_people_sent_by_hand_counts(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of(state=Stage.PERFORMED, actor="lina@example.org")])
            assert book.effects.sent(["a"], NOW - MINUTE) == {"a": (NOW,)}

    def test_register_writes_never_count(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of(state=Stage.PERFORMED, counts=False)])
            assert book.effects.sent(["a"], NOW - MINUTE) == {}

    def test_all_flows_count_together_newest_first(self, ledger: Ledger) -> None:
        older = effect_of("x", contact_id="a", flow="other", state=Stage.PERFORMED, at=NOW - MINUTE)
        with ledger.write() as book:
            book.effects.write([older, effect_of(state=Stage.PERFORMED)])
            assert book.effects.sent(["a", "nobody"], NOW - 2 * MINUTE) == {"a": (NOW, NOW - MINUTE)}

    def test_what_is_as_old_as_the_window_is_out_of_it(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.effects.write([effect_of(state=Stage.PERFORMED)])
            assert book.effects.sent(["a"], NOW) == {}


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
    def test_the_last_word_counts_and_at_the_same_instant_the_no(
        self, ledger: Ledger, said: list[tuple[bool, int]], agrees: bool
    ) -> None:
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
        before = ledger.stop_mark()
        with pytest.raises(ZeroDivisionError), ledger.write() as book:
            book.stops.add("flow", FLOW, reason="", by="", at=NOW)
            raise ZeroDivisionError
        assert ledger.stop_mark() == before

    def test_an_off_period_opens_and_closes(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            assert book.stops.off_since(FLOW) is None
            book.stops.open_period(FLOW, "file", NOW)
            off = book.stops.off_since(FLOW)
            assert off is not None
            assert (off.reason, off.opened) == ("file", NOW)
            assert book.stops.off_since("other") is None
            book.stops.close_period(FLOW, "mariam", NOW + MINUTE)
            assert book.stops.off_since(FLOW) is None


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


class TestAtomicity:
    """All of a transaction, or nothing."""

    def test_an_error_in_the_block_leaves_nothing(self, ledger: Ledger) -> None:
        with pytest.raises(ZeroDivisionError), ledger.write() as book:
            book.entries.add(entry_of("a"))
            book.effects.write([effect_of()])
            book.contacts.add(Contact("a"), "", NOW)
            book.leases.take("w", FLOW, NOW, NOW + MINUTE)
            raise ZeroDivisionError
        with ledger.read() as book:
            assert book.entries.get(["a"]) == {}
            assert book.effects.of_entries(["a"]) == {}
            assert book.contacts.get(["a"]) == {}
            assert book.leases.of_worker("w") == []

    def test_a_writer_after_an_error_is_not_disturbed(self, ledger: Ledger) -> None:
        with pytest.raises(ZeroDivisionError), ledger.write():
            raise ZeroDivisionError
        put_in(ledger, entry_of("a"))
        assert kept(ledger, "a").id == "a"

    def test_a_reader_sees_one_instant(self, ledger: Ledger) -> None:
        with ledger.read() as before:
            assert before.entries.get(["a"]) == {}
            put_in(ledger, entry_of("a"))
            assert before.entries.get(["a"]) == {}
        assert kept(ledger, "a").id == "a"

    def test_a_time_without_a_zone_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(Exception, match="without a zone"):
            put_in(ledger, entry_of("a", due=NOW.replace(tzinfo=None)))
