"""A plan as it is kept once something of it was reserved: the visit goes on with it, whatever the code says later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from offswitch.journey.journey import Journey
from offswitch.model.action import Action
from offswitch.model.plan import Finish, Local, Next, Plan, Step, Wait


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A small dictionary that `plan_from_json` reads back."""
    return {
        "actions": [action.to_json() for action in plan.actions],
        "then": plan.then.name if isinstance(plan.then, Step) else {"finish": plan.then.reason},
        "after": _wait_to_json(plan.after),
        "at": plan.at.isoformat() if plan.at else None,
        "or_when": {kind: step.name for kind, step in plan.or_when.items()},
        "if_past": plan.if_past,
    }


def plan_from_json(journey: Journey, data: Mapping[str, Any]) -> Plan:
    """The plan, with today's steps of these names. At a step that is gone people wait until the policy says where they go."""
    plan = Plan(
        *(Action.from_json(action) for action in data["actions"]),
        then=_next(journey, data["then"]),
        after=_wait(data["after"]),
        at=datetime.fromisoformat(data["at"]) if data["at"] else None,
        if_past=data["if_past"],
    )
    or_when = {kind: journey.named(name) for kind, name in data["or_when"].items()}
    object.__setattr__(plan, "or_when", or_when)
    return plan


def _next(journey: Journey, then: Any) -> Next:
    if isinstance(then, Mapping):
        return Finish(then["finish"])
    return journey.named(then)


def _wait_to_json(wait: Wait) -> Any:
    return {"local": wait.clock, "after": wait.after.total_seconds()} if isinstance(wait, Local) else wait.total_seconds()


def _wait(data: Any) -> Wait:
    if isinstance(data, Mapping):
        return Local(data["local"], timedelta(seconds=data["after"]))
    return timedelta(seconds=data)
