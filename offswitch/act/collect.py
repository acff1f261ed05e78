"""What happened since the last pass: who enters, who reaches the goal, who leaves, whose wait is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from offswitch.act.audience import fitting
from offswitch.act.desk import Desk
from offswitch.act.moves import exited, finished, moved
from offswitch.act.report import Report
from offswitch.gate.admit import FITS, Trigger, admit
from offswitch.gate.rival import claims, keeps
from offswitch.gate.standing import Standing
from offswitch.journey.journey import ONCE, PER_SUBJECT, Journey
from offswitch.ledger.base import Book, new_id
from offswitch.ledger.stops import Period
from offswitch.model.effect import MACHINE
from offswitch.model.entry import OVER, Entry
from offswitch.model.event import Happened
from offswitch.model.verdict import Admission, Lane, Work
from offswitch.policy.conditions import Holds
from offswitch.policy.schema import Effective

CHUNK = 500
_ANYWHERE = ZoneInfo("UTC")  # an early end is now, in every zone


def collect(desk: Desk) -> Report | None:
    """Look at the next events for this flow; None when there are no more. While there never was a valid policy, they stay stored."""
    if desk.switchboard.cancelled:
        return None
    found = _collect(desk, {})
    if not isinstance(found, Strangers):
        return found
    with desk.ledger.read() as book:  # what is asked of other systems is asked while nothing is locked
        known = fitting(desk, book, desk.switchboard.look(book), found.people)
    found = _collect(desk, known)
    return Report() if isinstance(found, Strangers) else found


@dataclass(frozen=True, slots=True)
class Strangers:
    """Those who would enter, and of whom nobody has told yet whether the flow is for them. Nothing was looked at."""

    people: frozenset[str]


def _collect(desk: Desk, audience: Mapping[str, Holds]) -> Report | Strangers | None:
    now = desk.clock.now()
    with desk.ledger.write() as book:
        standing = desk.switchboard.look(book)
        if standing.policy is None or waits(book, standing, now):
            return None
        if not book.events.has_cursor(desk.journey.name):
            book.events.begin(desk.journey.name, stale_until(book, standing.policy, now))
        unseen = book.events.unseen(desk.journey.name, CHUNK)
        if not unseen:
            return None
        strangers = newcomers(desk, standing, unseen) - audience.keys()
        if strangers:
            return Strangers(strangers)
        known = book.entries.of_contacts(desk.journey.name, whose(unseen))
        door = through(desk, book, standing, unseen, now, audience, known, book.entries.inside(desk.journey.name))
        for entry in door.new.values():
            book.entries.add(entry)
        for entry in door.changed.values():
            book.entries.put(entry)
        book.events.settle(door.rows)
        book.audit.say(MACHINE, f"looks at events under policy {standing.revision}", desk.journey.name)
        book.events.seen(desk.journey.name, unseen[-1][0])
    return door.report


def through(
    desk: Desk,
    book: Book,
    standing: Standing,
    unseen: Sequence[tuple[int, Happened]],
    now: datetime,
    audience: Mapping[str, Holds],
    known: dict[str, list[Entry]],
    inside: int,
) -> Door:
    """What these events make of the entries of their people that are `known`, while the rollout has taken so many."""
    rung = book.history.rung(desk.journey.name)
    missed, taken = missed_by(book, desk.journey.name, unseen), taken_by_others(book, standing, unseen)
    door = Door(desk, standing, now, known, rung, inside, missed, "" if rung else desk.switchboard.turn(book), audience, taken)
    for _, happened in unseen:
        door.take(happened)
    return door


def whose(unseen: Sequence[tuple[int, Happened]]) -> frozenset[str]:
    """The contacts whom these events are about."""
    return frozenset(happened.contact_id for _, happened in unseen)


def newcomers(desk: Desk, standing: Standing, unseen: Sequence[tuple[int, Happened]]) -> frozenset[str]:
    """Who would enter by these events, where the flow is for some people only."""
    if standing.policy is None or standing.policy.facts.audience is None:
        return frozenset()
    return frozenset(happened.contact_id for _, happened in unseen if happened.kind == desk.journey.starts_on.kind)


def taken_by_others(book: Book, standing: Standing, unseen: Sequence[tuple[int, Happened]]) -> dict[str, str]:
    """Which other flow of the same exclusive group has whom of these contacts, where this one doesn't go before it."""
    group = [rival for rival in standing.rivals if rival.grouped]
    if not group or standing.policy is None:
        return {}
    theirs = claims(group, book.entries.beside([rival.flow for rival in group], whose(unseen)))
    mine = standing.policy.pace.priority
    return {person: flow for person, found in theirs.items() if (flow := keeps(mine, found))}


def stale_until(book: Book, policy: Effective, now: datetime) -> int:
    """Where a flow that is new here begins: with what is fresh, so that nobody is welcomed for a form of last year."""
    return book.events.last_before(now - policy.inflow.fresh)


def waits(book: Book, standing: Standing, now: datetime) -> bool:
    """Does everything stay stored, because a retirement can still be undone, or because it may have been taken in already?"""
    if standing.restored is not None:
        return True
    retirement = book.retirements.of(standing.flow) if standing.retiring else None
    return retirement is not None and now < retirement.until


def missed_by(book: Book, flow: str, unseen: Sequence[tuple[int, Happened]]) -> list[Period]:
    """The times in which all of the flow was off and some of these events came."""
    earliest = min(happened.received for _, happened in unseen)
    return [period for period in book.stops.periods_since(flow, earliest) if period.whole]


