"""One pass with the real events, steps and gate, in which nothing is performed and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from offswitch.act.audience import fitting
from offswitch.act.collect import CHUNK, Door, missed_by, newcomers, stale_until, taken_by_others
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
from offswitch.ledger.base import Book
from offswitch.messages.letter import Letter
from offswitch.model.action import Action, Kind
from offswitch.model.contact import Contact
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import OVER, Entry, State, send_once_key
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Answer
from offswitch.review.plan import LATER as PUT_OFF
from offswitch.review.plan import Arrivals, Line, What
from offswitch.review.samples import DUE, LATER, Pool

QUEUED = 100_000  # writes that are counted
ROUNDS = 25  # more steps than this without a wait is a circle


@dataclass(slots=True)
class Rehearsal:
    """`standing` is the one to judge by. `pending` are all entries that are not over, with what the events would change in them.

    `edited` are those whom an edit moves or whose wait it changes, as they are and as they would be.
    """

    desk: Desk
    book: Book
    standing: Standing
    now: datetime
    lines: list[Line] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)
    writes: Counter[str] = field(default_factory=Counter)
    report: Report = field(default_factory=Report)
    arrivals: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    pending: dict[str, Entry] = field(default_factory=dict)
    fresh: dict[str, Entry] = field(default_factory=dict)
    edited: dict[str, tuple[Entry, Entry]] = field(default_factory=dict)
    endless: bool = False
    _sent: Counter[str] = field(default_factory=Counter)
    _open: dict[str, Visit] = field(default_factory=dict)

    def run(self, stored: Iterable[Entry]) -> None:
        """Collect, then take everybody as far as they may go now. `stored` are the entries that are not over."""
        self.pending = {entry.id: entry for entry in stored}
        self._register(self.book.effects.queued(self.desk.journey.name, QUEUED))
        moved = self._move_overdue()
        self.pending |= moved
        moved |= self._keep_edits()
        self._collect(moved)
        entries = [entry for entry in self.pending.values() if free(entry, self.now)]
        for _ in range(ROUNDS):
            entries = [changed for batch in batches(self.in_order(entries), BATCH) for changed in self._batch(batch)]
            if not entries:
                return
        self.endless = True

    def in_order(self, entries: Iterable[Entry]) -> list[Entry]:
        """As a worker claims them: by due time and age. Those who would enter come in the order of their events, at every look."""
        place = {entry_id: f"~{number:09}" for number, entry_id in enumerate(self.fresh)}
        return sorted(entries, key=lambda entry: (entry.due, place.get(entry.id, entry.id)))

    def arrived(self) -> tuple[Arrivals, ...]:
        """What the events would do, the most frequent first."""
        return tuple(Arrivals(*key, count) for key, count in sorted(self.arrivals.items(), key=lambda item: (-item[1], item[0])))

    def _collect(self, moved: dict[str, Entry]) -> None:
        book, flow = self.book, self.desk.journey.name
        assert self.standing.policy is not None
        after = None if book.events.has_cursor(flow) else stale_until(book, self.standing.policy, self.now)
        known: dict[str, list[Entry]] = {}
        rung, inside = book.history.rung(flow), book.entries.inside(flow)
        turn = "" if rung else self.desk.switchboard.turn(book)
        while unseen := book.events.unseen(flow, CHUNK, after):
            read = book.entries.of_contacts(flow, {happened.contact_id for _, happened in unseen} - known.keys())
            known |= {person: [moved.get(entry.id, entry) for entry in mine] for person, mine in read.items()}
            audience = fitting(self.desk, book, self.standing, newcomers(self.desk, self.standing, unseen))
            missed, taken = missed_by(book, flow, unseen), taken_by_others(book, self.standing, unseen)
            door = Door(self.desk, self.standing, self.now, known, rung, inside, missed, turn, audience, taken)
            for _, happened in unseen:
                door.take(happened)
            self.fresh |= door.new
            for entry in (*door.new.values(), *door.changed.values()):
                self.pending.pop(entry.id, None)
                if entry.state not in OVER:
                    self.pending[entry.id] = replace(entry, token=None)
            self.arrivals.update((row["outcome"], row["rule"], row["reason"]) for row in door.rows)
            self.report.merge(door.report)
            after, inside = unseen[-1][0], door.inside

    def _move_overdue(self) -> dict[str, Entry]:
        """Hand-overs whose time is over go on first, as in a live pass."""
        pairs = list(overdue(self.book, self.desk, self.now))
        contacts = self.book.contacts.get([entry.contact_id for entry, _ in pairs])
        for entry, there in pairs:
            line = Line(contacts[entry.contact_id], entry.id, False, entry.step, entry.visit, What.MOVE, "overdue", entry.reason)
            self.lines.append(_onward(line, entry, there))
            self.report.add("overdue", entry.reason)
        return {there.id: there for _, there in pairs}

    def _keep_edits(self) -> dict[str, Entry]:
        """Edits of journey and policy change those inside next, as in a live pass."""
        policy = self.standing.policy
        if self.standing.halt is not None or policy is None:
            return {}
        edits = Edits(self.desk.journey, policy, self.now)
        concerned = {*edits.gone, *edits.waits}
        entries = self.in_order(entry for entry in self.pending.values() if entry.step in concerned)
        effects = self.book.effects.at_steps([entry.id for entry in entries], concerned)
        self.edited = {before.id: (before, after) for before, after in edits.of(entries, effects)}
        contacts = self.book.contacts.get({before.contact_id for before, _ in self.edited.values()})
        for before, after in self.edited.values():
            self.pending[after.id] = after
            if after.state in OVER:
                del self.pending[after.id]
            if after.rule == RULE or after.step != before.step:
                contact = contacts.get(before.contact_id) or Contact(before.contact_id)
                line = Line(contact, before.id, False, before.step, before.visit, _what(before, after), RULE)
                reason = after.reason or f"the step {before.step!r} is not in the flow any more"
                self.lines.append(_onward(replace(line, reason=reason, work=after.work), before, after))
        return {after.id: after for _, after in self.edited.values()}

    def _batch(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those of the batch who have something to do again, at once."""
        desk, now = self.desk, self.now
        anew = gather(self.book, desk.journey, [entry for entry in entries if entry.id not in self._open], now, desk.needs)
        by_id = {visit.entry.id: visit for visit in anew} | self._open
        visits = [by_id[entry.id] for entry in entries]
        people = crowd(self.book, self.standing, [entry.contact_id for entry in entries], now)
        here = {entry.contact_id for entry in entries}
        people.begin(sum(count for person, count in self._sent.items() if person not in here))
        for person in here:
            for _ in range(self._sent[person]):
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
            self.lines.append(_onward(line, before, after))
            return after if after.rule != RULE else None  # held until the policy says where it goes: no second look
        verdict = halt if action is None else judge(self.desk, self.standing, visit, action, reserving.people, self.now)
        assert verdict is not None
        what = What.HAND_OVER if verdict.answer is Answer.HAND_OVER else What.HOLD
        self.lines.append(replace(line, what=what, rule=verdict.rule, reason=verdict.reason, work=verdict.work))
        return None

    def _performed(self, visit: Visit, one: Reserved, report: Report) -> Entry:
        later: list[Effect] = []
        if one.effect.counts:
            self._sent[visit.entry.contact_id] += 1
        after = entry_after(self.desk, one, Receipt(one.effect.key, Outcome.PERFORMED), self.now, report, later)
        self._effects(visit, later)
        if isinstance(one.payload, Letter):
            self._offer(visit, one.action.message, one.payload, DUE)
            line = replace(self._line(visit, What.SEND), message=one.action.message)
            line = replace(line, language=one.payload.language, subject=one.payload.subject)
        else:
            line = replace(self._line(visit, What.WRITE), reason=one.action.name)
        self.lines.append(_onward(line, visit.entry, after))
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
                self.lines.append(replace(self._line(visit, What.SKIP), message=message, rule=effect.rule, reason=effect.reason))
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
        return Line(visit.facts.contact, entry.id, entry.id in self.fresh, entry.step, entry.visit, what)


def free(entry: Entry, now: datetime) -> bool:
    """Would a worker claim it now?"""
    going = entry.state in (State.WAITING, State.HELD)
    return going and entry.due <= now and entry.token is None and not entry.taken_by


def batches(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Lists of at most this many."""
    rest = iter(entries)
    while batch := list(islice(rest, size)):
        yield batch


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
