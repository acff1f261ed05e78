"""Puts together what the gate looks at for one action, and asks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from offswitch.act.decide import Visit
from offswitch.act.desk import Desk
from offswitch.act.ports import Front
from offswitch.gate.act import act
from offswitch.gate.case import MARKETING, RECORD, SERVICE, Begun, Case
from offswitch.gate.rival import Claim, claims, rank
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.model.action import Action, Kind
from offswitch.model.entry import Entry, send_once_key
from offswitch.model.event import answers
from offswitch.model.tickets import open_ticket
from offswitch.model.verdict import Verdict
from offswitch.policy.fact_rules import NOTHING
from offswitch.policy.pace import Pace
from offswitch.policy.values import Cap

_RECORD = Front(RECORD)
Sent: TypeAlias = tuple[datetime, str, str]  # when, by which flow, which action
_LOOK_BACK = timedelta(days=8)  # longer than the longest cap window in use without one


@dataclass(slots=True)
class Crowd:
    """What the ledger says now of the people in a window: read in the transaction that reserves."""

    consent: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    suppressed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sent: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    begun: Sequence[Begun] = ()
    mass: Begun | None = None
    unanswered: dict[str, list[Sent]] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)

    def count(self, contact_id: str, now: datetime, purpose: str = MARKETING) -> None:
        """One more message to this person, before anybody else in the window is judged."""
        self.sent[contact_id] = (now, *self.sent.get(contact_id, ()))
        if purpose != SERVICE and contact_id in self.unanswered:
            self.unanswered[contact_id].insert(0, (now, "", ""))
        self.begin(1)

    def begin(self, messages: int) -> None:
        """So many more messages count for the rates, and against one person's approval."""
        for one in (*self.begun, *([self.mass] if self.mass else [])):
            one.count += messages


def crowd(book: Book, standing: Standing, people: list[str], now: datetime) -> Crowd:
    """Consent, suppression and counts as they are in this transaction."""
    caps = standing.policy.caps if standing.policy else ()
    window = max((cap.window for cap in caps), default=_LOOK_BACK)
    found = Crowd(book.consent.of(people), book.consent.suppressed(people), book.effects.sent(people, now - window))
    if standing.policy is not None:
        found.begun = tuple(_begun(book, standing.flow, standing.policy.pace, now))
        if standing.mass is not None and standing.halt is None:
            found.mass = _counted(book, standing.mass, standing.flow, now)
        if standing.policy.pace.silence is not None:
            found.unanswered = {person: [] for person in people} | book.effects.unanswered(people, answers())
    if standing.rivals:
        found.claims = claims(standing.rivals, book.entries.beside([rival.flow for rival in standing.rivals], people))
    return found


def _begun(book: Book, flow: str, pace: Pace, now: datetime) -> Iterator[Begun]:
    for limit, whose in ((pace.flow_rate, flow), (pace.company_rate, "")):
        if limit is not None:
            yield _counted(book, limit, whose, now)


def _counted(book: Book, limit: Cap, flow: str, now: datetime) -> Begun:
    count, first = book.effects.begun(now - limit.window, flow)
    return Begun(limit, count, (first or now) + limit.window)


def front_of(desk: Desk, action: Action) -> Front:
    """What the gate must know of the message, if it is one."""
    return desk.texts.front(action.message) if action.kind is Kind.SEND else _RECORD


def judge(desk: Desk, standing: Standing, visit: Visit, action: Action, people: Crowd, now: datetime, lacking: str = "") -> Verdict:
    """The gate's answer for this action at this instant."""
    return act(case_of(desk, standing, visit, action, people, now, lacking))


def case_of(desk: Desk, standing: Standing, visit: Visit, action: Action, people: Crowd, now: datetime, lacking: str = "") -> Case:
    """All that the rules may look at for this action."""
    entry, person = visit.entry, visit.entry.contact_id
    front = front_of(desk, action)
    connector = desk.connector(action).name
    health = desk.health.get(connector)
    return Case(
        standing=standing,
        action=action,
        step=entry.step,
        purpose=front.purpose,
        now=now,
        since=entry.since or entry.due,
        zone=desk.switchboard.zone(visit.facts.contact),
        connector=connector,
        consent=people.consent.get(person, frozenset()),
        suppressed=people.suppressed.get(person, frozenset()),
        sent=people.sent.get(person, ()),
        onward=desk.onward.get(entry.step, frozenset()),
        put_off=entry.put_off,
        ramp=entry.ramp,
        lane=entry.lane,
        lane_reason=entry.lane_reason,
        approved=entry.approved == entry.place,
        decides=front.decides,
        lacking=lacking,
        down=health.down if health else "",
        down_until=health.until if health else None,
        told=visit.told(standing.policy.facts) if standing.policy else NOTHING,
        ask=front.ask,
        country=visit.facts.contact.country,
        begun=people.begun,
        mass=people.mass,
        unanswered=_unanswered(desk, people.unanswered.get(person, ())),
        ticket=open_ticket(visit.facts.events),
        ahead=_ahead(standing, people.claims.get(person, ()), entry),
    )


def _unanswered(desk: Desk, sent: Sequence[Sent]) -> tuple[datetime, ...]:
    """Those that were marketing."""
    return tuple(at for at, flow, action in sent if not flow or desk.texts.purpose(flow, action.removeprefix("send:")) != SERVICE)


def _ahead(standing: Standing, theirs: tuple[Claim, ...], entry: Entry) -> tuple[Claim, ...]:
    if not theirs or standing.policy is None:
        return ()
    mine = rank(standing.policy.pace.priority, entry.since or entry.due, entry.id)
    return tuple(one for one in theirs if one.rank < mine)


def lacking(desk: Desk, visit: Visit, action: Action) -> str:
    """What the text of this action needs and nobody knows, or ""."""
    if action.kind is not Kind.SEND:
        return ""
    key = send_once_key(visit.entry.id, visit.entry.step, visit.entry.visit, action.name)
    letter = desk.texts.write(visit.facts, action, key)
    return letter if isinstance(letter, str) else ""
