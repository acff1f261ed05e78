"""Small journeys, one shape each, for the tests of the engine."""

from __future__ import annotations

from offswitch import Decision, Facts, Journey, Plan, days, event, finish, hand_over, hours, note, send, update
from offswitch.events import (
    CallBooked,
    CallCancelled,
    CheckStarted,
    DonationRefunded,
    DonationSucceeded,
    Event,
    FormSubmitted,
    Replied,
)


@event("test.left")
class Left(Event):
    """Somebody leaves."""


tour = Journey("tour", starts_on=FormSubmitted, goal=CheckStarted, exits={Left: "left"}, give_up_after=days(14))


@tour.step
def hello(lead: Facts) -> Decision:  # noqa: ARG001 - everybody gets the same
    return Plan(send("hello"), update(stage="new"), then=more, after=days(2), or_when={Replied: answer})


@tour.step
def more(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("more"), then=finish("complete"))


@tour.step
def answer(lead: Facts) -> Decision:  # noqa: ARG001
    return hand_over("answer the reply", then=more)


ring = Journey("ring", starts_on=FormSubmitted, goal=CheckStarted, give_up_after=days(60))


@ring.step
def lap(lead: Facts) -> Decision:
    return Plan(send("hello"), then=finish("three laps") if lead.visit >= 3 else lap, after=days(1))


pair = Journey("pair", starts_on=FormSubmitted, goal=CheckStarted)


@pair.step
def both(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("hello"), send("more"), note("done"), then=finish("complete"))


fragile = Journey("fragile", starts_on=FormSubmitted, goal=CheckStarted)


@fragile.step
def brittle(lead: Facts) -> Decision:
    if lead.contact.name == "Zero":
        return Plan(send("hello"), then=finish(str(1 // 0)))
    if lead.contact.name == "Nobody":
        return Plan(send("hello", day=lead.value("unheard_of")), then=finish("complete"))
    if lead.contact.name == "Odd":
        return RuntimeError("not a decision")  # type: ignore[return-value]
    return Plan(send("hello"), then=finish("complete"))


booking = Journey("booking", starts_on=CallBooked, exits={CallCancelled: "cancelled"}, about="booking_id", again="per_subject")


@booking.step
def remind(lead: Facts) -> Decision:
    call = lead.event(CallBooked)
    return Plan(then=nudge, at=call.starts_at - hours(24))


@booking.step
def nudge(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("hello"), then=finish("reminded"))


gifts = Journey("gifts", starts_on=DonationSucceeded, exits={DonationRefunded: "refunded"}, about="donation_id", again=days(90))


@gifts.step
def thank(donor: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("hello"), then=finish("thanked"))


echo = Journey("echo", starts_on=FormSubmitted, goal=CheckStarted)


@echo.step
def greeting(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("hello"), then=finish("complete"))
