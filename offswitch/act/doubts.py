"""What may have been done in a time that a restored ledger has lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from offswitch.act.decide import Decided, Triage, Visit, decide
from offswitch.act.desk import Desk
from offswitch.act.moves import moved
from offswitch.act.recover import told_by
from offswitch.act.settle import STAGE_OF
from offswitch.journey.graph import Graph
from offswitch.ledger.base import Book
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import OVERDUE, Entry, State, send_once_key
from offswitch.model.plan import HandOver, Plan, Step
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Lane, Work

Place: TypeAlias = tuple[str, int]  # step and visit
Told: TypeAlias = Mapping[str, Receipt | None]  # by send-once key
_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Risk:
    """An entry, and for each place where it may have been meanwhile what may have been done there.

    `by_hand`: people had it, or the flow was off, so that a provider doesn't know all of it.
    """

    visit: Visit
    places: Mapping[Place, tuple[str, ...]]
    by_hand: bool

    @property
    def here(self) -> bool:
        """May what is due now have been done already?"""
        return (self.visit.entry.step, self.visit.entry.visit) in self.places

    @property
    def keys(self) -> list[str]:
        """The send-once keys of all of it."""
        return [self.key(place, action) for place, actions in self.places.items() for action in actions]

    def key(self, place: Place, action: str) -> str:
        """One of them."""
        return send_once_key(self.visit.entry.id, *place, action)


def risks(desk: Desk, graph: Graph, visits: Iterable[Visit], since: datetime, until: datetime, was_off: bool) -> Iterator[Risk]:
    """Which of these may have gone on in the lost time, as far as the journey, its waits and today's facts allow.

    Since the loss was noticed nobody has entered, so all of these were in the copy.
    """
    for visit in visits:
        places = {place: actions for place, actions in _Walk(desk, graph, visit, since, until).places() if actions is not None}
        if places:
            yield Risk(visit, places, was_off or _with_people(visit.entry))


def ask(desk: Desk, found: Iterable[Risk]) -> Told:
    """What the connectors know of it. To be called outside of transactions."""
    return {
        risk.key(place, action): told_by(desk.mailer if action.startswith("send:") else desk.crm, risk.key(place, action))
        for risk in found
        for place, actions in risk.places.items()
        for action in actions
    }


def take_over(desk: Desk, book: Book, found: Sequence[Risk], told: Told, now: datetime) -> None:
    """Write down what the connectors know, and mark every other visit as doubtful, so that a person is asked before it is done."""
    for risk in found:
        doubts: dict[str, list[int]] = {}
        for (step, visit), actions in risk.places.items():
            receipts = {action: told.get(risk.key((step, visit), action)) for action in actions}
            book.effects.write(
                [_known(desk, risk, (step, visit), action, one, now) for action, one in receipts.items() if one and _done(one)]
            )
            if not actions or not all(_settled(risk, receipt) for receipt in receipts.values()):
                doubts.setdefault(step, []).append(visit)
        book.entries.put(_asked_again(replace(risk.visit.entry, doubts=doubts), now))


def _asked_again(entry: Entry, now: datetime) -> Entry:
    """What people were to decide before is for the next pass to put to them anew. A step's own question stays as it is."""
    if entry.state is State.WORKLIST and entry.work not in (Work.STEP, Work.UNKNOWN):
        return replace(entry, state=State.WAITING, work=None, due=min(entry.due, now), approved="")
    return replace(entry, approved="")


def _done(receipt: Receipt) -> bool:
    return receipt.outcome in (Outcome.PERFORMED, Outcome.REJECTED)


def _settled(risk: Risk, receipt: Receipt | None) -> bool:
    """Is there no doubt? That the provider has nothing says nothing of what people may have sent themselves."""
    return receipt is not None and (_done(receipt) or (receipt.outcome is Outcome.RETRY and not risk.by_hand))


