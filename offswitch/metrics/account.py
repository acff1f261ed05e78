"""The account of one flow: where everybody is, what was done, and that nobody is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from offswitch.gate.standing import Standing
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.verdict import Answer, Lane


@dataclass(frozen=True, slots=True)
class Account:
    """`entered` always equals waiting + held + worklist + finished + exited; `events` equals what became of them.

    `due`: entries that the next run would look at. `sent` by the machine, `sent_by_hand` by people; `by_hand` counts
    everything that people did.
    """

    flow: str
    events: int
    entered: int
    joined: int
    refused: dict[str, int]
    stored: int
    waiting: int
    held: int
    worklist: int
    finished: dict[str, int]
    exited: dict[str, int]
    due: int
    sent: int
    sent_by_hand: int
    by_hand: int
    unknown: int
    failed: int
    skipped: dict[str, int]
    by_step: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Entries or triggers that are nowhere. Anything but 0 is a fault of ours."""
        nowhere = self.entered - self.waiting - self.held - self.worklist - sum(self.finished.values()) - sum(self.exited.values())
        unseen = self.events - self.entered - self.joined - sum(self.refused.values()) - self.stored
        return abs(nowhere) + abs(unseen)


def account(book: Book, journey: Journey, standing: Standing, now: datetime) -> Account:
    """Counted in one transaction."""
    outcomes = book.events.trigger_outcomes(journey.name, journey.starts_on.kind)
    ended = book.entries.counts(journey.name)
    places = _places(book, journey, standing, now)
    tally = book.effects.tally(journey.name)
    sends = [row for row in tally if row.action.startswith("send:")]
    return Account(
        flow=journey.name,
        events=book.events.count_received(journey.name, journey.starts_on.kind),
        entered=sum(ended.values()),
        joined=sum(n for (outcome, _), n in outcomes.items() if outcome not in ("machine", "people", "no")),
        refused=_reasons(outcomes, "no"),
        stored=book.events.count_unseen(journey.name, journey.starts_on.kind),
        waiting=places[State.WAITING],
        held=places[State.HELD],
        worklist=places[State.WORKLIST],
        finished=_reasons(ended, State.FINISHED.value),
        exited=_reasons(ended, State.EXITED.value),
        due=book.entries.due_now(journey.name, now),
        sent_by_hand=sum(row.n for row in sends if row.state == Stage.PERFORMED.value and row.by == "hand"),
        sent=sum(row.n for row in sends if row.state == Stage.PERFORMED.value and row.by == "machine"),
        by_hand=sum(row.n for row in tally if row.state == Stage.PERFORMED.value and row.by == "hand"),
        unknown=sum(row.n for row in tally if row.state == Stage.UNKNOWN.value),
        failed=sum(row.n for row in tally if row.state == Stage.FAILED.value),
        skipped=dict(_count((row.reason, row.n) for row in tally if row.state == Stage.SKIPPED.value)),
        by_step=[dict(row._mapping) for row in tally],
    )


def _places(book: Book, journey: Journey, standing: Standing, now: datetime) -> Counter[State]:
    """Where the entries that are not over stand, as people see it: due work of a stopped flow is on the worklist, or held."""
    places: Counter[State] = Counter()
    for state, lane, is_due, count in book.entries.standings(journey.name, now):
        places[_seen_as(State(state), Lane(lane), bool(is_due), standing)] += count
    return places


def _seen_as(state: State, lane: Lane, is_due: bool, standing: Standing) -> State:
    if state is State.WORKLIST or not is_due:
        return state
    if lane is Lane.PEOPLE:
        return State.WORKLIST
    if standing.halt is not None:
        return State.WORKLIST if standing.halt.answer is Answer.HAND_OVER else State.HELD
    return state


def _reasons(counts: dict[tuple[str, str], int], what: str) -> dict[str, int]:
    return dict(_count((reason, n) for (state, reason), n in counts.items() if state == what))


def _count(pairs: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for reason, n in pairs:
        total[reason] += n
    return total
