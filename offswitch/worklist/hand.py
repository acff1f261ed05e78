"""What a person does with an item: the same rows as the machine's, with another actor."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from offswitch.act.decide import Triage, Visit
from offswitch.act.desk import Desk
from offswitch.act.moves import approved, exited, finished, given_back, moved, moved_on
from offswitch.act.recover import recover_lapsed
from offswitch.act.report import Report
from offswitch.act.reserve import effect_of
from offswitch.errors import Refused
from offswitch.failpoints import reach
from offswitch.journey.pin import plan_to_json
from offswitch.ledger.base import Book
from offswitch.ledger.work import WorkRow
from offswitch.model.action import Action, Kind
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry
from offswitch.model.plan import Finish, HandOver, Plan
from offswitch.model.verdict import Answer, Verdict
from offswitch.model.work import WorkItem
from offswitch.policy.schema import CompanyPolicy, Role
from offswitch.worklist.authority import DECIDE
from offswitch.worklist.decisions import decisions, must_have_authority, with_amounts
from offswitch.worklist.look import refused
from offswitch.worklist.query import Found, find_item, has_item
from offswitch.worklist.writes import done_by_hand, has_writes

_HANDS = ("take", "take-over")


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does what. `only` limits `done` to some of the visit's actions, the others are skipped.

    `roles` are the person's, None for whoever is believed: see `roles_of`. `at` is when it was done, where that is not now, and
    `entry_id` whose item it is, where that is known.
    """

    by: str
    outcome: str
    note: str = ""
    minutes: int | None = None
    only: tuple[str, ...] = ()
    roles: frozenset[Role] | None = None
    at: datetime | None = None
    entry_id: str = ""


def roles_of(company: CompanyPolicy | None, who: str, outcome: str) -> frozenset[Role] | None:
    """Somebody's roles. While company.yaml can't be read, everybody is believed what they did, and nobody may have the machine do it."""
    if company is not None:
        return frozenset(company.people[who].roles)
    return frozenset() if outcome == "approve" else None


def do(desk: Desk, name: str, deed: Deed) -> WorkItem:
    """Carry out a deed on an item. Raises Refused with the reason when it can't be done; then nothing has changed."""
    recover_lapsed(desk, Report())  # what a dead worker had in its hands is free, or a question; nothing is sent
    now = desk.clock.now()
    with desk.ledger.write() as book:
        try:
            found = find_item(desk, book, name, now, deed.entry_id)
        except KeyError as error:
            book.audit.say(deed.by, f"item {name}: {deed.outcome}", desk.journey.name)
            if deed.outcome == "done" and (item := done_by_hand(desk, book, name, deed.by, deed.at or now)) is not None:
                return item
            raise Refused(f"there is no open item {name!r}: it is done, or the person left. See `offswitch worklist`") from error
        _check(desk, found, deed)
        book.audit.say(deed.by, f"item {name} at {found.visit.entry.step}: {deed.outcome}", desk.journey.name)
        hand = Hand(desk, book, found, deed, deed.at or now)
        book.entries.put(hand.entry_after())
        reach("in worklist")
        if deed.outcome not in (*_HANDS, "give-back"):
            book.work.put(_row(found, deed, deed.at or now))
    return found.item


def knows(desk: Desk, name: str) -> bool:
    """Is this item from this flow, and may it still be open?"""
    with desk.ledger.read() as book:
        return has_item(desk, book, name) or has_writes(desk, book, name)


def _row(found: Found, deed: Deed, at: datetime) -> WorkRow:
    """What was written before about whose hands it went through stays."""
    entry, before = found.visit.entry, found.row
    note = "; ".join(filter(None, (before.note if before else "", deed.note)))
    row = before or WorkRow(entry.id, entry.step, entry.visit)
    return replace(row, taken_by=entry.taken_by, outcome=deed.outcome, done_by=deed.by, done_at=at, note=note, minutes=deed.minutes)


