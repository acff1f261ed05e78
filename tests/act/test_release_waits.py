"""What time a wait counts when the flow was off in it: `delay_clock`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from offswitch import days, hours
from offswitch.model.entry import Entry
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import booking, tour
from tests.act.rig import START, Rig


def rig_with(rig_of: MakeRig, clock: str) -> Rig:
    """Mona has had her first letter and waits two days for the second."""
    rig = rig_of(tour)
    rig.policy(tour, more=f"delay_clock: {clock}")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    return rig


def pause(rig: Rig, before: timedelta, off: timedelta) -> Entry:
    """Off after a while, and on again after another."""
    rig.clock.advance(before)
    rig.switch(tour, "off")
    rig.run(tour)
    rig.clock.advance(off)
    rig.switch(tour, "on")
    rig.run(tour)
    return rig.entry(tour, "mona")


@pytest.mark.parametrize(
    ("clock", "due"), [("wall", START + days(2)), ("active", START + days(2) + hours(30)), ("restart", START + hours(36) + days(2))]
)
def test_a_wait_that_the_stop_fell_into(rig_of: MakeRig, clock: str, due: object) -> None:
    entry = pause(rig_with(rig_of, clock), hours(6), hours(30))
    assert (entry.due, entry.since, entry.step) == (due, due, "more")


@pytest.mark.parametrize(("clock", "sent"), [("wall", 2), ("active", 1), ("restart", 1)])
def test_a_wait_that_ended_while_off(rig_of: MakeRig, clock: str, sent: int) -> None:
    rig = rig_with(rig_of, clock)
    pause(rig, hours(36), hours(30))
    assert len(rig.sent()) == sent
    rig.run(tour, days(2))
    assert len(rig.sent()) == 2


@pytest.mark.parametrize("clock", ["wall", "active", "restart"])
def test_what_was_due_before_the_flow_went_off_is_due(rig_of: MakeRig, clock: str) -> None:
    rig = rig_with(rig_of, clock)
    pause(rig, days(2), hours(1))
    assert rig.sent() == ["mona", "mona"]


@pytest.mark.parametrize("clock", ["active", "restart"])
def test_a_wait_that_began_while_off_counts_from_the_end_of_it(rig_of: MakeRig, clock: str) -> None:
    rig = rig_of(tour)
    rig.policy(tour, more=f"delay_clock: {clock}", switch="off")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.clock.advance(hours(5))
    with rig.desk(tour) as desk:
        do(desk, worklist(desk)[0].id, Deed("lina", "done"))
    rig.clock.advance(hours(7))
    rig.switch(tour, "on")
    rig.run(tour)
    assert (rig.entry(tour).due, rig.sent()) == (START + hours(12) + days(2), [])


@pytest.mark.parametrize("clock", ["active", "restart"])
def test_a_time_of_its_own_is_never_moved(rig_of: MakeRig, clock: str) -> None:
    rig = rig_of(booking)
    rig.policy(booking, more=f"delay_clock: {clock}")
    rig.approve(booking)
    rig.submit("call", kind="booking.created", booking_id="b1", starts_at=(START + days(4)).isoformat())
    rig.run(booking)
    for to in ("off", "on"):
        rig.switch(booking, to)
        rig.run(booking, days(1))
    assert rig.entry(booking).due == START + days(3)


@pytest.mark.parametrize("clock", ["active", "restart"])
def test_what_came_while_off_is_as_late_as_it_is(rig_of: MakeRig, clock: str) -> None:
    """A first step has no wait: nobody is welcomed a fortnight late because a clock stood still."""
    rig = rig_of(tour)
    rig.policy(tour, more=f"delay_clock: {clock}\ninflow: admit", switch="off")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "on")
    rig.run(tour, days(6))
    assert (rig.sent(), rig.entry(tour).rule) == ([], "late")


@pytest.mark.parametrize("clock", ["active", "restart"])
def test_what_a_person_has_taken_stays(rig_of: MakeRig, clock: str) -> None:
    rig = rig_with(rig_of, clock)
    rig.clock.advance(hours(36))
    rig.switch(tour, "off")
    rig.run(tour, hours(13))
    with rig.desk(tour) as desk:
        do(desk, worklist(desk)[0].id, Deed("lina", "take"))
    rig.switch(tour, "on")
    rig.run(tour, hours(1))
    assert (rig.entry(tour).due, rig.entry(tour).taken_by) == (START + days(2), "lina")


@pytest.mark.parametrize("how", ["approval", "policy", "step", "channel"])
def test_only_a_switch_stops_the_clock(rig_of: MakeRig, how: str) -> None:
    rig = rig_with(rig_of, "restart")
    match how:
        case "approval":
            (rig.settings.policies / "approvals" / "tour.yaml").unlink()
        case "policy":
            rig.save(rig.policy_path(tour), "switch: on\n")
        case _:
            with rig.ledger.write() as book:
                book.stops.add(how, "tour/more" if how == "step" else "email", reason="", by="omar", at=rig.clock.now())
    rig.run(tour, hours(1))
    rig.policy(tour)
    rig.approve(tour)
    with rig.ledger.write() as book:
        book.stops.end(how, "tour/more" if how == "step" else "email", by="omar", at=rig.clock.now())
    rig.run(tour, hours(1))
    assert rig.entry(tour).due == START + days(2)


def test_two_causes_at_once_are_one_pause(rig_of: MakeRig) -> None:
    rig = rig_with(rig_of, "active")
    rig.switch(tour, "off")
    rig.run(tour, hours(1))
    rig.company(switch="off")
    rig.run(tour, hours(1))
    rig.switch(tour, "on")
    rig.run(tour, hours(1))
    rig.company(switch="on")
    rig.run(tour, hours(1))
    assert rig.entry(tour).due == START + days(2) + hours(3)
