"""From a visit to the item that a person gets, or to none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offswitch.act.decide import Triage
from offswitch.act.reserve import key_of
from offswitch.gate.standing import Standing
from offswitch.ledger.backlog import RULE as RELEASE
from offswitch.ledger.work import WorkRow
from offswitch.messages.letter import Letter
from offswitch.messages.values import clean
from offswitch.model.action import Action, Kind
from offswitch.model.contact import Contact
from offswitch.model.entry import Entry, State
from offswitch.model.plan import Finish, HandOver
from offswitch.model.verdict import Answer, Verdict, Work
from offswitch.model.work import Draft, WorkItem, item_id
from offswitch.worklist.authority import deciders
from offswitch.worklist.decisions import decisions
from offswitch.worklist.look import Seen, refused
from offswitch.worklist.words import OUTCOMES, change_in_words

CLOSE = "close this item"
NOBODY = "nobody: see authority in company.yaml"
MAY_BE_DONE = "May have been done already, before the ledger was restored: make sure first"


@dataclass(frozen=True, slots=True)
class _Reason:
    kind: Work
    title: str
    why: str
    outcomes: Sequence[str]
    due: datetime


def item_of(seen: Seen, row: WorkRow | None) -> WorkItem | None:
    """What a person has to do here; None when the machine or nobody has to. A taken item keeps the draft of `row`."""
    reason = _reason(seen)
    if reason is None:
        return None
    entry, contact, policy = seen.visit.entry, seen.visit.facts.contact, seen.standing.policy
    drafts, changes = _drafts(seen)
    if drafts and row and row.draft:
        drafts = tuple(Draft(**saved) for saved in row.draft.get("drafts", ()))
    asked = decisions(seen.desk, seen.visit.facts, seen.allowed) if policy else ()
    return WorkItem(
        id=item_id(entry.id, entry.step, entry.visit),
        kind=reason.kind,
        flow=entry.flow,
        step=entry.step,
        visit=entry.visit,
        entry_id=entry.id,
        contact_id=contact.id,
        name=name_of(contact),
        reach=reach_of(contact),
        title=reason.title,
        why=_warned(seen, reason.why),
        due=reason.due,
        team=policy.team if policy else "",
        drafts=drafts,
        changes=changes,
        outcomes=tuple(reason.outcomes),
        runbook=policy.runbook if policy else "",
        minutes=policy.minutes_per_item if policy else 0,
        taken_by=entry.taken_by,
        facts={happened.kind: dict(happened.data) for happened in seen.visit.facts.events if happened.id == entry.event_id},
        channel=next((action.channel for action in seen.allowed if action.kind is Kind.SEND), "crm" if changes else ""),
        decision="; ".join(map(str, asked)),
        deciders="; ".join(dict.fromkeys(", ".join(deciders(one, policy.authority)) or NOBODY for one in asked)) if policy else "",
    )


def name_of(contact: Contact) -> str:
    """How a list calls a person, without characters that could turn the line around."""
    return clean(contact.name) or clean(contact.email) or contact.id


def reach_of(contact: Contact) -> str:
    """Address and telephone."""
    return " / ".join(filter(None, (clean(contact.email), clean(contact.phone))))


def due_of(entry: Entry) -> datetime:
    """When the machine would do it: what is held or with people was due when it first was, whatever came between."""
    return entry.due if entry.state is State.WAITING and entry.rule != RELEASE else entry.since or entry.due


def long_ago(entry: Entry, standing: Standing, now: datetime) -> bool:
    """Was it due so long ago that nothing may be held in silence any more? Before a retirement ends it, it may."""
    return standing.retiring is None and standing.policy is not None and now - (entry.since or entry.due) > standing.policy.held_max


def _reason(seen: Seen) -> _Reason | None:
    entry = seen.visit.entry
    due = due_of(entry)
    if entry.state is State.WORKLIST and entry.work is Work.UNKNOWN:
        return _Reason(Work.UNKNOWN, "did the customer get it?", entry.reason, OUTCOMES[Work.UNKNOWN], due)
    match seen.visit.decided:
        case HandOver() as wish:
            outcomes = (*wish.outcomes, *(["skip"] if "done" in wish.outcomes else []))
            arrived = entry.since or entry.due
            return _Reason(Work.STEP, wish.title, f"the step {entry.step} asks for a person", outcomes, arrived + wish.due)
        case Triage(reason, removed=True):
            ways = (*seen.desk.journey.steps, "done", "skip")
            return _Reason(Work.TRIAGE, "say where this person goes on", reason, ways, due) if _left_behind(seen) else None
        case Triage(reason):
            return _Reason(Work.TRIAGE, "find out what is missing", reason, ("retry", "skip"), due)
        case Finish(reason):
            return _closing(entry, reason, due) if _theirs(entry) else None
    if seen.impossible:
        why = next((f"{verdict.rule}: {verdict.reason}" for _, verdict in seen.judged), f"the step {entry.step} has nothing more to do")
        return _closing(entry, why, due) if _theirs(entry) else None
    verdict = _hands_over(seen)
    if verdict is None:
        return None
    kind = verdict.work or Work.BY_HAND
    return _Reason(kind, _title(seen.allowed), f"{verdict.rule}: {verdict.reason}", OUTCOMES[kind], due)


def _warned(seen: Seen, why: str) -> str:
    """After a restored backup, nobody may take it for granted that a thing is still to do."""
    visit = seen.visit
    asked = visit.entry.work is Work.UNKNOWN or bool(visit.done)
    forgotten = seen.standing.restored is not None or (visit.entry.doubtful and not asked)
    return f"{why}. {MAY_BE_DONE}" if forgotten else why


def _theirs(entry: Entry) -> bool:
    """Does the machine leave this entry alone, even when there is nothing to do by hand, so that a person has to close it?"""
    return entry.state is State.WORKLIST or bool(entry.taken_by)


def _left_behind(seen: Seen) -> bool:
    """Does a person have to say where somebody goes whose step is gone, because the policy doesn't?"""
    halt = seen.standing.halt
    handed = halt is not None and halt.answer is Answer.HAND_OVER
    return _theirs(seen.visit.entry) or handed or long_ago(seen.visit.entry, seen.standing, seen.visit.facts.now)