def _check(desk: Desk, found: Found, deed: Deed) -> None:
    item, visit = found.item, found.visit
    if any(effect.state is Stage.RESERVED for effect in visit.done.values()):
        raise Refused("the machine is sending this at this moment: look again in a minute")
    if deed.outcome == "take-over":
        _may_take_over(item, deed)
    elif item.taken_by and item.taken_by != deed.by:
        raise Refused(
            f"{item.taken_by} has taken this item: ask them, or let them give it back. Are they away? "
            f"An owner or approver takes it over: `offswitch worklist take {item.id} --from-owner --why TEXT`"
        )
    allowed = (*item.outcomes, *_HANDS, "give-back")
    if deed.outcome not in allowed:
        raise Refused(f"{deed.outcome!r} is not an answer to this item; possible: {', '.join(item.outcomes)}")
    if deed.outcome == "skip" and not deed.note:
        raise Refused("say why it is skipped: --why TEXT")
    open_ = [action for action, verdict in found.judged if not refused(verdict)]
    afterwards = deed.outcome == "done" and deed.at is not None  # what was done while all was dead is done
    if deed.roles is not None and not afterwards:
        theirs = [action for action in open_ if not deed.only or action.name in deed.only]
        asked = decisions(desk, visit.facts, theirs)
        must_have_authority(asked, found.authority, deed.by, deed.roles, deed.outcome)
    names = [action.name for action in open_]
    if unheard := [name for name in deed.only if name not in names]:
        raise Refused(f"this item has no {unheard[0]!r}; --only can be: {', '.join(names) or 'nothing here'}")


def _may_take_over(item: WorkItem, deed: Deed) -> None:
    if not item.taken_by or item.taken_by == deed.by:
        raise Refused("nobody else has taken this item: take it without --from-owner")
    if not deed.note:
        raise Refused("say why it is taken over: --why TEXT")
    if deed.roles is not None and not deed.roles & DECIDE:
        raise Refused(f"{deed.by} may not take over what somebody else has taken: that takes the role approver or owner in company.yaml")


