"""What every ledger must tell of the pace: what was begun, what nobody answered, who stands beside whom. Part of `ledger_contract`."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from datetime import timedelta

from offswitch.ledger.base import Ledger
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.event import Happened
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, effect_of, entry_of, put_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TestPace:
    """Counts that hold for all workers together."""

    def test_what_was_begun_in_a_window_is_counted_with_its_first_instant(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            token = book.leases.take("w", FLOW, NOW, NOW + MINUTE).token
            stages = (Stage.RESERVED, Stage.PERFORMED, Stage.UNKNOWN, Stage.FAILED, Stage.PLANNED, Stage.SKIPPED)
            book.effects.write([effect_of(f"e{n}", state=stage, token=token, at=NOW + n * MINUTE) for n, stage in enumerate(stages)])
            book.effects.write([effect_of("by hand", state=Stage.PERFORMED, token=None, actor="lina", at=NOW)])
            assert book.effects.begun(NOW - MINUTE) == (4, NOW)
            assert book.effects.begun(NOW) == (3, NOW + MINUTE)
            assert book.effects.begun(NOW, FLOW) == (3, NOW + MINUTE)
            assert book.effects.begun(NOW, "other") == (0, None)

    def test_what_is_far_back_is_not_read_and_not_counted(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            old = book.leases.take("w", FLOW, NOW - DAY, NOW - DAY + MINUTE).token
            new = book.leases.take("w", FLOW, NOW, NOW + MINUTE).token
            book.effects.write([effect_of("old", state=Stage.PERFORMED, token=old, at=NOW - DAY)])
            book.effects.write([effect_of("new", state=Stage.PERFORMED, token=new, at=NOW)])
            assert book.effects.begun(NOW - HOUR) == (1, NOW)
            assert book.effects.begun(NOW - 2 * DAY) == (2, NOW - DAY)

    def test_the_count_can_be_locked_for_one_worker_at_a_time(self, ledger: Ledger) -> None:
        with ledger.share() as book:
            book.effects.lock_rate()

    def test_only_messages_since_the_last_answer_are_unanswered(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            for person in ("a", "b"):
                rows = [effect_of(f"{person}{n}", contact_id=person, state=Stage.PERFORMED, at=NOW + n * DAY) for n in range(3)]
                book.effects.write(rows)
            for n, kind in enumerate(("message.opened", "message.replied", "message.opened")):
                book.events.add(Happened(f"e{n}", kind, NOW + n * DAY, "a", {}, "test", NOW), "digest")
            found = book.effects.unanswered(["a", "b", "c"], ["message.replied"])
        assert [at for at, _, _ in found["a"]] == [NOW + 2 * DAY]
        assert [at for at, _, _ in found["b"]] == [NOW + 2 * DAY, NOW + DAY, NOW]
        assert found["a"][0][1:] == (FLOW, "send:confirm")
        assert "c" not in found

    def test_who_stands_in_other_flows_is_found_until_it_is_over(self, ledger: Ledger) -> None:
        put_in(ledger, entry_of("e1", contact_id="a", flow="other", since=NOW - HOUR), entry_of("e2", contact_id="a"))
        put_in(ledger, entry_of("e3", contact_id="b", flow="other", state=State.FINISHED))
        with ledger.read() as book:
            assert book.entries.beside(["other"], ["a", "b"]) == [("a", "other", "e1", NOW, NOW - HOUR, "waiting")]
