"""What every ledger must tell of those whom an edit touches, and of a day's work by hand. Part of `ledger_contract`."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from datetime import timedelta

from offswitch.ledger.base import Ledger
from offswitch.ledger.work import WorkRow
from offswitch.model.effect import Stage
from offswitch.model.entry import OVERDUE, State
from offswitch.model.event import Happened
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, effect_of, entry_of, kept, put_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TestEdits:
    """Who stands where when a journey changes."""

    def test_whoever_stands_at_a_step_that_is_gone_is_found_in_order_of_the_due_time(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("b", due=NOW + MINUTE, step="old"), entry_of("a", due=NOW + 2 * MINUTE, step="old"), entry_of("c"))
        put_in(ledger, entry_of("d", step="old", state=State.EXITED), entry_of("e", step="old", taken_by="lina"))
        with ledger.read() as book:
            first = book.entries.edited(FLOW, ["old"], {}, None, 1)
            assert first == [(NOW + MINUTE, "b")]
            assert book.entries.edited(FLOW, ["old"], {}, first[-1], 9) == [(NOW + 2 * MINUTE, "a")]

    def test_only_another_wait_that_nothing_has_put_off_is_found(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("same", wait=DAY), entry_of("other", wait=HOUR), entry_of("own time"))
        put_in(ledger, entry_of("put off", wait=HOUR, rule="cap"), entry_of("held", wait=HOUR, state=State.HELD))
        with ledger.read() as book:
            assert book.entries.edited(FLOW, [], {"confirm": DAY}, None, 9) == [(NOW, "other")]
            assert book.entries.edited(FLOW, [], {"elsewhere": DAY}, None, 9) == []

    def test_many_are_written_at_once(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"), entry_of("b"))
        with ledger.write() as book:
            book.entries.put_all([entry_of(name, step="greet", wait=DAY) for name in "ab"])
        assert {(kept(ledger, name).step, kept(ledger, name).wait) for name in "ab"} == {("greet", DAY)}

    def test_those_inside_are_counted_by_step_by_flow_and_by_where_an_event_leads(self, ledger: Ledger) -> None:
        waits = {"message.replied": "answer", "call.booked": "answer", OVERDUE: "nudge"}
        put_in(ledger, entry_of("a", or_when=waits), entry_of("b", or_when={"message.replied": "answer"}), entry_of("c", step="greet"))
        put_in(ledger, entry_of("d", state=State.FINISHED, or_when=waits), entry_of("e", flow="other"))
        with ledger.read() as book:
            assert book.entries.by_step(FLOW) == {"confirm": 2, "greet": 1}
            assert book.entries.leading_to(FLOW) == {"answer": 2}
            assert book.entries.by_flow() == {FLOW: 3, "other": 1}

    def test_who_had_a_letter_before_is_counted_at_whatever_step_it_was(self, ledger: Ledger) -> None:
        put_in(ledger, *(entry_of(name, step="greet") for name in "abc"), entry_of("d"))
        with ledger.write() as book:
            book.effects.write([effect_of("a", state=Stage.PERFORMED), effect_of("b", state=Stage.UNKNOWN)])
            book.effects.write([effect_of("c", state=Stage.SKIPPED), effect_of("d", state=Stage.PERFORMED)])
            assert book.effects.had(FLOW, "greet", "send:confirm") == 2


class TestADayByHand:
    """What people would have to do."""

    def test_what_is_due_by_then_or_with_people_is_counted(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"), entry_of("b", due=NOW + DAY), entry_of("c", due=NOW + 2 * DAY))
        put_in(ledger, entry_of("d", due=NOW + 9 * DAY, state=State.WORKLIST), entry_of("e", state=State.EXITED))
        with ledger.read() as book:
            assert book.entries.due_by(FLOW, NOW + DAY) == 3

    def test_triggers_are_counted_since_a_time_and_the_first_is_told(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            for n, age in enumerate((9, 3, 1)):
                at = NOW - age * DAY
                book.events.add(Happened(f"e{n}", "form.submitted", at, "c", {}, "site", at), f"d{n}")
            assert book.events.received_since("form.submitted", NOW - 7 * DAY) == (2, NOW - 9 * DAY)
            assert book.events.received_since("never.heard", NOW) == (0, None)

    def test_minutes_are_those_that_people_said_for_this_flow_since_then(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("a"), entry_of("b"), entry_of("c"), entry_of("d", flow="other"))
        with ledger.write() as book:
            for name, minutes, age in (("a", 4, 1), ("b", None, 1), ("c", 7, 100), ("d", 9, 1)):
                book.work.put(WorkRow(name, "confirm", 1, "", None, "done", "lina", NOW - age * DAY, "", minutes))
            assert book.work.minutes(FLOW, NOW - 90 * DAY) == [4]

    def test_only_what_people_finished_without_the_machine_is_a_path_by_hand(self, ledger: Ledger) -> None:
        put_in(ledger, *(entry_of(name, state=State.FINISHED) for name in "abcde"), entry_of("inside"))
        put_in(ledger, entry_of("left", state=State.EXITED), entry_of("far", state=State.FINISHED, flow="other"))
        with ledger.write() as book:
            book.effects.write([effect_of("b"), effect_of("c", state=Stage.SKIPPED)])  # by the machine
            book.effects.write([effect_of("a", actor="lina", state=Stage.PERFORMED)])
            for name in ("a", "b", "c", "inside", "left", "far"):
                book.work.put(WorkRow(name, "confirm", 1, outcome="done", done_by="lina", done_at=NOW))
            book.work.put(WorkRow("a", "answer", 2, outcome="later", done_by="omar", done_at=NOW + DAY))
            book.work.put(WorkRow("c", "answer", 2, outcome="skip", done_by="omar", done_at=NOW + HOUR))
            book.work.put(WorkRow("d", "confirm", 1, outcome="skip", done_by="lina", done_at=NOW))
            book.work.put(WorkRow("e", "confirm", 1, outcome="approve", done_by="lina", done_at=NOW))
            paths = [("confirm:done", "answer:later"), ("confirm:done", "answer:skip")]
            assert sorted(book.work.paths(FLOW, 9)) == paths
            assert book.work.paths(FLOW, 1) == paths[:1]
