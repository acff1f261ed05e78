"""What every ledger must tell of the messages of a flow and what followed them. Part of `ledger_contract`."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from offswitch.ledger.base import Book, Ledger
from offswitch.ledger.columns import micros
from offswitch.ledger.consent import REFUSED
from offswitch.model.contact import Contact
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.event import Happened
from offswitch.model.verdict import Lane
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, effect_of, entry_of, put_in

DAY = timedelta(days=1)
EVER = NOW - 999 * DAY


def sent(book: Book, name: str, at: datetime = NOW, **over: Any) -> None:
    """A message of this flow, performed by the machine."""
    effect = replace(effect_of(name, state=Stage.PERFORMED), at=at, **over)
    book.effects.write([replace(effect, key=f"{effect.key} {effect.flow} {at}")])


def complains(book: Book, name: str, at: datetime = NOW + MINUTE, kind: str = "message.complained") -> None:
    """What a contact did."""
    book.events.add(Happened(f"{kind} {name} {at}", kind, at, name, {}, "t", at), "digest")


def followed(ledger: Ledger, since: datetime = EVER) -> list[tuple[str, str]]:
    """Who complained, and about whose message."""
    with ledger.read() as book:
        return [(one.contact_id, one.actor) for one in book.evidence.followed(FLOW, "message.complained", since)]


class TestEvidence:
    """Sends, and what people did after them."""

    def test_only_performed_messages_of_the_flow_by_the_machine_count_in_order(self, ledger: Ledger) -> None:
        others: list[dict[str, Any]] = [{"flow": "other"}, {"actor": "lina"}, {"counts": False}]
        others += [{"state": state} for state in Stage if state is not Stage.PERFORMED]
        with ledger.write() as book:
            for n, over in enumerate(others):
                sent(book, f"x{n}", **over)
            for n in (3, 1, 2):
                sent(book, f"c{n}", NOW + n * MINUTE)
            assert book.evidence.sends(FLOW, EVER) == [micros(NOW + n * MINUTE) for n in (1, 2, 3)]
            assert book.evidence.sends(FLOW, NOW + MINUTE) == [micros(NOW + n * MINUTE) for n in (2, 3)]

    @pytest.mark.parametrize(
        ("over", "claimed"),
        [
            ({}, [("a", "machine")]),
            ({"actor": "lina"}, [("a", "lina")]),
            ({"flow": "other"}, []),
            ({"contact_id": "b"}, []),
            ({"counts": False}, []),
            ({"state": Stage.FAILED}, []),
            ({"at": NOW + 2 * MINUTE}, []),
            ({"at": NOW - 14 * DAY + 2 * MINUTE}, [("a", "machine")]),
            ({"at": NOW - 14 * DAY}, []),
        ],
    )
    def test_an_event_belongs_to_the_message_before_it(self, ledger: Ledger, over: dict[str, Any], claimed: list[tuple[str, str]]) -> None:
        with ledger.write() as book:
            sent(book, "a", **over)
            complains(book, "a")
            complains(book, "a", kind="message.replied")
        assert followed(ledger) == claimed

    def test_the_latest_message_claims_it_whoever_sent_it(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            for name, over in (("a", {}), ("b", {"flow": "other"}), ("c", {"actor": "lina"})):
                sent(book, name, NOW - MINUTE)
                sent(book, name, NOW, **over)
                complains(book, name)
        assert followed(ledger) == [("a", "machine"), ("c", "lina")]
        assert followed(ledger, NOW) == [], "messages of an older test"

    def test_refused_addresses_are_told_from_other_failures(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            for name in ("a", "b", "c"):
                book.contacts.add(Contact(name, f"{name}@example.com"), f"{name}@example.com", NOW)
                sent(book, name, state=Stage.FAILED)
            book.consent.suppress("a@example.com", "email", REFUSED, NOW)
            book.consent.suppress("c@example.com", "email", "complaint", NOW)
            assert [one.contact_id for one in book.evidence.refused(FLOW, EVER)] == ["a"]
            assert book.evidence.refused(FLOW, NOW) == book.evidence.refused("other", EVER) == []

    def test_a_text_that_was_drawn_is_told_with_what_followed_until_the_next_message(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            sent(book, "a", NOW, variant="short")
            sent(book, "b", NOW + MINUTE, variant="own", actor="lina")
            sent(book, "c", NOW + MINUTE)
            sent(book, "d", NOW + 2 * MINUTE, variant="own")
            sent(book, "b", NOW + 3 * MINUTE, flow="other")
            for name, at in (("a", 1), ("b", 2), ("b", 4)):
                complains(book, name, NOW + at * MINUTE)
            span = FLOW, effect_of("a").action, NOW, NOW + 2 * MINUTE
            assert [(one.contact_id, one.variant) for one in book.trials.sent(*span)] == [("a", "short"), ("b", "own"), ("c", "")]
            assert [(one.variant, one.actor) for one in book.trials.drew(*span)] == [("short", "machine"), ("own", "lina")]
            answers = book.trials.answered(*span[:2], ["message.complained"], *span[2:])
            assert [(one.contact_id, one.variant, one.at - one.sent) for one in answers] == [("a", "short", MINUTE), ("b", "own", MINUTE)]
            assert [who for who, _ in book.trials.events("message.complained", NOW + 2 * MINUTE)] == ["b", "b"]

    def test_addresses_that_were_refused_are_counted_by_text(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.contacts.add(Contact("a", "a@example.com"), "a@example.com", NOW)
            sent(book, "a", NOW, state=Stage.FAILED, variant="short")
            book.consent.suppress("a@example.com", "email", REFUSED, NOW)
            assert book.trials.refused(FLOW, effect_of("a").action, NOW, NOW + MINUTE) == {"short": 1}
            assert book.trials.refused(FLOW, effect_of("a").action, NOW + MINUTE, NOW + DAY) == {}

    def test_the_mark_moves_when_there_may_be_something_new(self, ledger: Ledger) -> None:
        kinds = ("message.complained",)
        with ledger.write() as book:
            assert book.evidence.mark(kinds, 0) == (0, 0, 0)
            complains(book, "a", kind="form.submitted")
            newest, harmful, _ = book.evidence.mark(kinds, 0)
            assert (newest > 0, harmful) == (True, 0)
            complains(book, "a")
            assert book.evidence.mark(kinds, newest)[1] > newest
            book.consent.suppress("a@example.com", "email", REFUSED, NOW)
            assert book.evidence.mark(kinds, newest + 1)[1:] == (0, 1)

    def test_outcomes_are_counted_by_lane_among_the_journeys_that_are_over(self, ledger: Ledger) -> None:
        goal: dict[str, Any] = {"state": State.FINISHED, "reason": "goal"}
        rest: dict[str, Any] = {"state": State.EXITED, "reason": "gave up"}
        people: dict[str, Any] = {"lane": Lane.PEOPLE, "lane_reason": "outside"}
        each: list[dict[str, Any]] = [goal, rest, {}, {**goal, **people}, {**goal, **people}, {**rest, **people, "lane_reason": "old"}]
        put_in(ledger, *(entry_of(f"e{n}", ended=NOW if "state" in over else None, **over) for n, over in enumerate(each)))
        with ledger.read() as book:
            assert book.evidence.outcomes(FLOW, "machine", "", "goal") == (1, 2)
            assert book.evidence.outcomes(FLOW, "people", "outside", "goal") == (2, 2)
            assert book.evidence.outcomes("other", "people", "outside", "goal") == (0, 0)

    def test_only_a_release_ends_the_automatic_stops_of_one_source(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            for name, by in ((FLOW, "guardrail"), ("other", "guardrail"), (FLOW, "machine")):
                book.stops.add("flow", name, reason="", by=by, at=NOW, automatic=by == "guardrail")
            book.stops.end("flow", FLOW, by="omar", at=NOW)
            assert book.stops.lifted(FLOW, "guardrail") is None
            assert [(row.name, row.by) for row in book.stops.now()] == [(FLOW, "guardrail"), ("other", "guardrail")]
            assert book.stops.lift(FLOW, "guardrail", by="omar", at=NOW + MINUTE) == 1
            assert book.stops.lifted(FLOW, "guardrail") == NOW + MINUTE
            assert [row.name for row in book.stops.now()] == ["other"]