@dataclass(frozen=True, slots=True)
class Hand:
    """One deed in one transaction: each method gives the entry as it is afterwards."""

    desk: Desk
    book: Book
    found: Found
    deed: Deed
    now: datetime

    def entry_after(self) -> Entry:
        """Do it. What a step offers is its own answer, whatever it is called."""
        decided, outcome = self.visit.decided, self.deed.outcome
        if isinstance(decided, HandOver) and outcome in decided.outcomes:
            return self._answered(decided, outcome, Stage.PERFORMED)
        if isinstance(decided, Triage) and decided.removed and outcome in self.desk.journey.steps:
            return moved(self.visit.entry, self.desk.journey.steps[outcome], self.now, self._zone)
        match outcome:
            case "take" | "take-over":
                return self.take()
            case "give-back":
                return self.give_back()
            case "done":
                return self.done()
            case "skip":
                return self.skip()
            case "approve":
                return self.approve()
            case "got-it":
                return self._resolve(Stage.PERFORMED, "confirmed")
            case "did-not":
                return self._resolve(Stage.PLANNED, "denied")
            case _:
                return given_back(self.visit.entry, self.now)

    @property
    def visit(self) -> Visit:
        """The visit that the item is about."""
        return self.found.visit

    def take(self) -> Entry:
        """It is this person's until they give it back; they keep the draft that they saw, or that the one before them saw."""
        draft = {"drafts": [asdict(draft) for draft in self.found.item.drafts]}
        note = self._kept_note
        if self.deed.outcome == "take-over":
            passed = f"{self.now:%Y-%m-%d %H:%M} UTC: from {self.found.item.taken_by} to {self.deed.by}: {self.deed.note}"
            note = "; ".join(filter(None, (note, passed)))
        entry = self.visit.entry
        self.book.work.put(WorkRow(entry.id, entry.step, entry.visit, self.deed.by, self.now, note=note, draft=draft))
        self._pin()
        return replace(self.visit.entry, taken_by=self.deed.by)

    def give_back(self) -> Entry:
        """Anybody's again, with today's draft."""
        self.book.work.put(WorkRow(self.visit.entry.id, self.visit.entry.step, self.visit.entry.visit, note=self._kept_note))
        for effect in self.visit.done.values():
            if effect.state is Stage.PLANNED and effect.plan:
                self.book.effects.put(replace(effect, plan={}))
        return replace(self.visit.entry, taken_by="")

    def approve(self) -> Entry:
        """The machine may do exactly this; while it is off, it waits. Whether it is late counts from now."""
        self._pin()
        return approved(self.visit.entry, self.now)

    def _pin(self) -> None:
        """What this person saw is what will be done, whatever code and facts say later."""
        visit = self.visit
        if not isinstance(visit.decided, Plan):
            return
        plan = plan_to_json(with_amounts(self.desk, visit.facts, visit.decided))
        pinned = next((effect for effect in visit.done.values() if effect.plan), None)
        if pinned is not None:
            if pinned.plan != plan:
                self.book.effects.put(replace(pinned, plan=plan))
            return
        action = next((action for action in visit.open_actions() if not self.desk.queues(action)), None)
        if action is not None:
            self._put(replace(visit.done.get(action.name) or effect_of(self.desk, visit, action, self.now), plan=plan))

    def done(self) -> Entry:
        """A person did it: the mail, and the listed changes. What may not be done at all is skipped, as the machine would."""
        entry, decided = self.visit.entry, self.visit.decided
        match decided:
            case Plan():
                for action, verdict in self.found.judged:
                    self._settle(action, verdict)
                left = next((verdict for _, verdict in self.found.judged if verdict.answer is Answer.EXIT), None)
                return exited(entry, left.rule, left.reason, self.now) if left else moved_on(entry, decided, self.now, self._zone)
            case Finish(reason):
                return finished(entry, reason, self.now)
            case Triage(removed=True):
                return finished(entry, "done by hand", self.now)
            case _:
                raise Refused("this item can't be closed like this: see its answers")

    def skip(self) -> Entry:
        """Nobody does it; the entry moves on."""
        decided = self.visit.decided
        match decided:
            case Plan():
                for action, _ in self.found.judged:
                    self._write(action, Stage.SKIPPED, self.deed.note)
                return moved_on(self.visit.entry, decided, self.now, self._zone)
            case HandOver():
                return self._answered(decided, "done", Stage.SKIPPED)
            case _:
                return exited(self.visit.entry, "triage", self.deed.note, self.now)

    def _resolve(self, stage: Stage, word: str) -> Entry:
        for effect in self.visit.done.values():
            if effect.state is Stage.UNKNOWN:
                reason = f"{word} by {self.deed.by}"
                self.book.effects.put(replace(effect, state=stage, reason=reason, token=None, at=self.now))
        return given_back(self.visit.entry, self.now)

    def _answered(self, decided: HandOver, outcome: str, stage: Stage) -> Entry:
        self._write(Action(Kind.TASK, f"hand_over:{outcome}"), stage, self.deed.note)
        return moved(self.visit.entry, decided.outcomes[outcome], self.now, self._zone, decided.after)

    def _settle(self, action: Action, verdict: Verdict) -> None:
        if refused(verdict):
            self._write(action, Stage.SKIPPED, verdict.reason, verdict.rule)
        else:
            chosen = not self.deed.only or action.name in self.deed.only
            self._write(action, Stage.PERFORMED if chosen else Stage.SKIPPED, self.deed.note)

    def _write(self, action: Action, stage: Stage, reason: str, rule: str = "") -> None:
        effect = self.visit.done.get(action.name) or effect_of(self.desk, self.visit, action, self.now)
        self._put(
            replace(
                effect,
                state=stage,
                actor=self.deed.by,
                rule=rule,
                reason=reason,
                at=self.now,
                token=None,
                connector="people",
                variant=self._drafted(action) if stage is Stage.PERFORMED else "",
            )
        )

    def _drafted(self, action: Action) -> str:
        """Which text the draft is, where texts are tried out."""
        return next((draft.variant for draft in self.found.item.drafts if draft.message == action.message), "")

    def _put(self, effect: Effect) -> None:
        if self.book.effects.write([effect]) != 1:
            raise Refused("this was done in the meantime: look at `offswitch worklist` again")

    @property
    def _kept_note(self) -> str:
        return self.found.row.note if self.found.row else ""

    @property
    def _zone(self) -> ZoneInfo:
        return self.desk.switchboard.zone(self.visit.facts.contact)
