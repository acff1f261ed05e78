"""Nothing goes out twice or unasked on the bad days: frozen workers, moved clocks, changed providers, long pauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, integers, lists, tuples

from offswitch.act.periods import time_off
from offswitch.act.run import run
from offswitch.failpoints import watched
from offswitch.gate import permit
from offswitch.intake.opt_outs import OptOut, obey_once
from offswitch.intake.receive import receive
from offswitch.ledger.stops import Period
from offswitch.model.effect import Stage
from offswitch.model.plan import hours
from offswitch.model.submission import Submission
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import YES, Rig

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


class FrozenAt:
    """At a named point, once: the other worker does all the work, as if this one had slept for two minutes."""

    def __init__(self, rig: Rig, point: str, *, asleep: float) -> None:
        self.rig, self.point, self.asleep = rig, point, asleep
        self.skipped = 0.0

    def __call__(self, point: str, _at: str) -> None:
        if point == self.point:
            self.point = ""
            self.rig.run(tour, timedelta(seconds=120))
            self.skipped = self.asleep


@pytest.mark.parametrize("asleep", [120.0, 0.0], ids=["the machine slept", "only the clock was moved"])
def test_a_worker_that_wakes_between_reserving_and_sending_sends_nothing(
    rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch, asleep: float
) -> None:
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n}" for n in range(20)))
    frozen, real = FrozenAt(rig, "after intent", asleep=asleep), permit.uptime
    monkeypatch.setattr(permit, "uptime", lambda: real() + frozen.skipped)
    with watched(frozen):
        rig.run(tour)
    assert sorted(rig.sent()) == sorted(f"p{n}" for n in range(20))


def a_worker_dies_with_an_intent(rig: Rig) -> None:
    """Mona's first letter is reserved, and nothing has begun."""
    rig.submit("mona")

    def die(point: str, _at: str) -> None:
        if point == "after intent":
            raise KeyboardInterrupt

    with watched(die), pytest.raises(KeyboardInterrupt):
        rig.run(tour)


def test_a_doubt_is_asked_only_of_the_connector_that_made_it(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    a_worker_dies_with_an_intent(rig)
    for mark in (rig.settings.home / "marks").glob("*.mark"):
        mark.unlink()
    rig.mailer.name = "another"
    rig.run(tour, hours(1))
    assert ([one.state for one in rig.effects(tour)], rig.sent()) == ([Stage.UNKNOWN], [])


def off_for_long(rig: Rig, why: str) -> None:
    """Forty forms come, the flow rests for 40 hours, and what stopped it goes away."""
    if why == "a broken file":
        rig.policy(tour, more="nonsense: true")
    else:
        rig.switch(tour, "off")
    if why == "stored events":
        rig.run(tour)
    rig.submit_all(*(f"p{n}" for n in range(60)))
    if why != "stored events":
        rig.run(tour)
    rig.clock.advance(hours(40))
    rig.policy(tour, more="steps: {more: {switch: off}}" if why == "beside a stopped step" else "", switch="on")


@pytest.mark.parametrize("why", ["a stop", "a broken file", "stored events", "beside a stopped step"])
def test_a_backlog_never_goes_out_because_a_file_was_edited(rig_of: MakeRig, why: str) -> None:
    rig = rig_of(tour)
    if why == "a broken file":
        rig.run(tour)  # it was valid once
    off_for_long(rig, why)
    if why == "beside a stopped step":
        rig.approve(tour)
    for _ in range(3):
        rig.run(tour, timedelta(minutes=1))
    assert rig.sent() == []
    with rig.ledger.read() as book:
        assert book.stops.periods("tour")


def test_what_a_dead_worker_had_reserved_can_be_done_by_hand_without_a_run(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    a_worker_dies_with_an_intent(rig)
    rig.clock.advance(hours(1))
    rig.switch(tour, "off")
    with rig.desk(tour) as desk:
        (item,) = worklist(desk)
        do(desk, item.id, Deed("mariam@bayan.example", "done"))
    assert {(one.state, one.actor) for one in rig.effects(tour)} == {(Stage.PERFORMED, "mariam@bayan.example")}
    assert rig.sent() == []


def test_a_yes_without_a_date_never_outranks_a_no(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    mona = rig.person("mona")
    form = Submission("again", "form.submitted", rig.clock.advance(hours(9)), "test", "mona@example.com", {}, YES, {}, "other", dated=False)
    with rig.ledger.write() as book:
        obey_once(book, OptOut("link:1", "contact.unsubscribed", rig.clock.now(), "link", "d", mona), rig.clock.now())
        receive(book, form, rig.clock.advance(hours(1)))
        assert book.consent.of([mona]) == {mona: frozenset()}
        dated = replace(form, id="dated", digest="third", at=rig.clock.advance(hours(1)), dated=True)
        receive(book, dated, rig.clock.now())
        assert book.consent.of([mona]) == {mona: frozenset({("marketing", "email")})}


def test_a_journey_does_not_give_up_while_it_is_off(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    with rig.desk(tour) as desk:
        desk.journey.give_up_after, before = timedelta(days=1), desk.journey.give_up_after
        try:
            rig.clock.advance(timedelta(days=15))
            run(desk)
        finally:
            desk.journey.give_up_after = before
    assert rig.states(tour) == ["waiting"]


@pytest.mark.parametrize("switch", ["off", "on"])
def test_the_time_off_does_not_count_when_a_journey_gives_up(rig_of: MakeRig, switch: str) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, switch)
    rig.run(tour, timedelta(minutes=1))
    rig.clock.advance(timedelta(days=40))
    rig.switch(tour, "on")
    rig.run(tour)
    assert (rig.states(tour) == ["exited"]) is (switch == "on")


@given(periods=lists(tuples(integers(0, 40), integers(0, 20), booleans())), since=integers(0, 20), length=integers(0, 40))
def test_time_off_counts_each_minute_once(periods: list[tuple[int, int, bool]], since: int, length: int) -> None:
    at = [NOON + timedelta(minutes=n) for n in range(101)]
    off = [Period("file" if whole else "step tour/a", at[opened], at[opened + lasts]) for opened, lasts, whole in periods]
    minutes = {n for opened, lasts, whole in periods if whole for n in range(opened, opened + lasts)}
    assert time_off(off, at[since], at[since + length]) == timedelta(minutes=len(minutes & {*range(since, since + length)}))
