"""One person's journey twice: what the machine would have done at each place, and what people really did there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.model.action import Kind
from offswitch.model.effect import MACHINE, Effect, Stage
from offswitch.model.entry import OVER, Entry
from offswitch.model.verdict import Work

_SEND, _ANSWER = f"{Kind.SEND.value}:", "hand_over:"


class Match(StrEnum):
    """How the two go together."""

    BOTH_SENT = "both_sent"
    NEITHER = "neither_sent"
    SKIPPED = "people_skipped"
    ONLY_PEOPLE = "only_people_sent"
    OTHER = "another_outcome"
    ASKED = "asked_people"  # theirs to decide, either way
    OPEN = "not_done_yet"
    ENDED = "ended_before"
    AHEAD = "people_were_ahead"


AGREED = (Match.BOTH_SENT, Match.NEITHER)
DIFFERENT = (Match.SKIPPED, Match.ONLY_PEOPLE, Match.OTHER)


@dataclass(frozen=True, slots=True)
class Compared:
    """One message, or one answer, at one place. `would` None: the machine had not come there; `did` None: people had not."""

    match: Match
    contact_id: str
    step: str
    message: str
    would: ShadowRow | None
    did: Effect | None
    why: str = ""

    @property
    def later(self) -> timedelta:
        """How much later than the machine people were; negative: earlier."""
        return self.did.at - self.would.at if self.did and self.would else timedelta(0)


@dataclass(slots=True)
class _Place:
    """One visit of a step. `messages` by action; `last` is the last word about the visit as a whole."""

    messages: dict[str, ShadowRow] = field(default_factory=dict)
    last: ShadowRow | None = None
    did: dict[str, Effect] = field(default_factory=dict)

    @property
    def answer(self) -> Effect | None:
        """What people answered, where their work list asked them what comes next."""
        return next((effect for action, effect in self.did.items() if action.startswith(_ANSWER)), None)


def compared(rows: Iterable[ShadowRow], entries: Mapping[str, Entry], effects: Mapping[str, Sequence[Effect]]) -> Iterator[Compared]:
    """All places of one person. `entries` are the real ones, by the event that began them; `effects` theirs, by entry."""
    of_event: dict[str, list[ShadowRow]] = {}
    for row in rows:
        of_event.setdefault(row.event_id, []).append(row)
    for event_id, theirs in of_event.items():
        entry = entries.get(event_id)
        for (step, visit), place in _places(theirs, effects.get(entry.id, ()) if entry else ()).items():
            yield from _at(place, step, visit, theirs[0].contact_id, entry)


def _places(rows: Iterable[ShadowRow], effects: Iterable[Effect]) -> dict[tuple[str, int], _Place]:
    found: dict[tuple[str, int], _Place] = {}
    for row in rows:
        place = found.setdefault((row.step, row.visit), _Place())
        if row.message:
            place.messages[row.action] = row
        elif not row.action:
            place.last = row
    for effect in effects:
        if effect.state in (Stage.PERFORMED, Stage.SKIPPED) and effect.action.startswith((_SEND, _ANSWER)):
            found.setdefault((effect.step, effect.visit), _Place()).did[effect.action] = effect
    return found


def _at(place: _Place, step: str, visit: int, who: str, entry: Entry | None) -> Iterator[Compared]:
    answer = place.answer
    if answer is not None and (place.last is not None or place.messages):
        first = place.last or next(iter(place.messages.values()))
        match = Match.ASKED if first.what is Would.HAND_OVER else Match.OTHER
        yield Compared(match, who, step, "", first, answer, answer.action.removeprefix(_ANSWER))
    for action in dict.fromkeys((*place.messages, *(action for action in place.did if action.startswith(_SEND)))):
        would, did = place.messages.get(action) or place.last, place.did.get(action)
        found, why = _match(would, did, entry, step, visit)
        if found is not None and not (answer is not None and found in (Match.OPEN, Match.ENDED)):
            yield Compared(found, who, step, action.removeprefix(_SEND), would, did, why)


def _match(would: ShadowRow | None, did: Effect | None, entry: Entry | None, step: str, visit: int) -> tuple[Match | None, str]:
    """What one message is, and why."""
    by_people = did is not None and did.actor != MACHINE
    sent = did is not None and by_people and did.state is Stage.PERFORMED
    if would is None:
        return (Match.AHEAD, "") if sent else (None, "")
    if would.what in (Would.HAND_OVER, Would.LEAVE):
        return (Match.ASKED, would.work if would.work != Work.BY_HAND else "") if by_people else (None, "")
    if would.what is not Would.SEND:
        why = f"{would.rule}: {would.reason}" if would.rule else would.reason
        settled = did is not None or _unsent(entry, step, visit)[0] is Match.ENDED
        return (Match.ONLY_PEOPLE, why) if sent else (Match.NEITHER if settled and would.what is Would.SKIP else None, why)
    if sent:
        return Match.BOTH_SENT, ""
    if did is not None and did.state is Stage.SKIPPED:
        return (Match.SKIPPED if by_people else Match.ENDED), did.reason
    return _unsent(entry, step, visit)


def _unsent(entry: Entry | None, step: str, visit: int) -> tuple[Match, str]:
    """The machine would have sent it, and people have not: not yet, or the journey has left the place."""
    if entry is None:
        return Match.ENDED, "has no journey here"
    if entry.state in OVER:
        return Match.ENDED, entry.reason
    gone = entry.visits.get(step, 0) > visit or (entry.visits.get(step, 0) == visit and entry.step != step)
    return (Match.ENDED, f"went on to {entry.step}") if gone else (Match.OPEN, "")
