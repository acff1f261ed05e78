"""One batch of a dry run: decided by the real step and gate, performed by nobody, written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from offswitch.act.decide import Visit
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.judge import crowd
from offswitch.act.periods import given_up
from offswitch.act.report import Report
from offswitch.act.reserve import Reserved, Reserving, write_letters
from offswitch.act.settle import entry_after
from offswitch.act.steady import steady
from offswitch.gate.standing import Standing
from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.ledger.shadow_book import ShadowBook
from offswitch.messages.letter import Letter
from offswitch.model.action import Kind
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry, State
from offswitch.model.receipt import Outcome, Receipt

_SEND = f"{Kind.SEND.value}:"


@dataclass(slots=True)
class Decided:
    """What a batch would change: each entry as it was and as it would be, and what was decided of it."""

    before: dict[str, Entry] = field(default_factory=dict)
    after: dict[str, Entry] = field(default_factory=dict)
    rows: list[ShadowRow] = field(default_factory=list)

    def write(self, book: ShadowBook) -> list[ShadowRow]:
        """Keep it, but for those whom somebody else has looked at meanwhile. Returns the decisions that are new."""
        there = book.entries.get(self.before)
        same = {name for name, entry in self.before.items() if there.get(name) == entry}
        kept = [row for row in self.rows if row.entry_id in same]
        book.entries.put_all([entry for name, entry in self.after.items() if name in same])
        book.shadow.add(kept)
        return kept


def decide_batch(desk: Desk, book: ShadowBook, standing: Standing, entries: Sequence[Entry], now: datetime) -> Decided:
    """Take each of them as far as one batch of a live pass would."""
    desk = steady(desk)
    visits = gather(book, desk.journey, entries, now, desk.needs, standing.facts)
    people = crowd(book, standing, [entry.contact_id for entry in entries], now)
    over = given_up(book, desk.journey, standing, entries, now)
    letters = {} if standing.halt else write_letters(desk, visits)
    reserving = Reserving(desk, standing, people, 0, now, Report(), 0, letters, given_up=over)
    found = Decided({entry.id: entry for entry in entries})
    for visit in visits:
        after, rows = _take(reserving, visit)
        found.rows += rows
        if after != visit.entry:
            found.after[after.id] = after
    return found


def _take(reserving: Reserving, visit: Visit) -> tuple[Entry, list[ShadowRow]]:
    out, now = reserving.out, reserving.now
    seen, reserved = len(out.effects), len(out.reserved)
    reserving.take(visit)
    rows = list(_settled(visit, out.effects[seen:]))
    if len(out.reserved) > reserved:
        one, later = out.reserved[-1], list[Effect]()
        after = entry_after(reserving.desk, one, Receipt(one.effect.key, Outcome.PERFORMED), now, reserving.report, later)
        return after, [*rows, _performed(one), *_settled(visit, later)]
    after = out.entries[-1]
    what = would(visit.entry, after)
    return after, rows if what is None else [*rows, row_of(visit.entry, after, what, now)]


def row_of(before: Entry, after: Entry, what: Would, now: datetime) -> ShadowRow:
    """A change of the entry itself, decided where it stood."""
    return ShadowRow(
        before.flow, before.contact_id, before.event_id, now, what, before.id, before.step, before.visit,
        rule=after.rule, reason=after.reason, work=after.work.value if after.work else "",
    )  # fmt: skip


def would(before: Entry, after: Entry) -> Would | None:
    """Which kind of change this is; None for none, and for going on to the next step."""
    if after == before:
        return None
    if after.state is State.FINISHED:
        return Would.FINISH
    if after.state is State.EXITED:
        return Would.EXIT
    if after.state is State.WORKLIST:
        return Would.HAND_OVER
    if after.place != before.place:
        return None
    return Would.HOLD if after.state is State.HELD else Would.DEFER


def _settled(visit: Visit, effects: Sequence[Effect]) -> Iterator[ShadowRow]:
    """What is left out, and the writes that would wait for their turn."""
    for effect in effects:
        if effect.state is Stage.SKIPPED:
            yield _of_effect(visit, effect, Would.SKIP)
        elif effect.state is Stage.PLANNED:
            yield _of_effect(visit, effect, Would.WRITE)


def _performed(one: Reserved) -> ShadowRow:
    letter = one.payload if isinstance(one.payload, Letter) else None
    what = Would.WRITE if letter is None else Would.SEND
    return _of_effect(one.visit, one.effect, what, letter)


def _of_effect(visit: Visit, effect: Effect, what: Would, letter: Letter | None = None) -> ShadowRow:
    return ShadowRow(
        effect.flow, effect.contact_id, visit.entry.event_id, effect.at, what, effect.entry_id, effect.step, effect.visit, effect.action,
        message=message_of(effect), language=letter.language if letter else "", rule=effect.rule, reason=effect.reason,
        subject=letter.subject if letter else "", digest=effect.digest, plan=effect.plan, text=letter.text if letter else "",
    )  # fmt: skip


def message_of(effect: Effect) -> str:
    """The name of the message, "" for what is none."""
    return effect.action.removeprefix(_SEND) if effect.action.startswith(_SEND) else ""
