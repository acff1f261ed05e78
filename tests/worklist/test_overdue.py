from __future__ import annotations

from datetime import timedelta

from offswitch import Decision, Facts, Journey, finish, hand_over, hours
from offswitch.events import FormSubmitted
from offswitch.project.notices import standing_notices
from offswitch.worklist.overdue import Overdue, overdue
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig
from tests.worklist.people import act

soon = Journey("soon", starts_on=FormSubmitted)


@soon.step
def answer(lead: Facts) -> Decision:  # noqa: ARG001
    return hand_over("answer them", then=finish("answered"), due=hours(4))


def late(rig: Rig, journey: Journey, grace: timedelta = timedelta(0)) -> Overdue:
    with rig.desk(journey) as desk, rig.ledger.read() as book:
        return overdue(book, journey, desk.switchboard.look(book), rig.clock.now(), grace)


def told(rig: Rig, journey: Journey) -> list[str]:
    rig.project.flows.journeys[journey.name] = journey
    return [text for reason, text in standing_notices(rig.project) if reason == f"overdue {journey.name}"]


def test_what_the_machine_handed_over_is_overdue_from_its_time_and_told_after_held_max(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit_all("mona", "omar")
    rig.run(tour)
    rig.clock.advance(hours(1))
    assert late(rig, tour) == Overdue(2, 0)
    assert told(rig, tour) == []
    rig.clock.advance(hours(24))
    assert told(rig, tour) == ["tour: 2 waiting for a person for more than 24h; see `offswitch worklist list --overdue`"]


def test_what_a_step_asks_is_overdue_and_told_when_the_time_is_over_that_it_gives(rig_of: MakeRig) -> None:
    rig = rig_of(soon)
    rig.submit("mona")
    rig.run(soon)
    rig.clock.advance(hours(3))
    assert late(rig, soon) == Overdue(0, 0)
    rig.clock.advance(hours(2))
    assert late(rig, soon) == late(rig, soon, hours(24)) == Overdue(0, 1)
    assert told(rig, soon) == ["soon: 1 past the time that their step gives; see `offswitch worklist list --overdue`"]


def test_what_is_done_or_the_machines_is_not_overdue(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all("mona")
    rig.run(tour)
    rig.clock.advance(hours(60))
    assert late(rig, tour) == Overdue(0, 0)
    rig.switch(tour, "off")
    assert late(rig, tour) == Overdue(1, 0)
    act(rig, tour, "done")
    assert late(rig, tour) == Overdue(0, 0)
