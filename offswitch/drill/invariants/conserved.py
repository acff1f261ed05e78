"""Nobody disappears: every trigger has its entry, every entry stands where the world says it must."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.drill.look import Look, Violation
from offswitch.drill.people import STRANGERS
from offswitch.drill.stand import Where
from offswitch.journey.journey import ONCE
from offswitch.model.entry import OVER, State
from offswitch.model.plan import HandOver

ROUNDS = (("knock", "1"), ("knock", "2"), ("knock", "3"), ("ask", "1"))


def conserved(look: Look) -> Iterator[Violation]:
    """Triggers, entries and their places add up, at any instant."""
    yield from _triggers(look)
    yield from _places(look)
    yield from _sums(look)


def neighbours(look: Look) -> Iterator[Violation]:
    """What the neighbour flow does is known beforehand: three rounds and a question, for every stranger, by machine or by hand."""
    machine = {(look.who(mail), *mail.parts[1:3]) for mail in look.world.accepted}
    hand = {(deed.who, deed.step, str(deed.visit)) for deed in look.world.deeds if deed.outcome in ("done", "skip")}
    for _, one in look.world.told:
        for step, visit in ROUNDS if one.who >= STRANGERS else ():
            if (one.who, step, visit) not in machine | hand:
                what = f"{look.name(one.who)} never got the neighbour's {step!r} for the {visit}. time"
                yield Violation("conserved", what, one.who)


def _triggers(look: Look) -> Iterator[Violation]:
    journey = look.truth.journey
    passes = look.world.passes.get(journey.name, [])
    entered = {trigger for _, trigger in look.names.values()}
    known: set[int] = set()
    for heard, one in look.world.told:
        if one.kind != journey.starts_on.kind or not any(at >= heard for at in passes):
            continue
        name = f"drill:{one.id}"
        if name not in entered and look.truth.turned_away(one.who, heard):
            continue
        if one.who not in known and name not in entered:
            yield Violation("conserved", f"{look.name(one.who)} did {one.kind} and is nowhere", one.who, heard)
        if one.who in known and name in entered and journey.again == ONCE:
            yield Violation("conserved", f"{look.name(one.who)} entered a second time", one.who, heard)
        known.add(one.who)


def _places(look: Look) -> Iterator[Violation]:
    rows = {row.id: row for row in look.rows}
    for entry, stand in look.stands.items():
        row = rows[entry]
        for wrong in stand.wrong:
            yield Violation("conserved", f"{look.name(stand.who)} got {wrong}", stand.who)
        to_do = bool(stand.open) or isinstance(stand.wish, HandOver)  # without either a pass may have ended it, and died then
        if stand.where is Where.HERE and to_do and row.state in OVER:
            what = f"{look.name(stand.who)} waits at {stand.step}, but the ledger says {row.state}: {row.reason}"
            yield Violation("conserved", what, stand.who, row.ended)


def _sums(look: Look) -> Iterator[Violation]:
    for journey in look.course.journeys:
        lost = look.account(journey).lost
        if lost:
            yield Violation("conserved", f"{lost} entries or triggers of {journey.name} are nowhere in the account")


def ended(look: Look) -> Iterator[Violation]:
    """At the end nobody is left behind: whoever is not over waits for a person or for a time to come."""
    rows = {row.id: row for row in look.rows}
    for entry, stand in look.stands.items():
        row = rows[entry]
        if stand.where is Where.OVER and row.state not in OVER:
            what = f"{look.name(stand.who)} should be over ({stand.reason}), but the ledger says {row.state} at {row.step}"
            yield Violation("conserved", what, stand.who, row.due)
        stuck = row.state in (State.WAITING, State.HELD) and row.due < look.now
        if stand.where is Where.HERE and stuck:
            what = f"{look.name(stand.who)} has been due at {row.step} since {row.due:%Y-%m-%d %H:%M} and nothing happens: {row.reason}"
            yield Violation("conserved", what, stand.who, row.due)
