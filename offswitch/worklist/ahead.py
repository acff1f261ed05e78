"""What would have to be done by hand in the next 72 hours if nothing worked any more from now: the same pure steps, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from offswitch.act.decide import Visit, visit_of
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.judge import Crowd, crowd
from offswitch.act.moves import moved, moved_on, to_people
from offswitch.act.steady import steady
from offswitch.gate.standing import Standing
from offswitch.ledger.work import WorkRow
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import OVER, OVERDUE, Entry, State
from offswitch.model.facts import Facts
from offswitch.model.plan import HandOver, Next, Plan
from offswitch.model.verdict import Answer, Verdict, Work
from offswitch.model.work import WorkItem
from offswitch.worklist.as_if_off import BY_ITSELF, DEAD, as_if_off, as_people_see
from offswitch.worklist.item import CLOSE, due_of, item_of
from offswitch.worklist.look import Seen, see
from offswitch.worklist.query import HORIZON, chunks
from offswitch.worklist.writes import waiting_writes

MOST = 12  # items of one person that are written down
ROUNDS = 30  # steps without an item between two of them
ON_ITS_WAY = "it was on its way when this list was made"
_IN_DOUBT = (Stage.RESERVED, Stage.UNKNOWN)


def ahead(desk: Desk, horizon: timedelta = HORIZON) -> Iterator[list[WorkItem]]:
    """One list for each person: what is due first, and below it what follows once that is done. Nothing is written.

    Whoever may not be written to, has left or is through is not in it.
    """
    now = desk.clock.now()
    desk = steady(desk)
    with desk.ledger.read() as book:
        standing = as_people_see(desk.switchboard.look(book))
        off = as_if_off(standing)
        entries = sorted(book.entries.pending(desk.journey.name, now + horizon), key=lambda entry: (due_of(entry), entry.id))
        for chunk in chunks(entries):
            people = crowd(book, standing, [entry.contact_id for entry in chunk], now)
            rows = book.work.of_entries([entry.id for entry in chunk])
            for visit in gather(book, desk.journey, chunk, now, desk.needs, standing.facts):
                walk = Walk(desk, standing, off, people, rows, now, now + horizon)
                if items := walk.from_(visit):
                    yield items
        yield from ([item] for item in waiting_writes(desk, book, standing))


@dataclass(slots=True)
class Walk:
    """One person's way from where they stand, as if each item were done when it is due. `off` is `standing` as if nothing worked."""

    desk: Desk
    standing: Standing
    off: Standing
    people: Crowd
    rows: Mapping[tuple[str, str, int], WorkRow]
    now: datetime
    until: datetime
    items: list[WorkItem] = field(default_factory=list)

    def from_(self, visit: Visit) -> list[WorkItem]:
        """The items, in order."""
        entry, done = visit.entry, visit.done
        if any(effect.state is Stage.RESERVED for effect in done.values()):
            entry = to_people(entry, Work.UNKNOWN, "unknown", ON_ITS_WAY)
        self._stand(entry, visit.facts, list(done.values()), "", (), 0)
        return self.items

    def _stand(self, entry: Entry, facts: Facts, effects: list[Effect], follows: str, only_if: tuple[str, ...], rounds: int) -> None:
        """Look at one visit, then go on from it."""
        at = max(self.now, due_of(entry))
        visit = visit_of(self.desk.journey, entry, replace(facts, now=at, visit=entry.visit), effects)
        seen, item = self._look(visit, at)
        if item is not None:
            rounds = 0
            if not self._put(replace(item, follows=follows, only_if=only_if), again=bool(effects) and bool(follows)):
                return
            follows, only_if = item.id, ()
        for answers, there, undone in self._onward(seen, item, at):
            if there.state in OVER or there.due > self.until:
                continue
            if rounds >= ROUNDS:
                self._more()
                return
            self._stand(there, facts, undone, follows, answers or only_if, rounds + 1)

    def _look(self, visit: Visit, at: datetime) -> tuple[Seen, WorkItem | None]:
        """As people have it now; else as they would have it if nothing worked."""
        entry = visit.entry
        row = self.rows.get((entry.id, entry.step, entry.visit))
        seen = see(self.desk, self.standing, visit, self.people, at)
        item = item_of(seen, row)
        if item is None:
            seen = see(self.desk, self.off, visit, self.people, at, seen.letters)
            item = item_of(seen, row)
        if item is None or item.title == CLOSE or seen.impossible:
            return seen, None
        dead = item.why == f"stop: {DEAD}"
        return seen, replace(item, why=self._why(entry)) if dead else item

    def _why(self, entry: Entry) -> str:
        """Why the machine has not done it, or BY_ITSELF where nothing but time keeps it."""
        halt: Verdict | None = self.standing.halt
        if halt is not None:
            return f"{halt.rule}: {halt.reason}"
        return f"{entry.rule}: {entry.reason}" if entry.rule and entry.reason else BY_ITSELF

    def _put(self, item: WorkItem, *, again: bool) -> bool:
        """Keep an item; False when its way goes on from one that is there already, or ends here because there are too many."""
        for place, known in enumerate(self.items):
            if known.id == item.id and not again:
                both = (*known.only_if, *item.only_if) if known.only_if and item.only_if else ()
                self.items[place] = replace(known, only_if=tuple(dict.fromkeys(both)))
                return False
        if len(self.items) >= MOST:
            self._more()
            return False
        self.items.append(item)
        return True

    def _more(self) -> None:
        if self.items:
            self.items[-1] = replace(self.items[-1], more=True)

    def _onward(self, seen: Seen, item: WorkItem | None, at: datetime) -> Iterator[tuple[tuple[str, ...], Entry, list[Effect]]]:
        """Where it may go from here: after which answers (none: after any), where, and with what left of this visit."""
        visit, entry = seen.visit, seen.visit.entry
        match visit.decided:
            case HandOver() as wish:
                yield from ((answers, there, []) for answers, there in self._answered(entry, wish, at, self._zone(visit)))
            case Plan() if item is not None and item.kind is Work.UNKNOWN and any(one.state in _IN_DOUBT for one in visit.done.values()):
                free = replace(entry, state=State.WAITING, work=None, due=at)
                for answer, stage in (("did-not", Stage.PLANNED), ("got-it", Stage.PERFORMED)):
                    known = [replace(one, state=stage) if one.state in _IN_DOUBT else one for one in visit.done.values()]
                    yield (answer,), free, known
            case Plan() as plan:
                if not any(verdict.answer is Answer.EXIT for _, verdict in seen.judged):
                    yield (), moved_on(entry, plan, at, self._zone(visit)), []
            case _:
                return

    def _answered(self, entry: Entry, wish: HandOver, at: datetime, zone: ZoneInfo) -> Iterator[tuple[tuple[str, ...], Entry]]:
        """Each place that answers lead to, with those answers. Back to where the person has been is not followed."""
        ways: dict[Next, list[str]] = {}
        for answer, there in wish.outcomes.items():
            ways.setdefault(there, []).append(answer)
        for there, answers in ways.items():
            place = moved(entry, there, at, zone, wish.after)
            if place.visit > 1 and place.state not in OVER and place.due <= self.until:
                self._more()
            else:
                yield (() if len(ways) == 1 else tuple(answers)), place
        if wish.overdue is not None:
            yield (OVERDUE,), moved(entry, wish.overdue, at + wish.due, zone)

    def _zone(self, visit: Visit) -> ZoneInfo:
        return self.desk.switchboard.zone(visit.facts.contact)
