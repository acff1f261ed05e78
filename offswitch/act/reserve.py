"""Decide what may happen now, and commit the intent before anything does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from offswitch.act.decide import Triage, Visit, over_at
from offswitch.act.desk import Desk
from offswitch.act.judge import Crowd, judge
from offswitch.act.moves import answered, asked, exited, finished, held, moved_on, to_people
from offswitch.act.ports import Change
from offswitch.act.report import NOBODY_KNOWS, Report
from offswitch.gate.rules.mass import MASS
from offswitch.gate.standing import Standing
from offswitch.journey.pin import plan_to_json
from offswitch.messages.letter import Letter
from offswitch.model.action import Action, Kind
from offswitch.model.contact import Contact
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry, send_once_key, shown
from offswitch.model.plan import Finish, HandOver, Plan
from offswitch.model.verdict import Answer, Work
from offswitch.policy.schema import FieldOwner

FORGOTTEN = "may have gone out before the ledger was restored"


@dataclass(slots=True)
class Reserved:
    """An effect whose intent is on its way to the disk, with all that its connector needs."""

    visit: Visit
    action: Action
    effect: Effect
    payload: Letter | Change
    recipient: str


@dataclass(slots=True)
class Outbox:
    """What one transaction will write, gathered first so that it is written in sets."""

    effects: list[Effect] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    reserved: list[Reserved] = field(default_factory=list)


@dataclass(slots=True)
class Reserving:
    """One window: `slot` numbers the effects under the lease, for the worker's marks; `since` is when their permits begin.

    `given_up` are the entries whose time is over.
    """

    desk: Desk
    standing: Standing
    people: Crowd
    token: int
    now: datetime
    report: Report
    slot: int
    letters: dict[str, Letter | str]
    since: float = 0.0
    given_up: frozenset[str] = frozenset()
    out: Outbox = field(default_factory=Outbox)

    def take(self, visit: Visit) -> None:
        """Do what this visit needs, up to its first effect or the first thing that stops it."""
        entry, decided = visit.entry, visit.decided
        if entry.id in self.given_up:
            self._go(exited(entry, "give up", "gave up", self.now), "exited", "gave up")
            return
        match decided:
            case Triage(reason, removed=True):
                halt = self.standing.halt
                self._go(entry if halt else held(entry, "removed", reason), halt.answer.value if halt else "hold", reason)
            case Triage(reason):
                self._go(to_people(entry, Work.TRIAGE, "facts", reason), "handed over", reason)
            case Finish(reason):
                self._go(finished(entry, reason, self.now), "finished", reason)
            case HandOver() as wish:
                self._go(asked(entry, wish, self.now), "handed over", wish.title)
            case Plan() as plan:
                self._plan(visit, plan)

    def _plan(self, visit: Visit, plan: Plan) -> None:
        for action in visit.open_actions():
            if self.desk.queues(action):
                continue
            if over_at(plan, visit.facts.now):
                self._skip(visit, action, "at", "its time is over")
                continue
            letter = self.letters.get(key_of(visit, action))
            verdict = judge(self.desk, self.standing, visit, action, self.people, self.now, letter if isinstance(letter, str) else "")
            if verdict.answer is Answer.SKIP:
                self._skip(visit, action, verdict.rule, verdict.reason)
            elif visit.entry.doubtful and action.name not in visit.done and verdict.answer is not Answer.EXIT:
                self._doubt(visit, plan)
                return
            elif verdict.answer is Answer.ALLOW:
                if letter is not None or action.kind is not Kind.SEND:
                    self._reserve(visit, action, letter)
                else:  # switched on since the letters were written: the next pass writes this one
                    self._go(visit.entry, "put back", "")
                return
            else:
                self._go(answered(visit.entry, verdict, self.now), verdict.answer.value, verdict.reason)
                if verdict.rule == MASS:
                    flow = self.desk.journey.name
                    self.report.notice(f"mass {flow}", f"{flow}: {verdict.reason}, see `offswitch plan {flow}`")
                return
        self._go(moved_on(visit.entry, plan, self.now, self.desk.switchboard.zone(visit.facts.contact)), "moved", "")
        self.out.effects += queued(self.desk, visit, plan, self.now)

    def _skip(self, visit: Visit, action: Action, rule: str, reason: str) -> None:
        effect = effect_of(self.desk, visit, action, self.now, state=Stage.SKIPPED, rule=rule, reason=reason)
        visit.done[action.name] = effect
        self.out.effects.append(effect)
        self.report.add("skipped", reason)

    def _doubt(self, visit: Visit, plan: Plan) -> None:
        """Before the ledger was restored, all this may have been done: a person finds out."""
        pin = {} if any(effect.plan for effect in visit.done.values()) else plan_to_json(plan)
        for action in visit.open_actions():
            if not self.desk.queues(action) and action.name not in visit.done:
                effect = effect_of(self.desk, visit, action, self.now, state=Stage.UNKNOWN, rule="restored", reason=FORGOTTEN, plan=pin)
                self.out.effects.append(effect)
                pin = {}
        self._go(to_people(visit.entry, Work.UNKNOWN, "unknown", FORGOTTEN), "unknown", FORGOTTEN)
        self.report.notice(*NOBODY_KNOWS)

    def _reserve(self, visit: Visit, action: Action, letter: Letter | str | None) -> None:
        desk, plan = self.desk, visit.decided
        payload = letter if isinstance(letter, Letter) else self._change(visit, action)
        recipient = payload.to if isinstance(payload, Letter) else payload.contact.email
        pin = {} if any(effect.plan for effect in visit.done.values()) or not isinstance(plan, Plan) else plan_to_json(plan)
        before = visit.done.get(action.name)
        effect = effect_of(
            desk,
            visit,
            action,
            self.now,
            state=Stage.RESERVED,
            token=self.token,
            slot=self.slot,
            tries=before.tries if before else 0,
            revision=self.standing.revision,
            digest=payload.digest,
            plan=before.plan if before and before.plan else pin,
            variant=payload.variant if isinstance(payload, Letter) else "",
        )
        self.slot += 1
        if effect.counts:
            self.people.count(visit.entry.contact_id, self.now, desk.texts.front(action.message).purpose)
        self.out.effects.append(effect)
        self.out.reserved.append(Reserved(visit, action, effect, payload, recipient))

    def _change(self, visit: Visit, action: Action) -> Change:
        """What was tried before was decided then."""
        before = visit.done.get(action.name)
        decided = before.at if before and before.state is Stage.PLANNED else self.now
        return change_of(key_of(visit, action), visit.facts.contact, action, decided, self.standing)

    def _go(self, entry: Entry, what: str, reason: str) -> None:
        self.out.entries.append(entry)
        self.report.add(what, reason)


def key_of(visit: Visit, action: Action) -> str:
    """The send-once key of an action of this visit."""
    return send_once_key(visit.entry.id, visit.entry.step, visit.entry.visit, action.name)


def effect_of(desk: Desk, visit: Visit, action: Action, now: datetime, *, state: Stage = Stage.PLANNED, **more: Any) -> Effect:
    """An effect for an action of this visit, under its send-once key. `more` are further fields of it."""
    entry = visit.entry
    return Effect(
        key=key_of(visit, action),
        entry_id=entry.id,
        flow=entry.flow,
        step=entry.step,
        visit=entry.visit,
        action=action.name,
        contact_id=entry.contact_id,
        at=now,
        state=state,
        channel=action.channel,
        connector=desk.connector(action).name,
        counts=action.kind is Kind.SEND,
        **more,
    )


def queued(desk: Desk, visit: Visit, plan: Plan, now: datetime) -> list[Effect]:
    """The visit's CRM writes, to be performed when their turn comes."""
    waiting = [action for action in plan.actions if desk.queues(action) and action.name not in visit.done]
    return [
        effect_of(desk, visit, action, now + timedelta(microseconds=place), body=action.to_json()) for place, action in enumerate(waiting)
    ]


def change_of(key: str, contact: Contact, action: Action, decided: datetime, standing: Standing) -> Change:
    """The CRM write that an action means. Its key is its digest too: a key never says two things."""
    owners = standing.policy.field_owner if standing.policy and action.kind is Kind.UPDATE else {}
    yielding = frozenset(name for name, owner in owners.items() if owner is FieldOwner.PEOPLE)
    values = {name: value for name, value in action.values.items() if owners.get(name) is not FieldOwner.CRM}
    return Change(action.kind, contact, values, shown(key), shown(key), decided, yielding)


def write_letters(desk: Desk, visits: Sequence[Visit]) -> dict[str, Letter | str]:
    """The finished letters of these visits, or what each lacks, by send-once key. The slow part, done outside of transactions."""
    letters: dict[str, Letter | str] = {}
    for visit in visits:
        for action in visit.open_actions():
            if action.kind is Kind.SEND:
                key = key_of(visit, action)
                letters[key] = desk.texts.write(visit.facts, action, key)
    return letters