def _closing(entry: Entry, why: str, due: datetime) -> _Reason:
    return _Reason(entry.work or Work.BY_HAND, CLOSE, why, ("done",), due)


def _hands_over(seen: Seen) -> Verdict | None:
    """The verdict that gives this visit to people, or None when the machine or nobody has it.

    What the machine has once handed over stays until a person acts, even when its reason has gone.
    """
    entry = seen.visit.entry
    first = next((verdict for action, verdict in seen.judged if not seen.desk.queues(action) and not refused(verdict)), None)
    handed = first if first is not None and first.answer is Answer.HAND_OVER else None
    if entry.state is State.WORKLIST:
        same = handed is not None and handed.work is entry.work
        return handed if same else Verdict(Answer.HAND_OVER, entry.rule, entry.reason, work=entry.work)
    if handed is not None:
        return handed
    if entry.taken_by:
        return Verdict(Answer.HAND_OVER, "taken", f"in the hands of {entry.taken_by}", work=Work.BY_HAND)
    holds = first is not None and (entry.state is State.HELD or first.answer is Answer.HOLD)
    if first is not None and holds and seen.standing.restored is None and long_ago(entry, seen.standing, seen.visit.facts.now):
        return Verdict(Answer.HAND_OVER, first.rule or entry.rule, f"held too long: {first.reason or entry.reason}", work=Work.BY_HAND)
    return None


def _drafts(seen: Seen) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """Every message as it would go out, and every CRM change in words."""
    drafts: list[Draft] = []
    changes: list[str] = []
    for action in seen.allowed:
        letter = seen.letters.get(key_of(seen.visit, action))
        if action.kind is not Kind.SEND:
            changes.append(change_in_words(action))
        elif isinstance(letter, Letter):
            sender = f"{letter.sender_name} <{letter.sender}>"
            drafts.append(
                Draft(letter.to, letter.subject, letter.text, letter.html, letter.language, sender, action.message, letter.variant)
            )
    return tuple(drafts), tuple(changes)


def _title(actions: Sequence[Action]) -> str:
    messages = [action.message for action in actions if action.kind is Kind.SEND]
    return f"send {' and '.join(messages)}" if messages else "make the changes"
