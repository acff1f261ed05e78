"""What every ledger must do. A test module imports these classes and gives them a `ledger` fixture of its own.

from offswitch.testing.ledger_contract import *  # noqa: F403 - the suite

@pytest.fixture
def ledger(tmp_path): ...
"""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from offswitch.ledger.base import Ledger
from offswitch.model.contact import Contact
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.verdict import Work
from offswitch.testing.ledger_audit import TestAudit
from offswitch.testing.ledger_backlog import TestBacklog
from offswitch.testing.ledger_edits import TestADayByHand, TestEdits
from offswitch.testing.ledger_ends import TestEnds
from offswitch.testing.ledger_evidence import TestEvidence
from offswitch.testing.ledger_nouns import TestConsent, TestContacts, TestEvents, TestHistory, TestStops, TestWork
from offswitch.testing.ledger_pace import TestPace
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, claim, effect_of, effects, entry_of, ids, kept, put_in

__all__ = [
    "TestADayByHand", "TestAtomicity", "TestAudit", "TestBacklog", "TestClaims", "TestConsent", "TestContacts",
    "TestCounting", "TestEdits", "TestEffects", "TestEnds", "TestEvents", "TestEvidence", "TestFencing", "TestHistory",
    "TestLeases", "TestPace", "TestStops", "TestWork",
]  # fmt: skip


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


class TestAtomicity:
    """All of a transaction, or nothing."""

    def test_an_error_in_the_block_leaves_nothing(self, ledger: Ledger) -> None:
        def broken() -> None:
            with ledger.write() as book:
                book.entries.add(entry_of("a"))
                book.effects.write([effect_of()])
                book.contacts.add(Contact("a"), "", NOW)
                book.leases.take("w", FLOW, NOW, NOW + MINUTE)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken()
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
