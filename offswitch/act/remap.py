"""Edits under way: whoever stands at a removed step goes where the policy says, and waits that it names are counted anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offswitch.act.desk import BATCH, Desk
from offswitch.act.moves import exited, relocated, to_people
from offswitch.act.report import Report
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.effect import MACHINE, Effect
from offswitch.model.entry import OVER, Entry, State
from offswitch.model.verdict import Work
from offswitch.policy.schema import Effective
from offswitch.policy.values import Cap

RULE = "removed"  # of what happened because a step is gone


@dataclass(slots=True)
class Ramp:
    """Due times for what an edit pulls forward: so many at once, so many more in each window."""

    cap: Cap
    start: datetime
    taken: int = 0

    def next(self) -> datetime:
        """When the next one may be due."""
        turn, self.taken = self.taken // self.cap.count, self.taken + 1
        return self.start + turn * self.cap.window


@dataclass(slots=True)
class Edits:
    """What today's journey and policy make of those inside. `ramp` is for this pass, or this plan."""

    journey: Journey
    policy: Effective
    now: datetime
    ramp: Ramp = field(init=False)

    def __post_init__(self) -> None:
        self.ramp = Ramp(self.policy.release, self.now)

    @property
    def gone(self) -> list[str]:
        """The removed steps about which the policy says something."""
        return [step for step in self.policy.removed_steps if step not in self.journey.steps]

    @property
    def waits(self) -> dict[str, timedelta]:
        """The steps whose waits are counted anew, and how long they are now."""
        return {step: wait for step, wait in self.policy.reschedule.items() if step in self.journey.steps}

    def of(self, entries: Iterable[Entry], effects: Mapping[str, list[Effect]]) -> Iterator[tuple[Entry, Entry]]:
        """Each entry that changes, as it is and as it would be. `effects` are those at these steps, by entry.

        A visit that has begun ends as it began; what a person has taken, and what is in doubt, stays theirs to answer.
        """
        for entry in entries:
            if entry.state not in OVER and not _settled(entry, effects.get(entry.id, ())):
                gone = entry.step not in self.journey.steps
                after = self.remapped(entry) if gone else self.rescheduled(entry)
                if after is not None:
                    yield entry, after

    def remapped(self, entry: Entry) -> Entry | None:
        """Where an entry goes whose step is gone; None: the policy says nothing, or it has gone there."""
        where = self.policy.removed_steps.get(entry.step)
        if where is None or (entry.state is State.WORKLIST and entry.rule == RULE):
            return None
        if where.to == "exit":
            return exited(entry, RULE, "the step was removed", self.now)
        if where.to == "hand_over":
            return to_people(entry, Work.TRIAGE, RULE, f"the step {entry.step!r} is not in the flow any more")
        step = self.journey.steps.get(where.step)
        return relocated(entry, step) if step else None

    def rescheduled(self, entry: Entry) -> Entry | None:
        """With its wait counted anew from its arrival; None where it has a time of its own, or the gate has put it off.

        What would be due in the past is pulled forward to now, as many at a time as the policy releases.
        """
        wait = self.policy.reschedule.get(entry.step)
        if wait is None or not _counts_a_wait(entry, wait):
            return None
        assert entry.wait is not None
        due = entry.due + (wait - entry.wait)
        if due <= self.now and entry.due <= self.now:
            return None  # due already
        due = due if due > self.now else self.ramp.next()
        return replace(entry, due=due, since=due, wait=wait)


def keep_edits(desk: Desk, report: Report) -> None:
    """Write what the edits change, batch by batch, so that no write is long. Nothing while something stops the flow."""
    after: tuple[datetime, str] | None = None
    with desk.ledger.read() as book:
        edits = _in_force(desk, book)
    while edits is not None and (edits.gone or edits.waits):
        with desk.ledger.read() as book:
            found = book.entries.edited(desk.journey.name, edits.gone, edits.waits, after, BATCH)
        if not found:
            return
        after = found[-1]
        with desk.ledger.write() as book:
            now = _in_force(desk, book)
            if now is None or now.policy != edits.policy:
                return  # the next pass goes by what holds then
            book.audit.say(MACHINE, "follows an edit", desk.journey.name)
            names = [name for _, name in found]
            entries = book.entries.get(names)
            effects = book.effects.at_steps(names, [*edits.gone, *edits.waits])
            changed = list(edits.of((entries[name] for name in names), effects))
            book.entries.put_all([there for _, there in changed])
        for entry, there in changed:
            report.add(*_said(entry, there))


def _in_force(desk: Desk, book: Book) -> Edits | None:
    standing = desk.switchboard.look(book)
    return None if standing.halt or standing.policy is None else Edits(desk.journey, standing.policy, desk.clock.now())


def _said(before: Entry, after: Entry) -> tuple[str, str]:
    """What the change is called in a report, and its reason."""
    if after.step == before.step and after.wait != before.wait:
        return "rescheduled", f"the wait before {after.step} is counted anew"
    return "moved by an edit", f"the step {before.step!r} is not in the flow any more"


def _settled(entry: Entry, effects: Iterable[Effect]) -> bool:
    """Is it in somebody's hands, or has its visit begun?"""
    begun = any(effect.step == entry.step and effect.visit == entry.visit and effect.plan for effect in effects)
    return begun or entry.token is not None or bool(entry.taken_by) or entry.work is Work.UNKNOWN


def _counts_a_wait(entry: Entry, wait: timedelta) -> bool:
    """Is it at a wait of its own length, untouched since it was set?"""
    waits = entry.state is State.WAITING and entry.wait not in (None, wait)
    return waits and not entry.rule and not entry.put_off and entry.due == entry.since
