"""What a person does with an item: the same rows as the machine's, with another actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from offswitch.act.decide import GiveUp, Triage, Visit
from offswitch.act.desk import Desk
from offswitch.act.moves import exited, finished, moved, moved_on
from offswitch.act.reserve import effect_of
from offswitch.errors import Refused
from offswitch.ledger.base import Book
from offswitch.ledger.work import WorkRow
from offswitch.model.action import Action, Kind
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry, State
from offswitch.model.plan import Finish, HandOver, Plan
from offswitch.model.work import WorkItem
from offswitch.worklist.query import find_item


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does what. `only` limits `done` to some of the visit's actions, the others are skipped."""

    by: str
    outcome: str
    note: str = ""
    minutes: int | None = None
    only: tuple[str, ...] = ()


def do(desk: Desk, name: str, deed: Deed) -> WorkItem:
    """Carry out a deed on an item. Raises Refused with the reason when it can't be done; then nothing has changed."""
    now = desk.clock.now()
    with desk.ledger.write() as book:
        try:
            item, visit, _ = find_item(desk, book, name, now)
        except KeyError as error:
            raise Refused(f"there is no open item {name!r}: it is done, or the person left. See `offswitch worklist`") from error
        _check(item, visit, deed)
        hand = Hand(desk, book, visit, item, deed, now)
        entry = getattr(hand, deed.outcome.replace("-", "_"), hand.answer)()
        book.entries.put(entry)
        if deed.outcome not in ("take", "give-back"):
            book.work.put(_row(visit.entry, deed, now))
    return item


def _row(entry: Entry, deed: Deed, now: datetime) -> WorkRow:
    return WorkRow(
        entry.id,
        entry.step,
        entry.visit,
        taken_by=entry.taken_by,
        outcome=deed.outcome,
        done_by=deed.by,
        done_at=now,
        note=deed.note,
        minutes=deed.minutes,
    )


def _check(item: WorkItem, visit: Visit, deed: Deed) -> None:
    if any(effect.state is Stage.RESERVED for effect in visit.done.values()):
        raise Refused("the machine is sending this at this moment: look again in a minute")
    if item.taken_by and item.taken_by != deed.by:
        raise Refused(f"{item.taken_by} has taken this item: ask them, or let them give it back")
    allowed = (*item.outcomes, "take", "give-back")
    if deed.outcome not in allowed:
        raise Refused(f"{deed.outcome!r} is not an answer to this item; possible: {', '.join(item.outcomes)}")
    if deed.outcome == "skip" and not deed.note:
        raise Refused("say why it is skipped: --why TEXT")


@dataclass(frozen=True, slots=True)
class Hand:
    """One deed in one transaction: each method gives the entry as it is afterwards."""

    desk: Desk
    book: Book
    visit: Visit
    item: WorkItem
    deed: Deed
    now: datetime

    def take(self) -> Entry:
        """It is this person's until they give it back; they keep the draft that they saw."""
        draft = {"drafts": [asdict(draft) for draft in self.item.drafts]}
        row = WorkRow(self.visit.entry.id, self.visit.entry.step, self.visit.entry.visit, self.deed.by, self.now, draft=draft)
        self.book.work.put(row)
        return replace(self.visit.entry, taken_by=self.deed.by)

    def give_back(self) -> Entry:
        """Anybody's again, with today's draft."""
        self.book.work.put(WorkRow(self.visit.entry.id, self.visit.entry.step, self.visit.entry.visit))
        return replace(self.visit.entry, taken_by="")

    def done(self) -> Entry:
        """A person did it: the mail, and the listed changes."""
        decided = self.visit.decided
        if not isinstance(decided, Plan):
            return self.answer()
        chosen = self.deed.only or tuple(action.name for action in self.visit.open_actions())
        for action in self.visit.open_actions():
            self._write(action, Stage.PERFORMED if action.name in chosen else Stage.SKIPPED, self.deed.note)
        return moved_on(self.visit.entry, decided, self.now, self._zone)

    def skip(self) -> Entry:
        """Nobody does it; the entry moves on."""
        decided = self.visit.decided
        match decided:
            case Plan():
                for action in self.visit.open_actions():
                    self._write(action, Stage.SKIPPED, self.deed.note)
                return moved_on(self.visit.entry, decided, self.now, self._zone)
            case HandOver():
                return self._answered(decided, "skip", "done")
            case _:
                return exited(self.visit.entry, "triage", self.deed.note, self.now)

    def answer(self) -> Entry:
        """One of the outcomes that the step offers."""
        decided = self.visit.decided
        match decided:
            case HandOver():
                return self._answered(decided, self.deed.outcome, self.deed.outcome)
            case Finish(reason) | GiveUp(reason):
                return finished(self.visit.entry, reason, self.now)
            case Plan() | Triage():
                raise Refused(f"{self.deed.outcome!r} is not an answer to this item")

    def approve(self) -> Entry:
        """The machine may do it; while it is off, it waits."""
        return self._back(replace(self.visit.entry, approved=self.visit.entry.place))

    def retry(self) -> Entry:
        """What was missing is there now: let the machine look again."""
        return self._back(self.visit.entry)

    def got_it(self) -> Entry:
        """The customer has it: it counts as done."""
        return self._resolve(Stage.PERFORMED, "confirmed")

    def did_not(self) -> Entry:
        """The customer never got it: it may be done again, under the same key."""
        return self._resolve(Stage.PLANNED, "denied")

    def _resolve(self, stage: Stage, word: str) -> Entry:
        for effect in self.visit.done.values():
            if effect.state is Stage.UNKNOWN:
                reason = f"{word} by {self.deed.by}"
                self.book.effects.put(replace(effect, state=stage, reason=reason, token=None, at=self.now))
        return self._back(self.visit.entry)

    def _back(self, entry: Entry) -> Entry:
        return replace(entry, state=State.WAITING, work=None, rule="", reason="", due=self.now, taken_by="")

    def _answered(self, decided: HandOver, outcome: str, leads: str) -> Entry:
        effect = effect_of(self.desk, self.visit, Action(Kind.TASK, f"hand_over:{outcome}"), self.now)
        self._put([replace(effect, state=Stage.PERFORMED, actor=self.deed.by, reason=self.deed.note, connector="people")])
        return moved(self.visit.entry, decided.outcomes[leads], self.now, self._zone, decided.after)

    def _write(self, action: Action, stage: Stage, reason: str) -> None:
        effect = self.visit.done.get(action.name) or effect_of(self.desk, self.visit, action, self.now)
        self._put([replace(effect, state=stage, actor=self.deed.by, reason=reason, at=self.now, token=None, connector="people")])

    def _put(self, effects: Iterable[Effect]) -> None:
        rows = list(effects)
        if self.book.effects.write(rows) != len(rows):
            raise Refused("this was done in the meantime: look at `offswitch worklist` again")

    @property
    def _zone(self) -> ZoneInfo:
        return self.desk.switchboard.zone(self.visit.facts.contact)
