"""The plan for a terminal of 80 columns, and as JSON for other tools (`offswitch.plan/1`, docs/plan.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any

from offswitch.messages.letter import Letter
from offswitch.policy.values import written
from offswitch.review import guardrails
from offswitch.review.by_hand import in_words as by_hand_in
from offswitch.review.inflight import StepEdit, Stranded
from offswitch.review.inflight import in_words as edit_in
from offswitch.review.page import moment, numbers
from offswitch.review.plan import LATER, REFUSED, Line, PlanOfWork, Sample, What
from offswitch.review.words import key_in, say

SCHEMA = "offswitch.plan/1"
COLUMNS = 80
FEW = 10  # people and drafts by name on a terminal


def as_text(plan: PlanOfWork) -> str:
    """The plan from top to bottom: what stands in the way, what would happen, what is refused, how to approve."""
    parts = [_head(plan), _summary(plan), _now(plan), _groups(plan), _by_hand(plan), _guardrails(plan)]
    parts += [_arrivals(plan), _inside(plan), _edits(plan), _samples(plan), _warnings(plan), _changed(plan), _after(plan)]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _head(plan: PlanOfWork) -> Iterator[str]:
    yield f"PLAN OF {plan.flow}   digest {plan.digest}   {moment(plan.made)}"
    yield from _wrapped(plan.about)
    yield ""
    if not plan.obstacles:
        yield from _wrapped(say("en", "open"))
        return
    yield f"{say('en', 'today')}:"
    for one in plan.obstacles:
        yield from _wrapped(f"- {one.text}" + (f"; {say('en', 'stays')}" if one.stays else ""), "  ")
    yield from _wrapped(say("en", "if"))


def _summary(plan: PlanOfWork) -> Iterator[str]:
    yield from _wrapped(" · ".join(f"{number} {say('en', word)}" for word, number in numbers(plan)))
    if plan.asks_first:
        yield from _wrapped(say("en", "asks first", due=plan.due, limit=plan.policy.without_asking))
    if plan.writes:
        yield from _wrapped(f"{say('en', 'writes')}: " + ", ".join(f"{name} {count}" for name, count in plan.writes.items()))


def _now(plan: PlanOfWork) -> Iterator[str]:
    sends = plan.of(What.SEND)
    if not sends:
        yield say("en", "nobody")
        return
    yield "WHO GETS WHAT NOW"
    for line in sends[:FEW]:
        yield _cut(f"  {line.contact.name or say('en', 'unnamed')} <{line.contact.email}>")
        yield _cut(f"    {line.message}.{line.language}: {line.subject}")
        yield _cut(f"    next: {line.then} {moment(line.then_at)}" if line.then_at else f"    then it ends: {line.then}")
    if len(sends) > FEW:
        yield f"  + {len(sends) - FEW} more: --html FILE or --json"


def _groups(plan: PlanOfWork) -> Iterator[str]:
    if not plan.lines:
        return
    yield "EVERY DECISION, COUNTED"
    for one in plan.groups:
        why = f"{one.reason} [{one.rule}]" if one.rule else one.reason
        yield _cut(f"  {one.count:>6}  {one.step}: {say('en', one.what.value)}{f': {why}' if why else ''}")
    handed = plan.of(What.HAND_OVER)
    if handed:
        minutes = say("en", "minutes", n=plan.policy.minutes_per_item)
        yield from _wrapped(f"By hand: {len(handed)} items, {plan.minutes} {minutes}; team {plan.policy.team}.")


def _arrivals(plan: PlanOfWork) -> Iterator[str]:
    if plan.arrivals:
        yield "FORMS AND EVENTS THAT WAIT"
    for one in plan.arrivals:
        yield _cut(f"  {one.count:>6}  {one.outcome}{f': {one.reason}' if one.reason else ''}")


def _inside(plan: PlanOfWork) -> Iterator[str]:
    there = [step for step in plan.steps if step.inside]
    if there:
        yield "WHO IS INSIDE NOW"
    for step in there:
        yield _cut(f"  {step.name}: " + ", ".join(f"{count} {state}" for state, count in step.inside.items()))
    for count, word in ((plan.listed, "listed"), (plan.busy, "busy")):
        if count:
            yield f"  {count} {say('en', word)}"


def _by_hand(plan: PlanOfWork) -> Iterator[str]:
    yield "IF IT WERE OFF"
    for sentence in by_hand_in("en", plan.by_hand):
        yield from _wrapped(f"- {sentence}", "  ")


def _guardrails(plan: PlanOfWork) -> Iterator[str]:
    yield guardrails.sentence("en", "title").upper()
    if not plan.policy.guardrails:
        yield from _wrapped(guardrails.sentence("en", "none"), "  ")
        return
    yield from _wrapped(guardrails.sentence("en", "table"), "  ")
    yield from guardrails.as_lines(plan.policy)
    for sentence in guardrails.in_words("en", plan.policy, plan.flow):
        yield from _wrapped(f"- {sentence}", "  ")


def _edits(plan: PlanOfWork) -> Iterator[str]:
    if plan.edits:
        yield "WHAT THE EDITS DO TO THOSE INSIDE"
    for edit in plan.edits:
        versions = ", ".join(f"{say('en', 'edit code')} {version}: {count}" for version, count in edit.versions.items())
        yield from _wrapped(f"{edit.step}: {say('en', 'edit here', n=edit.people)}" + (f" ({versions})" if versions else ""), "  ")
        for sentence in edit_in("en", edit, plan.policy):
            yield from _wrapped(f"- {sentence}", "    ")
    if plan.stranded:
        yield from ("", f"  {say('en', 'edit paste')}", "", *plan.stranded.lines.splitlines())


def _samples(plan: PlanOfWork) -> Iterator[str]:
    if plan.samples:
        yield f"SAMPLES ({len(plan.samples)}; as they look: --html FILE)"
    for one in plan.samples:
        told = ", ".join((one.origin, *one.traits))
        yield _cut(f"  {one.id}  {one.message}.{one.language}  {one.letter.subject}  ({told})")


def _warnings(plan: PlanOfWork) -> Iterator[str]:
    yield "WHAT COULD GO WRONG"
    if not plan.warnings:
        yield f"  {say('en', 'no warnings')}"
    for one in plan.warnings:
        yield from _wrapped(f"- {one}", "  ")


def _changed(plan: PlanOfWork) -> Iterator[str]:
    yield "SINCE THE LAST APPROVAL"
    if plan.approved is None:
        yield f"  {say('en', 'never')}"
        return
    who = {"by": plan.approved.by, "on": plan.approved.on, "requested_by": plan.approved.requested_by}
    yield from _wrapped(say("en", "approved", **who), "  ")
    if not plan.changes:
        yield f"  {say('en', 'same')}"
    for one in plan.changes:
        verdict = say("en", "voids" if one.voids else "stricter")
        yield from _wrapped(f"- {key_in('en', one.key)}: {one.before} -> {one.now} ({verdict})", "  ")


def _after(plan: PlanOfWork) -> Iterator[str]:
    yield f"To switch it off at any time:  offswitch off {plan.flow}"
    if plan.stranded:
        yield from _wrapped(say("en", "edit first"))
        return
    yield "To approve exactly this:"
    yield f"  offswitch approve {plan.flow} --plan {plan.digest} --by NAME"
    yield f"Then, to let it run:  offswitch on {plan.flow}"


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
        "work": {"items": len(plan.of(What.HAND_OVER)), "minutes": plan.minutes, "team": plan.policy.team, "listed": plan.listed},
        "edits": [_edit(edit) for edit in plan.edits],
        "unmapped": _unmapped(plan.stranded) if plan.stranded else None,
        "by_hand": {**asdict(plan.by_hand), "minutes": plan.by_hand.minutes, "too_much": plan.by_hand.too_much},
        "due_now": plan.due,
        "in_workers_hands": plan.busy,
        "asks_first": plan.asks_first,
        "samples": [_sample(sample) for sample in plan.samples],
        "warnings": [{name: getattr(one, name) for name in ("path", "line", "column", "what", "fix")} for one in plan.warnings],
        "approval": _approval(plan),
        "protection": _protection(plan),
        "guardrails": guardrails.as_json(plan.policy) if plan.policy.guardrails else None,
        "approve": f"offswitch approve {plan.flow} --plan {plan.digest} --by NAME",
    }


def _counts(plan: PlanOfWork) -> dict[str, int]:
    return {
        "send": len(plan.of(What.SEND)),
        "people": len({line.contact.id for line in plan.of(What.SEND)}),
        "put_off": len(plan.of(*LATER)),
        "refused": len(plan.of(*REFUSED)),
        "by_hand": len(plan.of(What.HAND_OVER)),
        "finish": len(plan.of(What.FINISH)),
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


def _protection(plan: PlanOfWork) -> dict[str, Any]:
    policy = plan.policy
    return {
        "per_contact": [str(cap) for cap in policy.caps],
        "quiet_hours": str(policy.quiet) if policy.quiet else None,
        "rollout": [str(rung) for rung in policy.rollout.steps],
        "outside": policy.rollout.outside.value,
        "late_after": written(policy.late_after),
        "late_then": policy.late_then.value,
        "humans_decide": sorted(human.value for human in policy.humans_decide),
        "when_off": policy.when_off.value,
    }


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _wrapped(text: str, indent: str = "") -> list[str]:
    hanging = f"{indent}  " if indent else ""
    return wrap(_plain(text), COLUMNS, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False) or [""]


def _cut(text: str) -> str:
    shown = _plain(text)
    return shown if len(shown) <= COLUMNS else shown[: COLUMNS - 1] + "…"


def _plain(text: str) -> str:
    """Without what could steer a terminal: names come from forms."""
    return "".join(letter for letter in text if letter.isprintable())