def _known(desk: Desk, risk: Risk, place: Place, action: str, receipt: Receipt, now: datetime) -> Effect:
    sends = action.startswith("send:")
    known = risk.visit.done.get(action) if place == (risk.visit.entry.step, risk.visit.entry.visit) else None
    effect = known or Effect(
        risk.key(place, action), risk.visit.entry.id, desk.journey.name, *place, action, risk.visit.entry.contact_id, now, Stage.PLANNED
    )
    return replace(
        effect,
        state=STAGE_OF[receipt.outcome],
        at=now,
        channel=effect.channel or ("email" if sends else "crm"),
        connector=(desk.mailer if sends else desk.crm).name,
        counts=sends,
        rule="restored",
        reason="found at the provider",
        reference=receipt.reference,
    )


def _with_people(entry: Entry) -> bool:
    return entry.state is State.WORKLIST or entry.lane is Lane.PEOPLE or bool(entry.taken_by)


class _Walk:
    """From where an entry stands to every place where it may have been by `until`, earliest first."""

    def __init__(self, desk: Desk, graph: Graph, visit: Visit, since: datetime, until: datetime) -> None:
        self._desk, self._graph, self._from, self._until = desk, graph, visit, until
        entry = visit.entry
        self._zone = desk.switchboard.zone(visit.facts.contact)
        self._order = count()
        self._ahead: list[tuple[datetime, int, Entry]] = []
        self._add(since if _with_people(entry) else max(entry.due, since), entry)
        for kind, step in entry.or_when.items():
            if kind != OVERDUE and step in desk.journey.steps:
                self._add(since, moved(entry, desk.journey.steps[step], since, self._zone))

    def places(self) -> Iterator[tuple[Place, tuple[str, ...] | None]]:
        """Step and visit with what is done there by itself or by hand; None where nothing is."""
        seen: set[Place] = set()
        while self._ahead:
            at, _, entry = heappop(self._ahead)
            place = (entry.step, entry.visit)
            if place in seen or at > self._until:
                continue
            seen.add(place)
            decided = self._from.decided if entry is self._from.entry else self._decide(entry, at)
            yield place, self._actions(entry, decided)
            for reached in self._next(entry, decided, at):
                self._add(reached.due, reached)

    def _add(self, at: datetime, entry: Entry) -> None:
        heappush(self._ahead, (at, next(self._order), entry))

    def _decide(self, entry: Entry, at: datetime) -> Decided:
        if entry.step not in self._desk.journey.steps:
            return Triage("", removed=True)
        return decide(self._desk.journey, entry, replace(self._from.facts, now=at, visit=entry.visit))

    def _actions(self, entry: Entry, decided: Decided) -> tuple[str, ...] | None:
        match decided:
            case Plan() as plan:
                actions = self._from.open_actions() if entry is self._from.entry else plan.actions
                return tuple(action.name for action in actions if not self._desk.queues(action)) or None
            case HandOver():
                return ()
            case Triage() if node := self._graph.nodes.get(entry.step):
                return tuple(f"send:{message}" for message in node.sends) or None
            case _:
                return None

    def _next(self, entry: Entry, decided: Decided, at: datetime) -> Iterator[Entry]:
        """Where the decision leads, and wherever else the step may lead with other facts, as soon as it may."""
        steps = self._desk.journey.steps
        sure: set[str] = set()
        match decided:
            case Plan() as plan:
                ways = [moved(entry, plan.then, at, self._zone, plan.after, plan.at)]
                ways += [moved(entry, step, at, self._zone) for step in plan.or_when.values()]
            case HandOver() as wish:
                ways = [moved(entry, step, at, self._zone, wish.after) for step in wish.outcomes.values()]
                ways += [moved(entry, wish.overdue, at, self._zone)] if isinstance(wish.overdue, Step) else []
            case _:
                ways = []
        for way in ways:
            if way.state is State.WAITING:
                sure.add(way.step)
                yield way
        node = self._graph.nodes.get(entry.step)
        waits = dict(node.onward) if node else {}
        for step in set(node.then if node else ()) - sure:
            if step in steps:
                yield moved(entry, steps[step], at, self._zone, waits.get(step, _AT_ONCE))
