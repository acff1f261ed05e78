"""The plan as one JSON document for other tools (docs/plan.md)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from offswitch.messages.letter import Letter
from offswitch.review import guardrails, protection
from offswitch.review.inflight import StepEdit, Stranded
from offswitch.review.line import LATER, REFUSED, Line, What
from offswitch.review.plan import PlanOfWork, Sample

SCHEMA = "offswitch.plan/2"


def as_json(plan: PlanOfWork) -> dict[str, Any]:
    """One document for other tools; every time is UTC in ISO 8601."""
    return {
        "schema": SCHEMA,
        "flow": plan.flow,
        "about": plan.about,
        "made": _iso(plan.made),
        "digest": plan.digest,
        "starts_on": plan.starts_on.kind,
        "goal": plan.goal.kind if plan.goal else None,
        "in_the_way": [{"what": one.text, "stays": one.stays} for one in plan.obstacles],
        "summary": _counts(plan),
        "arrivals": [{name: getattr(one, name) for name in one.__slots__} for one in plan.arrivals],
        "verdicts": [{name: getattr(one, name) for name in one.__slots__} for one in plan.groups],
        "people": [_line(line) for line in plan.lines],
        "register": dict(plan.writes),
        "steps": [{**{name: getattr(step, name) for name in step.__slots__}, "inside": dict(step.inside)} for step in plan.steps],
        "work": {"items": plan.count(What.HAND_OVER), "minutes": plan.minutes, "team": plan.policy.team, "listed": plan.listed},
        "edits": [_edit(edit) for edit in plan.edits],
        "unmapped": _unmapped(plan.stranded) if plan.stranded else None,
        "by_hand": {**asdict(plan.by_hand), "minutes": plan.by_hand.minutes, "too_much": plan.by_hand.too_much},
        "due_now": plan.due,
        "in_workers_hands": plan.busy,
        "asks_first": plan.asks_first,
        "second_approver": plan.beyond_one > 0,
        "samples": [_sample(sample) for sample in plan.samples],
        "warnings": [{name: getattr(one, name) for name in ("path", "line", "column", "what", "fix")} for one in plan.warnings],
        "approval": _approval(plan),
        "protection": protection.as_json(plan.policy),
        "experiments": [one.to_json() for one in plan.trials],
        "guardrails": guardrails.as_json(plan.policy) if plan.policy.guardrails else None,
        "approve": f"offswitch approve {plan.flow} --plan {plan.digest} --by NAME",
    }


def _counts(plan: PlanOfWork) -> dict[str, int]:
    return {
        "send": plan.count(What.SEND),
        "people": plan.reached,
        "put_off": plan.count(*LATER),
        "refused": plan.count(*REFUSED),
        "by_hand": plan.count(What.HAND_OVER),
        "finish": plan.count(What.FINISH),
    }


def _line(line: Line) -> dict[str, Any]:
    contact = line.contact
    return {
        "contact": contact.id,
        "name": contact.name,
        "email": contact.email,
        "entry": None if line.fresh else line.entry_id,
        "step": line.step,
        "visit": line.visit,
        "what": line.what.value,
        "rule": line.rule,
        "reason": line.reason,
        "until": _iso(line.until),
        "work": line.work,
        "message": line.message,
        "language": line.language,
        "subject": line.subject,
        "then": line.then,
        "then_at": _iso(line.then_at),
    }


def _sample(sample: Sample) -> dict[str, Any]:
    letter: Letter = sample.letter
    fields = ("to", "to_name", "sender", "sender_name", "reply_to", "subject", "text", "html")
    return {
        "id": sample.id,
        "message": sample.message,
        "language": sample.language,
        "step": sample.step,
        "origin": sample.origin,
        "traits": list(sample.traits),
        "letter": {name: getattr(letter, name) for name in fields},
    }


def _edit(edit: StepEdit) -> dict[str, Any]:
    return {**asdict(edit), "first": _iso(edit.first), "last": _iso(edit.last)}


def _unmapped(one: Stranded) -> dict[str, Any]:
    return {"standing": dict(one.standing), "leading": dict(one.leading), "paste": one.lines}


def _approval(plan: PlanOfWork) -> dict[str, Any]:
    known = plan.approved
    return {
        "valid": bool(known and known.valid),
        "by": known.by if known else None,
        "requested_by": known.requested_by if known else None,
        "on": known.on if known else None,
        "changes": [{name: getattr(one, name) for name in one.__slots__} for one in plan.changes],
    }


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
