"""Where every person must stand: the journey's pure steps, replayed over what the world saw. The ledger is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from offswitch.drill.stand import Sign, Stand, Where, place_of
from offswitch.drill.truth import Truth
from offswitch.drill.visit import Visit
from offswitch.model.facts import Unknown
from offswitch.model.plan import Finish, HandOver, Local, Next, Plan

Names = Mapping[str, tuple[int, str]]
_MOST = 200  # visits of one walk: more is a circle


@dataclass(slots=True)
class Walk:
    """One entry's way, step by step, as far as `now`. `of` are its mails and deeds by step and visit."""

    truth: Truth
    who: int
    trigger: str
    entered: datetime
    now: datetime
    of: Mapping[tuple[str, int], list[Sign]]
    step: str = ""
    visits: dict[str, int] = field(default_factory=dict)
    arrived: datetime | None = None
    due: datetime | None = None
    or_when: Mapping[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def run(self) -> Stand:
        """To the end, or to where it waits."""
        self._go(next(iter(self.truth.journey.steps.values())).name, self.entered, self.entered)
        for _ in range(_MOST):
            standing = self._visit()
            if standing is not None:
                return self._checked(standing)
        return Stand(self.who, self.trigger, Where.LOOSE, reason="goes round in a circle")

    def _checked(self, standing: Stand) -> Stand:
        """Signs at visits that nobody could have come to are wrong."""
        stray = [sign for place, signs in self.of.items() if place not in self.seen for sign in signs if sign.mail and sign.mail.accepted]
        if standing.where is not Where.LOOSE:
            self.wrong += [f"{sign.mail.parts[3]} at {place_of(sign.mail)}, where nobody could be" for sign in stray if sign.mail]
        return replace(standing, wrong=tuple(self.wrong))

    def _go(self, step: str, at: datetime, due: datetime, or_when: Mapping[str, str] | None = None) -> None:
        self.step, self.arrived, self.due = step, at, due
        self.visits[step] = self.visits.get(step, 0) + 1
        self.or_when = or_when or {}

    def _visit(self) -> Stand | None:
        """One visit: what ends it, in the order in which it was seen. None when the walk goes on."""
        assert self.arrived is not None
        assert self.due is not None
        place = (self.step, self.visits[self.step])
        self.seen.add(place)
        signs = self.of.get(place, [])
        state = Visit(self, signs)
        for at, what in self._moments(signs):
            moved = state.at(at, what)
            if moved is not None:
                return moved if isinstance(moved, Stand) else None
        return state.standing()

    def _moments(self, signs: list[Sign]) -> list[tuple[datetime, object]]:
        """Everything that can matter in this visit, in order: what happened, what was seen, and the moment it is due."""
        assert self.arrived is not None
        assert self.due is not None
        found: list[tuple[datetime, int, int, object]] = []
        for place, (heard, one) in enumerate(self.truth.events(self.who)):
            if self.arrived <= heard <= self.now and one.id != self.trigger:
                found.append((heard, 0, place, one))
        found += [(sign.at, 2, sign.n, sign) for sign in signs if sign.at <= self.now]
        looked = [moment for moment in (self.first_pass(self.due), self._seen_beyond(self.due)) if moment is not None]
        if looked and min(looked) <= self.now:
            found.append((min(looked), 1, 0, None))
        return [(at, what) for at, _, _, what in sorted(found, key=lambda one: one[:3])]

    def first_pass(self, due: datetime) -> datetime | None:
        """When a whole pass first looked, at or after it was due."""
        return next((at for at in self.truth.world.passes.get(self.truth.journey.name, ()) if at >= due), None)

    def _seen_beyond(self, due: datetime) -> datetime | None:
        """When something was first seen at a later place: a pass that died afterwards had looked here too."""
        times = [sign.at for place, signs in self.of.items() if place not in self.seen for sign in signs if sign.at >= due]
        return min(times, default=None)

    def decide(self, at: datetime) -> object:
        """What the step says at this moment; an exception stands for a question to a person."""
        facts = self.truth.facts(self.who, at, self.trigger, self.visits[self.step])
        try:
            return self.truth.journey.steps[self.step](facts)
        except Unknown as unknown:
            return unknown
        except Exception as error:  # noqa: BLE001 - whatever an author's step raises is a question to a person
            return error

    def move(self, to: Next, at: datetime, plan: Plan | HandOver | None = None) -> Stand | None:
        """On to the next step, or over."""
        if isinstance(to, Finish):
            return Stand(self.who, self.trigger, Where.OVER, self.step, reason=to.reason, due=at)
        due = at
        or_when: Mapping[str, str] = {}
        if isinstance(plan, Plan):
            due = plan.at or (_moment(plan.after, at, self._zone()))
            or_when = {kind: step.name for kind, step in plan.or_when.items()}
        elif isinstance(plan, HandOver):
            due = _moment(plan.after, at, self._zone())
        self._go(to.name, at, due, or_when)
        return None

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.truth.world.person(self.who).zone or "UTC")


def _moment(wait: timedelta | Local, at: datetime, zone: ZoneInfo) -> datetime:
    return wait.moment(at, zone) if isinstance(wait, Local) else at + wait


def where_all(truth: Truth, names: Mapping[str, tuple[int, str]], now: datetime) -> list[Stand]:
    """A stand for every entry: `names` says whose each entry is, and which trigger began it."""
    signs: dict[str, dict[tuple[str, int], list[Sign]]] = {}
    for mail in truth.world.mails:
        entry, step, visit, _ = mail.parts
        if visit.isdecimal():
            signs.setdefault(entry, {}).setdefault((step, int(visit)), []).append(Sign(mail.n, mail.at, mail=mail))
    for deed in truth.world.deeds:
        signs.setdefault(deed.entry, {}).setdefault((deed.step, deed.visit), []).append(Sign(deed.n, deed.at, deed=deed))
    heard: dict[str, datetime] = {f"drill:{one.id}": at for at, one in truth.world.told}
    found = []
    for entry, (who, trigger) in names.items():
        of = {place: sorted(each, key=lambda sign: sign.n) for place, each in signs.get(entry, {}).items()}
        entered = Walk(truth, who, trigger, heard[trigger], now, of)
        begun = entered.first_pass(heard[trigger])
        entered.entered = begun or heard[trigger]
        found.append(_certain(truth, entered.run()))
    return found


def _certain(truth: Truth, stand: Stand) -> Stand:
    """Whom the provider refused may be suppressed by now, or not: a worker that was killed could not say so."""
    email = truth.world.person(stand.who).email.lower()
    if any(mail.outcome == "rejected" and mail.to.lower() == email for mail in truth.world.mails):
        return Stand(stand.who, stand.trigger, Where.LOOSE, stand.step, stand.visit, reason="the provider refused the address")
    return stand


def entries_of(rows: Any, truth: Truth) -> Names:
    """Whose each entry of the flow is: the ledger's names for things, and nothing of what it thinks of them."""
    by_id = {f"drill:{one.id}": one.who for _, one in truth.world.told}
    return {row.id: (by_id[row.event_id], row.event_id) for row in rows if row.flow == truth.journey.name and row.event_id in by_id}
