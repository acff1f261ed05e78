"""One pass with the real events, steps and gate, in which nothing is performed and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from offswitch.act.audience import fitting
from offswitch.act.collect import CHUNK, newcomers, stale_until, through, whose
from offswitch.act.decide import Visit
from offswitch.act.desk import BATCH, Desk
from offswitch.act.gather import gather
from offswitch.act.judge import crowd, judge
from offswitch.act.overdue import overdue
from offswitch.act.periods import given_up
from offswitch.act.queue import may_write
from offswitch.act.remap import RULE, Edits
from offswitch.act.report import Report
from offswitch.act.reserve import Reserved, Reserving, write_letters
from offswitch.act.settle import entry_after
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book, names_from
from offswitch.messages.letter import Letter
from offswitch.model.action import Action, Kind
from offswitch.model.contact import Contact
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import OVER, Entry, State, send_once_key
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Answer
from offswitch.review.inflight import Waits
from offswitch.review.line import LATER as PUT_OFF
from offswitch.review.line import Line, What
from offswitch.review.overlay import Overlay, chunks
from offswitch.review.plan import Arrivals
from offswitch.review.roll import Roll
from offswitch.review.samples import DUE, LATER, Pool

QUEUED = 100_000  # writes that are counted
FRESH = "~"  # how the name of an entry begins that is not in the ledger
ROUNDS = 25  # more steps than this without a wait is a circle


@dataclass(slots=True)
class Rehearsal:
    """`standing` is the one to judge by; `roll` what would become of everybody, `waits` whose wait an edit changes, by step.

    `tell` is called with how many people and events have been looked at so far.
    """

    desk: Desk
    book: Book
    standing: Standing
    now: datetime
    overlay: Overlay
    tell: Callable[[int], None] = lambda _: None
    roll: Roll = field(default_factory=Roll)
    pool: Pool = field(default_factory=Pool)
    writes: Counter[str] = field(default_factory=Counter)
    report: Report = field(default_factory=Report)
    arrivals: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waits: dict[str, Waits] = field(default_factory=dict)
    endless: bool = False
    _looked_at: int = 0
    _messages: int = 0
    _open: dict[str, Visit] = field(default_factory=dict)

    def run(self) -> None:
        """Collect, then take everybody as far as they may go now, one batch after another."""
        self._register(self.book.effects.queued(self.desk.journey.name, QUEUED))
        self._move_overdue()
        self._keep_edits()
        with names_from(fresh_names()):
            self._collect()
        for batch in chunks(self.overlay.free(self.now), BATCH):
            self._through(batch)
            self._look(len(batch))

    def arrived(self) -> tuple[Arrivals, ...]:
        """What the events would do, the most frequent first."""
        return tuple(Arrivals(*key, count) for key, count in sorted(self.arrivals.items(), key=lambda item: (-item[1], item[0])))

    def _look(self, many: int) -> None:
        self._looked_at += many
        self.tell(self._looked_at)

    def _collect(self) -> None:
        book, flow = self.book, self.desk.journey.name
        assert self.standing.policy is not None
        after = None if book.events.has_cursor(flow) else stale_until(book, self.standing.policy, self.now)
        inside = book.entries.inside(flow)
        while unseen := book.events.unseen(flow, CHUNK, after):
            known = self.overlay.of_contacts(list(whose(unseen)))
            audience = fitting(self.desk, book, self.standing, newcomers(self.desk, self.standing, unseen))
            door = through(self.desk, book, self.standing, unseen, self.now, audience, known, inside)
            self.overlay.put([*door.changed.values(), *door.new.values()])
            self.arrivals.update((row["outcome"], row["rule"], row["reason"]) for row in door.rows)
            self.report.merge(door.report)
            after, inside = unseen[-1][0], door.inside
            self._look(len(unseen))

    def _move_overdue(self) -> None:
        """Hand-overs whose time is over go on first, as in a live pass."""
        pairs = list(overdue(self.book, self.desk, self.now))
        contacts = self.book.contacts.get([entry.contact_id for entry, _ in pairs])
        for entry, there in pairs:
            line = Line(contacts[entry.contact_id], entry.id, False, entry.step, entry.visit, What.MOVE, "overdue", entry.reason)
            self.roll.add(_onward(line, entry, there))
            self.report.add("overdue", entry.reason)
        self.overlay.put([there for _, there in pairs])

    def _keep_edits(self) -> None:
        """Edits of journey and policy change those inside next, as in a live pass."""
        policy = self.standing.policy
        if self.standing.halt is not None or policy is None:
            return
        edits = Edits(self.desk.journey, policy, self.now)
        if not edits.gone and not edits.waits:
            return
        for entries in self.overlay.edited(edits):
            effects = self.book.effects.at_steps([entry.id for entry in entries], [*edits.gone, *edits.waits])
            changed = list(edits.of(entries, effects))
            self.overlay.put([after for _, after in changed])
            contacts = self.book.contacts.get({before.contact_id for before, _ in changed})
            for before, after in changed:
                self._edited(before, after, contacts.get(before.contact_id) or Contact(before.contact_id))

    def _edited(self, before: Entry, after: Entry, contact: Contact) -> None:
        if after.rule == RULE or after.step != before.step:
            line = Line(contact, before.id, False, before.step, before.visit, _what(before, after), RULE)
            reason = after.reason or f"the step {before.step!r} is not in the flow any more"
            self.roll.add(_onward(replace(line, reason=reason, work=after.work), before, after))
        elif after.wait != before.wait:
            self.waits.setdefault(after.step, Waits()).count(before, after)

    def _through(self, batch: Sequence[Entry]) -> None:
        """Everybody in the batch to where they wait, are with people, or end."""
        for _ in range(ROUNDS):
            batch = sorted(self._batch(batch), key=lambda entry: (entry.due, entry.id))
            if not batch:
                return
        self.endless = True
        self._open.clear()

    def _batch(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those of the batch who have something to do again, at once."""
        desk, now = self.desk, self.now
        fresh = [entry for entry in entries if entry.id not in self._open]
        anew = gather(self.book, desk.journey, fresh, now, desk.needs, self.standing.facts)
        by_id = {visit.entry.id: visit for visit in anew} | self._open
        visits = [by_id[entry.id] for entry in entries]
        people = crowd(self.book, self.standing, [entry.contact_id for entry in entries], now)
        before = self.roll.sent_to(list({entry.contact_id for entry in entries}))
        people.begin(self._messages - before.total())
        for person in before.elements():
            people.count(person, now)
        letters = {} if self.standing.halt else write_letters(desk, visits)
        over = given_up(self.book, desk.journey, self.standing, entries, now)
        reserving = Reserving(desk, self.standing, people, 0, now, Report(), 0, letters, given_up=over)
        changed = [self._take(reserving, visit) for visit in visits]
        self.report.merge(reserving.report)
        return [entry for entry in changed if entry is not None and free(entry, now)]

    def _take(self, reserving: Reserving, visit: Visit) -> Entry | None:
        """The entry as it would be afterwards; None when it stays as it is."""
        before, out = visit.entry, reserving.out
        seen, reserved = len(out.effects), len(out.reserved)
        reserving.take(visit)
        self._effects(visit, out.effects[seen:])
        if len(out.reserved) > reserved:
            return self._performed(visit, out.reserved[-1], reserving.report)
        after = out.entries[-1]
        action = self._next(visit)
        self._keep_draft(visit, action, reserving.letters)
        line = replace(self._line(visit, _what(before, after)), message=action.message if action else "")
        halt = self.standing.halt
        if after != before or (action is None and halt is None):
            until = after.due if line.what in PUT_OFF else None
            line = replace(line, rule=after.rule, reason=after.reason, work=after.work, until=until)
            self.roll.add(_onward(line, before, after))
            return after if after.rule != RULE else None  # held until the policy says where it goes: no second look
        verdict = halt if action is None else judge(self.desk, self.standing, visit, action, reserving.people, self.now)
        assert verdict is not None
        what = What.HAND_OVER if verdict.answer is Answer.HAND_OVER else What.HOLD
        self.roll.add(replace(line, what=what, rule=verdict.rule, reason=verdict.reason, work=verdict.work))
        return None

    def _performed(self, visit: Visit, one: Reserved, report: Report) -> Entry:
        later: list[Effect] = []
        self._messages += one.effect.counts
        after = entry_after(self.desk, one, Receipt(one.effect.key, Outcome.PERFORMED), self.now, report, later)
        self._effects(visit, later)
        if isinstance(one.payload, Letter):
            self._offer(visit, one.action.message, one.payload, DUE)
            line = replace(self._line(visit, What.SEND), message=one.action.message)
            line = replace(line, language=one.payload.language, subject=one.payload.subject)
        else:
            line = replace(self._line(visit, What.WRITE), reason=one.action.name)
        self.roll.add(_onward(line, visit.entry, after))
        self._open.pop(after.id, None)
        if after.state not in OVER and after.place == visit.entry.place:
            self._open[after.id] = Visit(after, visit.facts, visit.decided, visit.done)
        return after

    def _register(self, effects: Iterable[Effect]) -> None:
        """Writes that wait for their turn happen in the same pass, unless something stops them."""
        free = (one for one in effects if one.body and may_write(self.desk, self.standing, one, self.now))
        self.writes.update(effect.action for effect in free)

    def _effects(self, visit: Visit, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if effect.state is Stage.SKIPPED:
                message = effect.action.removeprefix("send:") if effect.action.startswith("send:") else ""
                self.roll.add(replace(self._line(visit, What.SKIP), message=message, rule=effect.rule, reason=effect.reason))
        self._register(effects)

    def _next(self, visit: Visit) -> Action | None:
        return next((action for action in visit.open_actions() if not self.desk.queues(action)), None)

    def _keep_draft(self, visit: Visit, action: Action | None, letters: dict[str, Letter | str]) -> None:
        """The draft of what would not go out now: a person may send it, or the machine later."""
        if action is None or action.kind is not Kind.SEND:
            return
        letter = letters.get(send_once_key(visit.entry.id, visit.entry.step, visit.entry.visit, action.name))
        if isinstance(letter, Letter):
            self._offer(visit, action.message, letter, LATER)

    def _offer(self, visit: Visit, message: str, letter: Letter, origin: str) -> None:
        self.pool.offer(visit.facts.contact, message, visit.entry.step, letter, origin)

    def _line(self, visit: Visit, what: What) -> Line:
        entry = visit.entry
        return Line(visit.facts.contact, entry.id, entry.id.startswith(FRESH), entry.step, entry.visit, what)


def free(entry: Entry, now: datetime) -> bool:
    """Would a worker claim it now?"""
    going = entry.state in (State.WAITING, State.HELD)
    return going and entry.due <= now and entry.token is None and not entry.taken_by


def fresh_names() -> Callable[[], str]:
    """Names for entries that only a rehearsal has, in the order of their events and behind all others."""
    numbers = count()
    return lambda: f"{FRESH}{next(numbers):012}"


def _what(before: Entry, after: Entry) -> What:
    """Which kind of change this is."""
    if after.state is State.FINISHED:
        return What.FINISH
    if after.state is State.EXITED:
        return What.EXIT
    if after.state is State.WORKLIST:
        return What.HAND_OVER
    if after.place != before.place:
        return What.MOVE
    return What.HOLD if after.state is State.HELD else What.DEFER


def _onward(line: Line, before: Entry, after: Entry) -> Line:
    """The line with what comes next."""
    if after.state in OVER:
        return replace(line, then=after.reason)
    return replace(line, then=after.step, then_at=after.due) if after.place != before.place else line
