"""Where a dry run asks people, it goes on as they answered: in the real entry of the same person, at the same place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from offswitch.act.decide import Triage, Visit
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.moves import exited, finished, given_back, moved, moved_on
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.ledger.shadow_book import ShadowBook
from offswitch.ledger.work import WorkRow
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry
from offswitch.model.plan import Finish, HandOver, Plan
from offswitch.shadow.batch import Decided, message_of


def follow(desk: Desk, real: Book, standing: Standing, asked: Sequence[Entry], now: datetime) -> Decided:
    """Those of them whom people have answered, as the answer moves them."""
    flow = desk.journey.name
    twins = _twins(real, flow, asked)
    rows = real.work.of_entries([twin.id for twin in twins.values()])
    answers = {entry.id: row for entry in asked if (twin := twins.get(entry.id)) and (row := rows.get((twin.id, entry.step, entry.visit)))}
    done = [entry for entry in asked if entry.id in answers and answers[entry.id].outcome]
    found = Decided({entry.id: entry for entry in done})
    if not done:
        return found
    effects = real.effects.at_steps([answers[entry.id].entry_id for entry in done], {entry.step for entry in done})
    for visit in gather(ShadowBook(real, flow), desk.journey, done, now, desk.needs, standing.facts):
        entry, row = visit.entry, answers[visit.entry.id]
        after = answered(visit, row, desk.switchboard.zone(visit.facts.contact))
        if after is not None:
            found.after[entry.id] = after
            found.rows += _left(entry, effects.get(row.entry_id, ()))
    return found


def answered(visit: Visit, row: WorkRow, zone: ZoneInfo) -> Entry | None:
    """Where this answer leads; None where it leads nowhere from here. Nobody answers before they are asked."""
    entry, outcome = visit.entry, row.outcome
    at = max(row.done_at or entry.due, entry.since or entry.due)
    match visit.decided:
        case HandOver() as wish:
            chosen = wish.outcomes.get(outcome) or (wish.outcomes.get("done") if outcome == "skip" else None)
            return moved(entry, chosen, at, zone, wish.after) if chosen else None
        case Plan() as plan if outcome in ("done", "skip"):
            return moved_on(entry, plan, at, zone)
        case Triage() if outcome == "retry":
            return given_back(entry, at)
        case Triage() if outcome == "skip":
            return exited(entry, "triage", row.note, at)
        case Finish(reason) if outcome == "done":
            return finished(entry, reason, at)
    return None


def _twins(real: Book, flow: str, asked: Iterable[Entry]) -> dict[str, Entry]:
    """The real entries that began with the same events, by shadow entry."""
    of_event = {}
    for theirs in real.entries.of_contacts(flow, {entry.contact_id for entry in asked}).values():
        of_event.update({entry.event_id: entry for entry in theirs})
    return {entry.id: of_event[entry.event_id] for entry in asked if entry.event_id in of_event}


def _left(entry: Entry, effects: Iterable[Effect]) -> Iterator[ShadowRow]:
    """What people did there. Their messages count as they would have."""
    for effect in effects:
        if (effect.step, effect.visit, effect.state) == (entry.step, entry.visit, Stage.PERFORMED):
            yield ShadowRow(
                entry.flow, entry.contact_id, entry.event_id, effect.at, Would.LEAVE, entry.id, entry.step, entry.visit,
                effect.action, message=message_of(effect), reason=effect.reason,
            )  # fmt: skip
