"""`policies/funnel.yaml`: the stages of the way to a decision, what leads from one to the next, and how much may be asked at each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from offswitch.policy.conditions import ConditionText, holds
from offswitch.policy.plain import short
from offswitch.policy.values import Name, Section, likely, refuse, whole


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise refuse(f"is {short(name)} again", "write each stage once, in order", place)
    return names


class Promotion(Section):
    """One exact point on the way."""

    when: ConditionText
    """What the person did or answered. Time alone never promotes."""
    to: Name
    """The stage that they are at from then on."""


class Promotions(Section):
    """The three points at which a person becomes something else."""

    visitor_to_lead: Promotion
    """When a visitor is a lead."""
    lead_to_opportunity: Promotion
    """When a lead is an opportunity."""
    ready_to_sell: Promotion
    """When a person may be offered something."""

    def in_order(self) -> tuple[tuple[str, Promotion], ...]:
        """By name, the first point first."""
        return tuple((name, getattr(self, name)) for name in type(self).model_fields)


class FunnelPolicy(Section):
    """`policies/funnel.yaml`."""

    stages: Annotated[tuple[Name, ...], Field(min_length=2), AfterValidator(_different)]
    """The stages in order, the first one first."""
    promotes: Promotions
    """What leads from one stage to the next."""
    max_ask: dict[Name, Annotated[int, whole(0, 4)]]
    """How much a message may ask of people at each stage: 0 nothing … 4 buy now."""

    def furthest(self, stages: Collection[str]) -> str:
        """The last of these in the order of the funnel, "" when none of them is in it."""
        return next((stage for stage in reversed(self.stages) if stage in stages), "")

    def promoted(self, facts: Mapping[str, Any]) -> list[str]:
        """The stages that somebody has come to for sure."""
        return [one.to for _, one in self.promotes.in_order() if holds(one.when, facts).yes]

    def canonical(self) -> dict[str, Any]:
        """What an approval is about, besides `max_ask`."""
        return {"stages": list(self.stages), "promotes": [[name, one.when.text, one.to] for name, one in self.promotes.in_order()]}


def misplaced(funnel: FunnelPolicy) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Stages that there are not, or in another order, or without a limit."""
    points = funnel.promotes.in_order()
    for name, point in points:
        if point.to not in funnel.stages:
            yield ("promotes", name, "to"), f"is {short(point.to)}, which is not among the stages", likely(point.to, funnel.stages)
        elif point.to == funnel.stages[0]:
            yield ("promotes", name, "to"), "is the first stage, to which nobody is promoted", "write a later one"
    for (earlier, before), (name, point) in pairwise(points):
        if {before.to, point.to} <= set(funnel.stages) and funnel.stages.index(point.to) < funnel.stages.index(before.to):
            yield ("promotes", name, "to"), f"leads back behind {earlier}", "let each point lead further than the one before"
    for stage in funnel.max_ask:
        if stage not in funnel.stages:
            yield ("max_ask", stage), "is about no stage", likely(stage, funnel.stages)
    for stage in funnel.stages:
        if stage not in funnel.max_ask:
            yield ("max_ask",), f"says nothing about {stage}", f"add {stage}: with a number from 0 (ask nothing) to 4 (buy now)"
