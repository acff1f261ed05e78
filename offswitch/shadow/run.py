"""The dry run of a flow beside its live passes: begun and ended with the switch, a little further with each pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from offswitch.act.audience import fitting
from offswitch.act.collect import CHUNK, Door, newcomers, stale_until, through, whose
from offswitch.act.desk import BATCH, Desk
from offswitch.act.overdue import overdue
from offswitch.act.remap import Edits
from offswitch.act.report import Report
from offswitch.gate.as_if_on import as_dry_run
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.ledger.shadow_book import ShadowBook
from offswitch.model.effect import MACHINE
from offswitch.model.entry import OVER, Entry
from offswitch.model.event import Happened
from offswitch.policy.schema import Switch
from offswitch.shadow.batch import Decided, decide_batch, row_of, would
from offswitch.shadow.follow import follow

BATCHES = 10  # in one pass: the live pass of the next minute must not wait
DECIDED = "decided in shadow"  # in a report


def cursor_of(flow: str) -> str:
    """The name under which a dry run remembers which events it has looked at. No flow can be called so."""
    return f"{flow} ~ shadow"


def running(standing: Standing) -> bool:
    """Does the policy in force ask for a dry run?"""
    return standing.policy is not None and standing.policy.switch is Switch.DRY_RUN


def keep_shadow(desk: Desk) -> None:
    """Before the live pass looks at events: begin where the flow stands, end what is over."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
        there = book.events.has_cursor(cursor_of(flow))
    if standing.policy is None or there is running(standing):
        return
    with desk.ledger.write() as book:
        standing = desk.switchboard.look(book)
        if standing.policy is None or book.events.has_cursor(cursor_of(flow)) is running(standing):
            return
        if running(standing):
            book.audit.say(MACHINE, "begins a dry run", flow)
            seen = book.events.cursor(flow)
            book.events.begin(cursor_of(flow), stale_until(book, standing.policy, now) if seen is None else seen)
        else:
            book.audit.say(MACHINE, "ends a dry run", flow)
            book.shadow.drop(flow)
            book.events.end(cursor_of(flow))


def run_shadow(desk: Desk) -> Report:
    """After the live pass: what the machine would have done meanwhile. Nothing is sent, and nothing real is written."""
    one = ShadowPass(desk)
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
    if running(standing) and not standing.retiring and not standing.restored:
        one.keep()
        one.collect()
        one.follow()
        while one.advance():
            one.collect()
    return one.report


