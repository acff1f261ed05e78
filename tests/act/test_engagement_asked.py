"""Whoever opened three hears something else than whoever ignored three: asked by a step, and by a policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from offswitch import Decision, Facts, Journey, Plan, days, finish, send
from offswitch.act.gather import gather
from offswitch.events import FormSubmitted
from tests.act.conftest import MakeRig
from tests.act.journeys import ring
from tests.act.rig import Rig

DAY = timedelta(days=1)
nurture = Journey("nurture", starts_on=FormSubmitted, give_up_after=days(60))


@nurture.step
def item(lead: Facts) -> Decision:
    if lead.visit <= 4:
        return Plan(send("hello"), then=item, after=days(1))
    return finish("engaged" if lead.engaged >= 3 else "ignored" if lead.ignored >= 3 else "between")


def four_messages(rig: Rig, opens: int, *, machine: bool = False) -> None:
    rig.submit("mona")
    for number in range(4):
        rig.run(nurture)
        rig.clock.advance(DAY / 2)
        if number < opens:
            rig.submit(f"open{number}", kind="message.opened", who="mona", machine=machine)
        rig.clock.advance(DAY / 2)
    rig.run(nurture)


@pytest.mark.parametrize(
    ("opens", "machine", "way"),
    [(0, False, "ignored"), (1, False, "ignored"), (2, False, "between"), (3, False, "engaged"), (4, True, "ignored")],
)
def test_a_step_takes_another_way_for_those_who_listen(rig_of: MakeRig, opens: int, machine: bool, way: str) -> None:
    rig = rig_of(nurture)
    four_messages(rig, opens, machine=machine)
    assert (len(rig.sent()), rig.entry(nurture).reason) == (4, way)


def test_an_exception_of_the_policy_asks_the_same(rig_of: MakeRig) -> None:
    rig = rig_of(ring)
    rig.policy(ring, more="exceptions:\n  - {when: lead.ignored >= 2, then: exit, why: nobody listens}\notherwise: go_on")
    rig.approve(ring)
    rig.submit("mona")
    rig.submit("carim")
    for day in range(3):
        rig.run(ring)
        rig.clock.advance(DAY / 2)
        rig.submit(f"click{day}", kind="message.clicked", who="mona")
        rig.clock.advance(DAY / 2)
    assert (rig.sent().count("mona"), rig.sent().count("carim")) == (3, 2)
    assert rig.entry(ring, "carim").reason == "nobody listens"


def test_nothing_is_looked_up_where_nobody_asks(rig_of: MakeRig) -> None:
    rig = rig_of(ring)
    rig.submit("mona")
    rig.run(ring)
    with rig.desk(ring) as desk, rig.ledger.read() as book:
        (visit,) = gather(book, ring, rig.entries(ring), rig.clock.now(), desk.needs)
    assert visit.facts.engagement is None
