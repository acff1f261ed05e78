"""What an item asks a person to decide, and whether this person may answer it so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace

from offswitch.act.desk import Desk
from offswitch.errors import Refused
from offswitch.messages.amount import variables_in
from offswitch.model.action import Action, Kind
from offswitch.model.facts import Facts
from offswitch.model.plan import Plan
from offswitch.policy.authority import Authority, Role
from offswitch.worklist.authority import DECIDE, Decision, objection, stranger

_AMOUNTS = (str, int, float, Mapping)  # what an amount can be read from, as other systems tell it


def decisions(desk: Desk, facts: Facts, actions: Iterable[Action]) -> tuple[Decision, ...]:
    """One for each message of a class that people decide."""
    fronts = [(action, desk.texts.front(action.message)) for action in actions if action.kind is Kind.SEND]
    return tuple(Decision(front.decides, desk.texts.amount(facts, action), bool(front.amount)) for action, front in fronts if front.decides)


def must_have_authority(asked: Iterable[Decision], authority: Authority, by: str, roles: frozenset[Role], outcome: str) -> None:
    """Approving takes somebody of the flow, and what the matrix says; doing it by hand takes the same amounts. Raises Refused."""
    if outcome not in ("approve", "done"):
        return
    asked = tuple(asked)
    limited = [one for one in asked if one.decides in authority.ceilings]
    if outcome == "approve":
        if (not limited or len(limited) < len(asked)) and not roles & DECIDE:
            raise Refused(f"{by} may not approve: that takes the role approver or owner in company.yaml")
        if outsider := stranger(authority, by, roles):
            raise Refused(outsider)
    for one in limited:
        if wrong := objection(one, authority, by, roles):
            raise Refused(wrong)


def with_amounts(desk: Desk, facts: Facts, plan: Plan) -> Plan:
    """The plan with the facts that its amounts are in: what somebody may decide today, no fact of tomorrow makes more of."""
    actions = tuple(_with_amount(desk, facts, action) for action in plan.actions)
    kept = copy(plan)  # `replace` would call an __init__ that takes other arguments
    object.__setattr__(kept, "actions", actions)
    return kept


def _with_amount(desk: Desk, facts: Facts, action: Action) -> Action:
    if action.kind is not Kind.SEND:
        return action
    front = desk.texts.front(action.message)
    names = {name.partition(".")[0] for name in variables_in(front.amount, front.currency)}
    known = {name: fact.value for name, fact in facts.known.items() if name in names and isinstance(fact.value, _AMOUNTS)}
    return replace(action, values={**known, **action.values})
