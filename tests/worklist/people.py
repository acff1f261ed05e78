"""What the people of these tests do with the worklist of a rig."""

from __future__ import annotations

from typing import Any

from offswitch import Decision, Facts, Journey, Plan, finish, hand_over, send
from offswitch.events import CallBooked, FormSubmitted
from offswitch.model.work import WorkItem
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.rig import Rig

LINA, OMAR = "lina@bayan.example", "omar@bayan.example"

talk = Journey("talk", starts_on=FormSubmitted)


@talk.step
def call(lead: Facts) -> Decision:  # noqa: ARG001 - the same for everybody
    return hand_over("call them", outcomes={"not reached": call, "visit": finish("met"), "approve": finish("fits"), "now": later})


@talk.step
def later(lead: Facts) -> Decision:  # noqa: ARG001
    return hand_over("call again", then=finish("called"))


meet = Journey("meet", starts_on=CallBooked, about="booking_id", again="per_subject")


@meet.step
def invite(lead: Facts) -> Decision:
    """Worth nothing once the call has begun."""
    return Plan(send("hello"), then=finish("met"), at=lead.event(CallBooked).starts_at)


def items(rig: Rig, journey: Journey) -> list[WorkItem]:
    with rig.desk(journey) as desk:
        return worklist(desk)


def names(rig: Rig, journey: Journey) -> list[str]:
    """Whose items there are."""
    return sorted(item.reach.partition("@")[0] for item in items(rig, journey))


def only_item(rig: Rig, journey: Journey) -> WorkItem:
    (item,) = items(rig, journey)
    return item


def act(rig: Rig, journey: Journey, outcome: str, by: str = LINA, item: WorkItem | None = None, **more: Any) -> WorkItem:
    """One deed, on the only item if none is named."""
    with rig.desk(journey) as desk:
        return do(desk, (item or only_item(rig, journey)).id, Deed(by, outcome, **more))
