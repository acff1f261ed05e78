"""Where a person stands and what every rule says of their next action: the same gate, asked without acting."""

from __future__ import annotations

from typing import Any

from offswitch.act.decide import Triage, Visit
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.judge import case_of, crowd, lacking
from offswitch.gate.admit import holdout_bucket
from offswitch.gate.bucket import WHOLE, bucket
from offswitch.gate.seen import replay
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.model.effect import Effect
from offswitch.model.entry import OVER, Entry
from offswitch.model.plan import Finish, HandOver, Plan
from offswitch.policy.rollout import Rollout


def explain(desk: Desk, book: Book, contact_id: str) -> list[dict[str, Any]]:
    """Every entry of this contact in this flow, oldest first."""
    now = desk.clock.now()
    standing = desk.switchboard.look(book)
    entries = book.entries.of_contact(contact_id, desk.journey.name)
    effects = book.effects.of_entries([entry.id for entry in entries])
    inside = [entry for entry in entries if entry.state not in OVER]
    running = {visit.entry.id: visit for visit in gather(book, desk.journey, inside, now, desk.needs, standing.facts)}
    return [
        {
            **_place(entry),
            "next": _next(running[entry.id]) if entry.id in running else "",
            "rules": _rules(desk, book, standing, running[entry.id]) if entry.id in running else [],
            "done": list(map(_done, effects.get(entry.id, []))),
        }
        for entry in entries
    ]


def _done(effect: Effect) -> dict[str, Any]:
    """`variant` is the text that they drew, "" where none was tried out."""
    names = ("at", "step", "action", "actor", "reason", "variant")
    return {**{name: getattr(effect, name) for name in names}, "state": effect.state.value}


def _place(entry: Entry) -> dict[str, Any]:
    names = ("id", "flow", "step", "due", "entered", "reason", "rule", "lane_reason", "taken_by", "version")
    return {**{name: getattr(entry, name) for name in names}, "state": entry.state.value, "visit": entry.visit}


def _next(visit: Visit) -> str:
    match visit.decided:
        case Triage(reason, removed=True):
            return f"it waits until the policy says where it goes: {reason}"
        case Triage(reason):
            return f"a person finds out: {reason}"
        case Finish(reason):
            return f"it ends: {reason}"
        case HandOver(title=title):
            return f"a person: {title}"
        case Plan():
            names = ", ".join(action.name for action in visit.open_actions())
            then = visit.decided.then
            return f"{names or 'nothing to do'}, then {getattr(then, 'name', None) or getattr(then, 'reason', '')}"


def _rules(desk: Desk, book: Book, standing: Standing, visit: Visit) -> list[dict[str, str]]:
    """Every rule's answer, for the first action that is still to do."""
    action = next((action for action in visit.open_actions() if not desk.queues(action)), None)
    if action is None:
        return []
    now = desk.clock.now()
    people = crowd(book, standing, [visit.entry.contact_id], now)
    case = case_of(desk, standing, visit, action, people, now, lacking(desk, visit, action))
    return replay(case)


def _holdout(rollout: Rollout, contact_id: str) -> str:
    """Where this contact stands beside those who never enter; "" where everybody may."""
    if rollout.holdout is None:
        return ""
    return f"bucket {holdout_bucket(rollout, contact_id) / WHOLE:.4f} of {rollout.holdout.ppm / WHOLE:g}"


def way_in(desk: Desk, book: Book, contact_id: str) -> dict[str, Any]:
    """Why this contact is in the flow or not: their place in the rollout, and what became of each of their triggers."""
    standing, flow = desk.switchboard.look(book), desk.journey.name
    policy = standing.policy
    rows = book.events.answers(flow, contact_id, desk.journey.starts_on.kind)
    place = f"{bucket(policy.rollout.salt, contact_id) / 10_000:.2f}%" if policy else ""
    rung = policy.rollout.steps[min(book.history.rung(flow), len(policy.rollout.steps) - 1)] if policy else ""
    return {
        "flow": flow,
        "policy": standing.revision,
        "place": place,
        "rollout": str(rung),
        "holdout": _holdout(policy.rollout, contact_id) if policy else "",
        "triggers": [{name: getattr(row, name) for name in ("event_id", "at", "outcome", "rule", "reason")} for row in rows],
    }
