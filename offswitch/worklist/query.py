"""The worklist: a query over entries, effects and the switches, so that it is pending work by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from offswitch.act.decide import Triage, Visit, over_at
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.judge import Crowd, crowd, judge, lacking
from offswitch.act.reserve import effect_of
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.work import WorkRow
from offswitch.messages.letter import Letter
from offswitch.model.action import Action, Kind
from offswitch.model.entry import Entry, State
from offswitch.model.plan import Finish, HandOver, Plan
from offswitch.model.verdict import Answer, Lane, Verdict, Work
from offswitch.model.work import Draft, WorkItem, item_id
from offswitch.worklist.words import OUTCOMES, change_in_words

HORIZON = timedelta(hours=72)
Judged: TypeAlias = tuple[Action, Verdict]


def worklist(desk: Desk, horizon: timedelta | None = HORIZON) -> list[WorkItem]:
    """What people have to do for this flow, due first. `horizon` None shows everything that is planned."""
    now = desk.clock.now()
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
        entries = book.entries.pending(desk.journey.name, None if horizon is None else now + horizon)
        entries = [entry for entry in entries if _may_be_work(entry, standing, now)]
        visits = gather(book, desk.journey, entries, now, desk.needs)
        people = crowd(book, standing, [entry.contact_id for entry in entries], now)
        rows = book.work.of_entries([entry.id for entry in entries])
    found = [_item(desk, standing, visit, _judged(desk, standing, visit, people, now), rows) for visit in visits]
    return sorted((item for item in found if item is not None), key=lambda item: (item.due, item.id))


@dataclass(frozen=True, slots=True)
class Found:
    """One item with what it was made from. `judged` has the gate's answer for every action that is still to do."""

    item: WorkItem
    visit: Visit
    judged: Sequence[Judged]


def find_item(desk: Desk, book: Book, name: str, now: datetime) -> Found:
    """The item of this id, read in this transaction. Raises KeyError when there is none (any more)."""
    standing = desk.switchboard.look(book)
    entries = [entry for entry in book.entries.pending(desk.journey.name) if item_id(entry.id, entry.step, entry.visit) == name]
    if len(entries) != 1:  # two of one name are not told apart: nobody may be marked done for somebody else
        raise KeyError(name)
    visit = gather(book, desk.journey, entries[:1], now, desk.needs)[0]
    rows = book.work.of_entries([visit.entry.id])
    judged = _judged(desk, standing, visit, crowd(book, standing, [visit.entry.contact_id], now), now)
    item = _item(desk, standing, visit, judged, rows)
    if item is None:
        raise KeyError(name)
    return Found(item, visit, judged)


def _may_be_work(entry: Entry, standing: Standing, now: datetime) -> bool:
    """Cheap and generous: whoever the machine surely goes on with by itself is left out."""
    if entry.state is State.WORKLIST or entry.taken_by or entry.lane is Lane.PEOPLE or standing.stops or standing.halt:
        return True
    return entry.state is State.HELD and _long_ago(entry, standing, now)


def _long_ago(entry: Entry, standing: Standing, now: datetime) -> bool:
    """Was it due so long ago that nothing may be held in silence any more?"""
    return standing.policy is not None and now - (entry.since or entry.due) > standing.policy.held_max


def refused(verdict: Verdict) -> bool:
    """May this not be done at all, by whomever?"""
    return verdict.answer in (Answer.SKIP, Answer.EXIT)


def _judged(desk: Desk, standing: Standing, visit: Visit, people: Crowd, now: datetime) -> list[Judged]:
    actions = visit.open_actions()
    if isinstance(visit.decided, Plan) and over_at(visit.decided, now):
        return [(action, Verdict(Answer.SKIP, "at", "its time is over")) for action in actions]
    return [(action, judge(desk, standing, visit, action, people, now, lacking(desk, visit, action))) for action in actions]


@dataclass(frozen=True, slots=True)
class _Reason:
    kind: Work
    title: str
    why: str
    outcomes: Sequence[str]
    due: datetime