@dataclass(slots=True)
class Door:
    """Takes one event after another for one flow, and writes nothing: `new` and `changed` are the entries to write.

    `off`: when all of the flow was off. `turn`: which flows this one waits for, on its first rung. `audience`:
    whether the flow is for somebody, where its policy doesn't mean everybody. `taken`: whom another flow of its group has.
    """

    desk: Desk
    standing: Standing
    now: datetime
    known: dict[str, list[Entry]]
    rung: int
    inside: int
    off: Sequence[Period] = ()
    turn: str = ""
    audience: Mapping[str, Holds] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    new: dict[str, Entry] = field(default_factory=dict)
    changed: dict[str, Entry] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    report: Report = field(default_factory=Report)

    def take(self, happened: Happened) -> None:
        """Let the event act on the contact's running entries, or make it a trigger."""
        mine = self.known.setdefault(happened.contact_id, [])
        running = [entry for entry in mine if entry.state not in OVER and concerns(self.desk.journey, entry, happened)]
        if running:
            for entry in running:
                self._tell(entry, happened)
        elif happened.kind == self.desk.journey.starts_on.kind:
            self._enter(mine, happened)

    def _tell(self, entry: Entry, happened: Happened) -> None:
        changed, outcome = told(self.desk, entry, happened, self.now)
        if changed is not entry:
            self._replace(changed)
        self._row(happened, outcome, "", changed.reason if outcome in ("goal", "exit") else "", entry.id)

    def _enter(self, mine: list[Entry], happened: Happened) -> None:
        journey = self.desk.journey
        subject = str(happened.data.get(journey.about, "")) if journey.about else ""
        before = entered_before(journey, mine, subject, happened.at)
        missed = any(period.holds(happened.received) for period in self.off)
        who, at = happened.contact_id, happened.at
        fits, taken = self.audience.get(who, FITS), self.taken.get(who, "")
        trigger = Trigger(who, at, self.now, before, self.rung, self.inside, missed, self.turn, fits, taken)
        admission = admit(self.standing, trigger)
        if admission.lane is None:
            self._row(happened, "no", admission.rule, admission.reason, "")
            return
        entry = entry_from(journey, happened, subject, admission, self.now)
        self.new[entry.id] = entry
        mine.append(entry)
        self.inside += entry.lane is Lane.MACHINE
        self._row(happened, admission.lane.value, admission.rule, admission.reason, entry.id)

    def _replace(self, entry: Entry) -> None:
        (self.new if entry.id in self.new else self.changed)[entry.id] = entry
        mine = self.known[entry.contact_id]
        mine[[known.id for known in mine].index(entry.id)] = entry

    def _row(self, happened: Happened, outcome: str, rule: str, reason: str, entry_id: str) -> None:
        if happened.id not in self.answered:
            self.answered.add(happened.id)
            row = {"event_id": happened.id, "flow": self.desk.journey.name, "outcome": outcome, "rule": rule}
            self.rows.append({**row, "reason": reason, "entry_id": entry_id, "at": self.now})
        self.report.add({"no": "not entered", "machine": "entered", "people": "entered for people"}.get(outcome, outcome), reason)


def concerns(journey: Journey, entry: Entry, happened: Happened) -> bool:
    """Is this event about this entry? One that doesn't bear the subject's field is about all of the contact's."""
    return not journey.about or journey.about not in happened.data or str(happened.data[journey.about]) == entry.subject


def told(desk: Desk, entry: Entry, happened: Happened, now: datetime) -> tuple[Entry, str]:
    """What an event makes of a running entry: goal, exit, an early end of its wait, or just one more fact."""
    journey = desk.journey
    if journey.goal is not None and happened.kind == journey.goal.kind:
        return finished(entry, "goal reached", now), "goal"
    for kind, reason in journey.exits.items():
        if happened.kind == kind.kind:
            return exited(entry, "exit", reason, now), "exit"
    step = entry.or_when.get(happened.kind)
    if step and entry.work is not Work.UNKNOWN and not entry.taken_by:  # first a doubt is cleared, and a person is done
        return moved(entry, journey.named(step), now, _ANYWHERE), "moved"
    return entry, "joined"


def entered_before(journey: Journey, mine: list[Entry], subject: str, at: datetime) -> str:
    """Why this contact may not enter again, or ""."""
    if journey.again == ONCE and mine:
        return "was in this flow before"
    if journey.again == PER_SUBJECT and any(entry.subject == subject for entry in mine):
        return "was in this flow before for the same subject"
    if isinstance(journey.again, timedelta):
        ended = max((entry.ended for entry in mine if entry.ended), default=None)
        if ended is not None and at < ended + journey.again:
            return "was in this flow not long ago"
    return ""


def entry_from(journey: Journey, happened: Happened, subject: str, admission: Admission, now: datetime) -> Entry:
    """A new entry at the first step, due at once. Only a final reason binds it to people's lane."""
    final = admission.lane is Lane.PEOPLE and admission.final
    return Entry(
        id=new_id(),
        flow=journey.name,
        contact_id=happened.contact_id,
        step=journey.first.name,
        due=now,
        entered=now,
        event_id=happened.id,
        subject=subject,
        lane=Lane.PEOPLE if final else Lane.MACHINE,
        lane_reason=admission.reason if final else "",
        visits={journey.first.name: 1},
        since=now,
        arrived=now,
        wait=timedelta(0),
    )
