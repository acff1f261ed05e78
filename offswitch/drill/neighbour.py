"""The drill's own second flow: three rounds, then a message that a person decides. Nothing that happens to another flow may touch it."""

from offswitch import Decision, Event, Facts, Journey, Plan, days, event, finish, send, update


@event("drill.knocked")
class Knocked(Event):
    """Somebody knocked."""


neighbour = Journey("drill_neighbour", starts_on=Knocked, exits={}, give_up_after=days(60))


@neighbour.step
def knock(one: Facts) -> Decision:
    """The same message three times, a day apart: each is a visit of its own."""
    return Plan(send("knock"), update(stage="knocked"), then=ask if one.visit >= 3 else knock, after=days(1))


@neighbour.step
def ask(one: Facts) -> Decision:  # noqa: ARG001 - everybody is asked
    """A person decides about this one."""
    return Plan(send("ask"), then=finish("asked"))
