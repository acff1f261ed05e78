"""Killed and resumed, everybody gets what they would have got; and what cannot touch a flow does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from offswitch.drill.look import Look, Violation
from offswitch.drill.people import STRANGERS

Effects = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did, in values that another process can compare. `effects` by person, in order."""

    effects: Mapping[int, Effects]
    moments: Mapping[int, tuple[datetime, ...]]
    register: Mapping[int, str]
    neighbour: Mapping[int, tuple[str, ...]]
    events: Mapping[int, tuple[datetime, ...]]
    digest: str


def outcome_of(look: Look) -> Outcome:
    """The outcome of a course that is over."""
    done: dict[int, list[tuple[int, datetime, tuple[str, str, str]]]] = {}
    flow = look.truth.journey.name
    for mail in look.mails:
        done.setdefault(look.who(mail), []).append((mail.n, mail.at, mail.parts[1:]))
    for deed in look.world.deeds:
        if deed.outcome not in ("got-it", "did-not", "approve", "take", "give-back") and look.flow_of.get(deed.entry) == flow:
            done.setdefault(deed.who, []).append((deed.n, deed.at, (deed.step, str(deed.visit), f"by hand: {deed.outcome}")))
    effects = {who: tuple(what for _, _, what in sorted(each)) for who, each in done.items()}
    moments = {who: tuple(at for _, at, _ in sorted(each)) for who, each in done.items()}
    register = {person.number: repr(sorted(look.course.crew.crm.state_of(person.email).items())) for person in look.world.population.people}
    events: dict[int, list[datetime]] = {}
    for heard, one in look.world.told:
        events.setdefault(one.who, []).append(heard)
    total = sha256(repr((sorted(effects.items()), sorted(moments.items()), sorted(register.items()))).encode())
    total.update(repr(sorted((row.contact_id, row.event_id, row.state, row.step, row.reason) for row in look.rows)).encode())
    return Outcome(effects, moments, register, _beside(look), {who: tuple(each) for who, each in events.items()}, total.hexdigest()[:16])


def _beside(look: Look) -> dict[int, tuple[str, ...]]:
    """What strangers to the flow got, with the minute: from the neighbour flow alone."""
    found: dict[int, tuple[str, ...]] = {}
    for mail in look.world.accepted:
        who = look.who(mail)
        if who >= STRANGERS:
            found[who] = (*found.get(who, ()), f"{mail.at:%Y-%m-%d %H:%M} {'/'.join(mail.parts[1:])}")
    return found


def as_if_nothing(mine: Outcome, clean: Outcome, delay: timedelta) -> Iterator[Violation]:
    """Effects per person and in order, as in the clean run. `delay`: so much later they may have come.

    Whoever did something themselves within that time of a message may rightly have got another one: a reply that comes before a
    letter instead of behind it ends a wait. They are left to the oracle.
    """
    for who, wanted in clean.effects.items():
        got = mine.effects.get(who, ())
        if got != wanted and not _raced(clean, who, delay):
            yield Violation("same", f"person {who} got {_words(got)}; without the kill {_words(wanted)}", who)
        elif got == wanted and mine.register.get(who) != clean.register.get(who):
            what = f"the register says {mine.register.get(who)} about person {who}; without the kill {clean.register.get(who)}"
            yield Violation("same", what, who)
    for who in set(mine.effects) - set(clean.effects):
        if not _raced(clean, who, delay):
            yield Violation("same", f"person {who} got {_words(mine.effects[who])}; without the kill nothing", who)


def untouched(mine: Outcome, clean: Outcome) -> Iterator[Violation]:
    """The neighbour flow's mail to strangers is equal, to the minute."""
    for who in sorted({*mine.neighbour, *clean.neighbour}):
        if mine.neighbour.get(who) != clean.neighbour.get(who):
            what = f"person {who} is not in this flow, but got other mail: {mine.neighbour.get(who)}, not {clean.neighbour.get(who)}"
            yield Violation("untouched", what, who)


def _raced(clean: Outcome, who: int, delay: timedelta) -> bool:
    return any(
        timedelta(0) <= event - moment <= delay for event in clean.events.get(who, ()) for moment in clean.moments.get(who, ())
    ) or any(
        timedelta(0) <= event - other <= delay
        for event in clean.events.get(who, ())
        for other in clean.events.get(who, ())[:1]
        if event != other
    )


def _words(effects: Effects) -> str:
    return ", ".join(f"{step}: {what}" for step, _, what in effects) or "nothing"
