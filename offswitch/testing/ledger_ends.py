"""What every ledger must tell of stops that end by themselves, of reviews and of lifted rules. Part of `ledger_contract`."""

# ruff: noqa: D102 - a test's name is its sentence
from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from offswitch.ledger.base import Ledger
from offswitch.ledger.reviews import Review
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.testing.ledger_rows import FLOW, MINUTE, NOW, effect_of, entry_of, put_in

DAY = timedelta(days=1)


class TestEnds:
    """What has an end."""

    @pytest.mark.parametrize(
        ("first", "second", "left"),
        [(DAY, 2 * DAY, 2 * DAY), (2 * DAY, DAY, 2 * DAY), (DAY, None, None), (None, DAY, None), (DAY, DAY, DAY)],
    )
    def test_of_two_ends_of_one_stop_the_later_one_holds(
        self, ledger: Ledger, first: timedelta | None, second: timedelta | None, left: timedelta | None
    ) -> None:
        def moment(span: timedelta | None) -> datetime | None:
            return NOW + span if span else None

        with ledger.write() as book:
            book.stops.add("flow", FLOW, reason="r", by="omar", at=NOW, until=moment(first))
            row = book.stops.add("flow", FLOW, reason="", by="lina", at=NOW, until=moment(second))
            assert (row.until, [row]) == (moment(left), book.stops.now())
            assert row.reason == "r"

    def test_a_stop_holds_until_its_time_is_over_and_somebody_has_looked(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.stops.add("flow", FLOW, reason="r", by="omar", at=NOW, until=NOW + DAY)
            book.stops.add("channel", "email", reason="r", by="omar", at=NOW)
            book.stops.add("flow", FLOW, reason="harm", by="guardrail", at=NOW, automatic=True)
            assert book.stops.lapse(NOW + DAY - MINUTE) == 0
            assert book.stops.lapse(NOW + DAY) == 1
            assert [(row.scope, row.automatic) for row in book.stops.now()] == [("channel", False), ("flow", True)]
            assert book.stops.lapse(NOW + 9 * DAY) == 0

    @pytest.mark.parametrize(
        ("scope", "name", "flows", "cause"),
        [
            ("company", "", [FLOW, "other"], "company"),
            ("channel", "email", [FLOW, "other"], "channel email"),
            ("flow", FLOW, [FLOW], f"flow {FLOW}"),
            ("step", f"{FLOW}/greet", [FLOW], "step greet"),
        ],
    )
    def test_a_stop_that_no_pass_has_seen_leaves_an_off_period_where_it_held(
        self, ledger: Ledger, scope: str, name: str, flows: list[str], cause: str
    ) -> None:
        with ledger.write() as book:
            for reader in (FLOW, "other", f"{FLOW} ~ shadow", "opt-outs"):
                book.events.begin(reader, 0)
            book.stops.add(scope, name, reason="r", by="omar", at=NOW)
            book.stops.end(scope, name, by="omar", at=NOW + DAY)
            found = {flow: book.stops.periods(flow) for flow in (FLOW, "other", f"{FLOW} ~ shadow")}
        assert found == {flow: {cause: NOW} if flow in flows else {} for flow in found}

    def test_the_period_that_a_pass_has_opened_is_not_opened_again(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.stops.add("flow", FLOW, reason="r", by="omar", at=NOW)
            book.stops.open_period(FLOW, f"flow {FLOW}", "r", NOW + MINUTE)
            book.stops.end("flow", FLOW, by="omar", at=NOW + DAY)
            assert book.stops.periods(FLOW) == {f"flow {FLOW}": NOW + MINUTE}

    def test_the_newest_review_of_a_flow_counts(self, ledger: Ledger) -> None:
        older, newer = Review(FLOW, "omar", "", NOW), Review(FLOW, "lina", "all is well", NOW + DAY)
        with ledger.write() as book:
            assert book.reviews.last(FLOW, NOW) is None
            for review in (older, newer, Review("other", "omar", "", NOW + 2 * DAY)):
                book.reviews.sign(review)
            assert book.reviews.last(FLOW, NOW + DAY) == newer

    def test_a_review_that_a_clock_ahead_has_signed_keeps_nobody_from_looking(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.reviews.sign(Review(FLOW, "omar", "", NOW + 400 * DAY))
            assert book.reviews.last(FLOW, NOW + DAY) is None

    def test_a_reviewer_sees_what_has_happened_since(self, ledger: Ledger) -> None:
        put_in(
            ledger, entry_of("old", entered=NOW - DAY, state=State.EXITED, ended=NOW - MINUTE), entry_of("new", contact_id="b", entered=NOW)
        )
        put_in(ledger, entry_of("done", contact_id="c", entered=NOW - DAY, state=State.FINISHED, ended=NOW))
        with ledger.write() as book:
            sends = ((Stage.PERFORMED, "machine", NOW), (Stage.PERFORMED, "lina", NOW), (Stage.FAILED, "machine", NOW))
            rows = [effect_of(f"e{n}", state=stage, actor=actor, at=at) for n, (stage, actor, at) in enumerate(sends)]
            book.effects.write([*rows, effect_of("before", state=Stage.PERFORMED, at=NOW - DAY)])
            found = book.reviews.figures(FLOW, NOW - MINUTE)
        assert found == {"entered": 1, "finished": 1, "exited": 0, "sent": 1, "by_hand": 1, "failed": 1}

    def test_a_lifted_rule_is_known_from_its_beginning_to_its_end(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            book.lifts.begin(FLOW, "cap lifted", "omar and lina", NOW)
            book.lifts.begin("other", "silence lifted", "omar and lina", NOW)
            assert book.lifts.lasting(FLOW) == {"cap lifted"}
            book.lifts.end(FLOW, "cap lifted", NOW + DAY)
            assert (book.lifts.lasting(FLOW), book.lifts.lasting("other")) == (set(), {"silence lifted"})

    def test_what_is_long_over_is_swept_and_what_still_counts_is_not(self, ledger: Ledger) -> None:
        with ledger.write() as book:
            first = book.leases.take("w", FLOW, NOW, NOW + MINUTE)
            book.leases.end(first.token, NOW + MINUTE)
            lapsed = book.leases.take("dead", FLOW, NOW, NOW + MINUTE)
            for n in range(4):
                book.history.start_run(f"run{n}", FLOW, NOW + n * DAY)
                book.history.end_run(f"run{n}", NOW + n * DAY, {"sent": {"count": 1}} if n == 2 else {})
            assert book.leases.sweep(NOW + 2 * DAY) == 1
            assert [one.token for one in book.leases.lapsed(FLOW, NOW + DAY)] == [lapsed.token]
            assert book.history.sweep(NOW + 3 * DAY) == 1, "the first pass, one with a report and the newest stay"
            assert book.history.first_run(FLOW) == NOW
            assert book.leases.take("w", FLOW, NOW, NOW + MINUTE).token > lapsed.token
