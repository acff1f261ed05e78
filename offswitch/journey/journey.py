"""A journey: pure steps under one name, one trigger and one goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from offswitch.model.event import Event
from offswitch.model.facts import Facts
from offswitch.model.plan import Decision, Step

if TYPE_CHECKING:
    from prefect import Flow

ONCE = "once"
PER_SUBJECT = "per_subject"


class Journey:
    """Steps are registered in the order they are written; the first one is where everybody starts.

    `goal` ends an entry as finished whenever it happens; `exits` maps an event to the reason it ends the journey.
    `about` names the payload field that tells two entries of one contact apart. `needs` names facts that connectors
    or policies must supply before a step runs.
    """

    def __init__(
        self,
        name: str,
        *,
        starts_on: type[Event],
        goal: type[Event] | None = None,
        exits: Mapping[type[Event], str] | None = None,
        give_up_after: timedelta | None = None,
        about: str = "",
        again: str | timedelta = ONCE,
        needs: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.starts_on = starts_on
        self.goal = goal
        self.exits = dict(exits or {})
        self.give_up_after = give_up_after
        self.about = about
        self.again = again
        self.needs = needs
        self.steps: dict[str, Step] = {}

    def __repr__(self) -> str:
        return f"Journey({self.name!r})"

    def step(self, decide: Callable[[Facts], Decision]) -> Step:
        """Register a pure function as a step under its own name."""
        name = decide.__name__
        if name in self.steps:
            raise ValueError(f"{self.name} has two steps called {name!r}")
        step = Step(self.name, name, decide)
        self.steps[name] = step
        return step

    @property
    def first(self) -> Step:
        """Where an entry starts."""
        if not self.steps:
            raise ValueError(f"{self.name} has no steps")
        return next(iter(self.steps.values()))

    def named(self, name: str) -> Step:
        """The step of this name. One that is gone can still be reached and stood on; it decides nothing."""
        return self.steps.get(name) or Step(self.name, name, _gone)

    @property
    def listens_to(self) -> frozenset[str]:
        """The kinds of event that this journey starts or ends on by declaration."""
        goal = {self.goal.kind} if self.goal else set()
        return frozenset({self.starts_on.kind, *goal, *(kind.kind for kind in self.exits)})

    @cached_property
    def flow(self) -> Flow[Any, Any]:
        """The Prefect flow, made when it is first asked for; the entrypoint in `prefect.yaml`."""
        from offswitch.orchestrate import flow_of

        return flow_of(self)


def _gone(_facts: Facts) -> Decision:
    raise LookupError("this step is not in the flow any more")