@dataclass(slots=True)
class ShadowPass:
    """The phases are those of a live pass."""

    desk: Desk
    report: Report = field(default_factory=Report)
    _after: tuple[datetime, str] | None = None
    _batches: int = 0

    @property
    def flow(self) -> str:
        """Whose dry run it is."""
        return self.desk.journey.name

    def keep(self) -> None:
        """Hand-overs whose time is over go on, and edits of journey and policy change those inside."""
        now = self.desk.clock.now()
        with self.desk.ledger.read() as real:
            book, standing = ShadowBook(real, self.flow), self._standing(real)
            found = Decided()
            for before, after in overdue(book, self.desk, now):
                _add(found, before, after, now)
        self._write(found)
        if standing.policy is None or standing.halt is not None:
            return
        edits = Edits(self.desk.journey, standing.policy, now)
        for page in self._pages() if edits.gone or edits.waits else ():
            with self.desk.ledger.read() as real:
                effects = ShadowBook(real, self.flow).effects.at_steps([entry.id for entry in page], [*edits.gone, *edits.waits])
            found = Decided()
            for before, after in edits.of(page, effects):
                _add(found, before, after, now)
            self._write(found)

    def collect(self) -> None:
        """Look at every event that the dry run has not seen."""
        while not self.desk.switchboard.cancelled and self._collect():
            pass

    def _collect(self) -> bool:
        desk, now, cursor = self.desk, self.desk.clock.now(), cursor_of(self.flow)
        with desk.ledger.read() as real:
            standing, at = self._standing(real), real.events.cursor(cursor)
            unseen = real.events.unseen(cursor, CHUNK) if at is not None else []
            audience = fitting(desk, real, standing, newcomers(desk, standing, unseen))
        if not unseen:
            return False
        with desk.ledger.write() as real:
            if real.events.cursor(cursor) != at:
                return False  # another worker looks at them, or the dry run is over
            book = ShadowBook(real, self.flow)
            known, inside = book.entries.of_contacts(self.flow, whose(unseen)), book.entries.inside(self.flow)
            door = through(desk, book, self._standing(real), unseen, now, audience, known, inside)
            real.audit.say(MACHINE, "looks at events in shadow", self.flow)
            book.entries.put_all([*door.changed.values(), *door.new.values()])
            self._add(real, list(_answers(self.flow, door, unseen, now)))
            real.events.seen(cursor, unseen[-1][0])
        return True

    def follow(self) -> None:
        """Go on where people have answered."""
        for page in self._pages(asked=True):
            with self.desk.ledger.read() as real:
                found = follow(self.desk, real, self._standing(real), page, self.desk.clock.now())
            self._write(found)

    def advance(self) -> bool:
        """Decide about the next batch of those who are due; False when there is none, or enough for one pass."""
        if self.desk.switchboard.cancelled or self._batches >= BATCHES:
            return False
        now = self.desk.clock.now()
        with self.desk.ledger.read() as real:
            book, standing = ShadowBook(real, self.flow), self._standing(real)
            entries = book.entries.page(self.flow, self._after, BATCH, free_at=now)
            found = decide_batch(self.desk, book, standing, entries, now)
        if not entries:
            return False
        self._write(found)
        self._after, self._batches = (entries[-1].due, entries[-1].id), self._batches + 1
        return True

    def _standing(self, book: Book) -> Standing:
        return as_dry_run(self.desk.switchboard.look(book))

    def _pages(self, *, asked: bool = False) -> Iterator[list[Entry]]:
        """Everybody who is not over, or those of whom people are asked."""
        after: tuple[datetime, str] | None = None
        while not self.desk.switchboard.cancelled:
            with self.desk.ledger.read() as real:
                there = ShadowBook(real, self.flow).entries
                page = there.with_people_page(self.flow, after, BATCH) if asked else there.page(self.flow, after, BATCH)
            if not page:
                return
            after = (page[-1].due, page[-1].id)
            yield page

    def _write(self, found: Decided) -> None:
        if not found.after and not found.rows:
            return
        with self.desk.ledger.write() as real:
            real.audit.say(MACHINE, "decides in shadow", self.flow)
            self._told(found.write(ShadowBook(real, self.flow)))

    def _add(self, book: Book, rows: list[ShadowRow]) -> None:
        book.shadow.add(rows)
        self._told(rows)

    def _told(self, rows: list[ShadowRow]) -> None:
        for row in rows:
            self.report.add(DECIDED, row.what.value)


def _add(found: Decided, before: Entry, after: Entry, now: datetime) -> None:
    found.before[before.id], found.after[after.id] = before, after
    if (what := would(before, after)) is not None:
        found.rows.append(row_of(before, after, what, now))


def _answers(flow: str, door: Door, unseen: list[tuple[int, Happened]], now: datetime) -> Iterator[ShadowRow]:
    """Who would not have entered, and whose journey would have ended."""
    people = {happened.id: happened.contact_id for _, happened in unseen}
    for row in door.rows:
        if row["outcome"] == "no":
            who = people[row["event_id"]]
            yield ShadowRow(flow, who, row["event_id"], now, Would.REFUSE, rule=row["rule"], reason=row["reason"])
    for entry in (*door.new.values(), *door.changed.values()):
        if entry.state in OVER:
            yield row_of(entry, entry, Would.EXIT if entry.rule else Would.FINISH, now)
