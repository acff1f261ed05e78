"""Welcome: confirm the form at once, give something of value, lead to the checklist."""

from offswitch import Decision, Facts, Journey, Plan, days, finish, hand_over, hours, send, update
from offswitch.events import CheckStarted, FormSubmitted, Replied

welcome = Journey("welcome", starts_on=FormSubmitted, goal=CheckStarted, give_up_after=days(14))


@welcome.step
def confirm(lead: Facts) -> Decision:
    """Say that the form arrived and what happens next."""
    return Plan(send("confirm"), update(stage="awareness"), then=greet, after=hours(1), or_when={Replied: answer})


@welcome.step
def greet(lead: Facts) -> Decision:
    """Introduce ourselves, to those who agreed to hear from us."""
    if not lead.may_get("marketing", "email"):
        return finish("no marketing consent")
    return Plan(send("greet"), then=value, after=days(2), or_when={Replied: answer})


@welcome.step
def value(lead: Facts) -> Decision:
    """Give the first useful thing: the four questions."""
    if lead.replied:
        return hand_over("answer the reply", then=checklist)
    return Plan(send("value"), then=checklist, after=days(3), or_when={Replied: answer})


@welcome.step
def answer(lead: Facts) -> Decision:
    """A reply ends the wait: a person answers and says whether the checklist still helps."""
    return hand_over(
        "answer the reply",
        outcomes={"send the checklist": checklist, "in conversation": finish("in conversation")},
        due=hours(4),
    )


@welcome.step
def checklist(lead: Facts) -> Decision:
    """Offer the checklist that answers them."""
    return Plan(send("checklist"), then=finish("series complete"))
