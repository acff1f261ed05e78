"""The plan for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from offswitch.review import guardrails, trials
from offswitch.review.by_hand import in_words as by_hand_in
from offswitch.review.difference import Difference
from offswitch.review.inflight import in_words as edit_in
from offswitch.review.line import What
from offswitch.review.notes import notes
from offswitch.review.page import numbers
from offswitch.review.plan import PlanOfWork
from offswitch.review.show_difference import content, reached
from offswitch.review.since import Since
from offswitch.review.templates import moment
from offswitch.review.words import key_in, say

COLUMNS = 80
FEW = 10  # people and drafts by name on a terminal


def as_text(plan: PlanOfWork, change: Difference | None = None, known: Since | None = None) -> str:
    """The plan from top to bottom: what stands in the way, what would happen, what is refused, how to approve.

    `change` is what is different from the plan that was approved last, `known` what the ledger knows of these people.
    """
    parts = [_head(plan), _summary(plan), _now(plan), _groups(plan), _by_hand(plan), _guardrails(plan), _trials(plan)]
    parts += [_arrivals(plan), _inside(plan), _edits(plan), _samples(plan), _warnings(plan), _changed(plan, change, known), _after(plan)]
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
    for note in notes("en", plan):
        yield from _wrapped(note)
    if plan.writes:
        yield from _wrapped(f"{say('en', 'writes')}: " + ", ".join(f"{name} {count}" for name, count in plan.writes.items()))


def _now(plan: PlanOfWork) -> Iterator[str]:
    sends = plan.first(What.SEND)
    if not sends:
        yield say("en", "nobody")
        return
    yield "WHO GETS WHAT NOW"
    for line in sends[:FEW]:
        yield _cut(f"  {line.contact.name or say('en', 'unnamed')} <{line.contact.email}>")
        yield _cut(f"    {line.message}.{line.language}: {line.subject}")
        yield _cut(f"    next: {line.then} {moment(line.then_at)}" if line.then_at else f"    then it ends: {line.then}")
    if plan.count(What.SEND) > FEW:
        yield f"  + {plan.count(What.SEND) - FEW} more: --html FILE or --json"


def _groups(plan: PlanOfWork) -> Iterator[str]:
    if not plan.lines:
        return
    yield "EVERY DECISION, COUNTED"
    for one in plan.groups:
        why = f"{one.reason} [{one.rule}]" if one.rule else one.reason
        yield _cut(f"  {one.count:>6}  {one.step}: {say('en', one.what.value)}{f': {why}' if why else ''}")
    handed = plan.count(What.HAND_OVER)
    if handed:
        minutes = say("en", "minutes", n=plan.policy.minutes_per_item)
        yield from _wrapped(f"By hand: {handed} items, {plan.minutes} {minutes}; team {plan.policy.team}.")


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


def _trials(plan: PlanOfWork) -> Iterator[str]:
    if plan.trials:
        yield trials.sentence("en", "title").upper()
    for one in plan.trials:
        yield from _wrapped(f"{one.message}: {one.experiment.hypothesis}", "  ")
        for sentence in trials.in_words("en", one):
            yield from _wrapped(f"- {sentence}", "    ")


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


def _changed(plan: PlanOfWork, change: Difference | None, known: Since | None) -> Iterator[str]:
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
        values = "" if one.key in ("code", "texts") else f": {one.before} -> {one.now}"  # digests tell a reader nothing
        yield from _wrapped(f"- {key_in('en', one.key)}{values} ({verdict})", "  ")
    if change is not None:
        yield from (*reached(change, known), *content(change))


def _after(plan: PlanOfWork) -> Iterator[str]:
    yield f"To switch it off at any time:  offswitch off {plan.flow}"
    if plan.stranded:
        yield from _wrapped(say("en", "edit first"))
        return
    yield "To approve exactly this:"
    yield f"  offswitch approve {plan.flow} --plan {plan.digest} --by NAME"
    yield f"Then, to let it run:  offswitch on {plan.flow}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    hanging = f"{indent}  " if indent else ""
    return wrap(_plain(text), COLUMNS, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False) or [""]


def _cut(text: str) -> str:
    shown = _plain(text)
    return shown if len(shown) <= COLUMNS else shown[: COLUMNS - 1] + "…"


def _plain(text: str) -> str:
    """Without what could steer a terminal: names come from forms."""
    return "".join(letter for letter in text if letter.isprintable())