def _item(
    desk: Desk, standing: Standing, visit: Visit, judged: Sequence[Judged], rows: dict[tuple[str, str, int], WorkRow]
) -> WorkItem | None:
    entry = visit.entry
    reason = _reason(desk, standing, visit, judged)
    if reason is None:
        return None
    contact, policy = visit.facts.contact, standing.policy
    row = rows.get((entry.id, entry.step, entry.visit))
    drafts, changes = _drafts(desk, visit, [action for action, verdict in judged if not refused(verdict)])
    if drafts and row and row.draft:
        drafts = tuple(Draft(**saved) for saved in row.draft.get("drafts", ()))
    return WorkItem(
        id=item_id(entry.id, entry.step, entry.visit),
        kind=reason.kind,
        flow=entry.flow,
        step=entry.step,
        visit=entry.visit,
        entry_id=entry.id,
        contact_id=contact.id,
        name=contact.name or contact.email or contact.id,
        reach=" / ".join(filter(None, (contact.email, contact.phone))),
        title=reason.title,
        why=reason.why,
        due=reason.due,
        team=policy.team if policy else "",
        drafts=drafts,
        changes=changes,
        outcomes=tuple(reason.outcomes),
        runbook=policy.runbook if policy else "",
        minutes=policy.minutes_per_item if policy else 0,
        taken_by=entry.taken_by,
        facts={happened.kind: dict(happened.data) for happened in visit.facts.events if happened.id == entry.event_id},
    )


def _reason(desk: Desk, standing: Standing, visit: Visit, judged: Sequence[Judged]) -> _Reason | None:
    entry, decided = visit.entry, visit.decided
    due = entry.since or entry.due
    if entry.state is State.WORKLIST and entry.work is Work.UNKNOWN:
        return _Reason(Work.UNKNOWN, "did the customer get it?", entry.reason, OUTCOMES[Work.UNKNOWN], due)
    match decided:
        case HandOver():
            outcomes = (*decided.outcomes, *(["skip"] if "done" in decided.outcomes else []))
            return _Reason(Work.STEP, decided.title, f"the step {entry.step} asks for a person", outcomes, due + decided.due)
        case Triage(reason):
            return _Reason(Work.TRIAGE, "find out what is missing", reason, ("retry", "skip"), due)
        case Finish(reason):
            return _closing(entry, reason, due) if _theirs(entry) else None
    if all(refused(verdict) for _, verdict in judged):
        why = next((f"{verdict.rule}: {verdict.reason}" for _, verdict in judged), f"the step {entry.step} has nothing more to do")
        return _closing(entry, why, due) if _theirs(entry) else None
    verdict = _hands_over(desk, standing, visit, judged)
    if verdict is None:
        return None
    kind = verdict.work or Work.BY_HAND
    title = _title([action for action, verdict in judged if not refused(verdict)])
    return _Reason(kind, title, f"{verdict.rule}: {verdict.reason}", OUTCOMES[kind], due)


def _theirs(entry: Entry) -> bool:
    """Does the machine leave this entry alone, even when there is nothing to do by hand, so that a person has to close it?"""
    return entry.state is State.WORKLIST or bool(entry.taken_by)


def _closing(entry: Entry, why: str, due: datetime) -> _Reason:
    return _Reason(entry.work or Work.BY_HAND, "close this item", why, ("done",), due)


def _hands_over(desk: Desk, standing: Standing, visit: Visit, judged: Sequence[Judged]) -> Verdict | None:
    """The verdict that gives this visit to people, or None when the machine or nobody has it.

    What the machine has once handed over stays until a person acts, even when its reason has gone.
    """
    entry = visit.entry
    first = next((verdict for action, verdict in judged if not desk.queues(action) and not refused(verdict)), None)
    handed = first if first is not None and first.answer is Answer.HAND_OVER else None
    if entry.state is State.WORKLIST:
        same = handed is not None and handed.work is entry.work
        return handed if same else Verdict(Answer.HAND_OVER, entry.rule, entry.reason, work=entry.work)
    if handed is not None:
        return handed
    if entry.taken_by:
        return Verdict(Answer.HAND_OVER, "taken", f"in the hands of {entry.taken_by}", work=Work.BY_HAND)
    holds = first is not None and (entry.state is State.HELD or first.answer is Answer.HOLD)
    if first is not None and holds and _long_ago(entry, standing, visit.facts.now):
        return Verdict(Answer.HAND_OVER, first.rule or entry.rule, f"held too long: {first.reason or entry.reason}", work=Work.BY_HAND)
    return None


def _drafts(desk: Desk, visit: Visit, actions: Sequence[Action]) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """Every message as it would go out, and every CRM change in words."""
    drafts: list[Draft] = []
    changes: list[str] = []
    for action in actions:
        if action.kind is not Kind.SEND:
            changes.append(change_in_words(action))
            continue
        letter = desk.texts.write(visit.facts, action, effect_of(desk, visit, action, visit.facts.now).key)
        if isinstance(letter, Letter):
            sender = f"{letter.sender_name} <{letter.sender}>"
            drafts.append(Draft(letter.to, letter.subject, letter.text, letter.html, letter.language, sender))
    return tuple(drafts), tuple(changes)


def _title(actions: Sequence[Action]) -> str:
    messages = [action.message for action in actions if action.kind is Kind.SEND]
    return f"send {' and '.join(messages)}" if messages else "make the changes"
