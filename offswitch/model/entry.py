"""Where one contact stands in one flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from offswitch.model.verdict import Lane, Work


class State(StrEnum):
    """The five places an entry can be. Being claimed is a lease, not a state."""

    WAITING = "waiting"
    HELD = "held"
    WORKLIST = "worklist"
    FINISHED = "finished"
    EXITED = "exited"


OVER = (State.FINISHED, State.EXITED)
OVERDUE = "overdue"  # in `or_when`: not an event, but the end of a hand-over's time


@dataclass(frozen=True, slots=True)
class Entry:
    """Entry = flow + contact + subject, at a step, due at a time.

    `visits` counts arrivals at each step. `since` is when this visit was first due, whatever put it off afterwards.
    `or_when` maps a kind of event to the step it leads to early. `put_off` is the time that caps, quiet hours and rates have
    cost so far in this visit, and a release after a stop; `ramp` is that release's share. `approved` is the visit that a
    person has approved (`step:visit`), `lane_final` a lane that no change of policy ends. `arrived` is when this visit
    began, and `wait` how long after that it was due (None for a time of its own). `version` is the journey's code that last
    looked at it: recorded, never executed. `doubts`: visits that may have been done and are forgotten, because the ledger
    was restored, by step.
    """

    id: str
    flow: str
    contact_id: str
    step: str
    due: datetime
    entered: datetime
    event_id: str = ""
    subject: str = ""
    state: State = State.WAITING
    reason: str = ""
    rule: str = ""
    work: Work | None = None
    lane: Lane = Lane.MACHINE
    lane_reason: str = ""
    visits: Mapping[str, int] = field(default_factory=dict)
    put_off: timedelta = timedelta(0)
    since: datetime | None = None
    or_when: Mapping[str, str] = field(default_factory=dict)
    approved: str = ""
    taken_by: str = ""
    token: int | None = None
    ended: datetime | None = None
    arrived: datetime | None = None
    wait: timedelta | None = None
    version: str = ""
    ramp: timedelta = timedelta(0)
    doubts: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def visit(self) -> int:
        """How many times this entry has arrived at its step."""
        return self.visits.get(self.step, 1)

    @property
    def doubtful(self) -> bool:
        """May this visit have been done in a time that the ledger has lost?"""
        return self.visit in self.doubts.get(self.step, ())

    @property
    def place(self) -> str:
        """Step and visit, as in the send-once key."""
        return f"{self.step}:{self.visit}"


def send_once_key(entry_id: str, step: str, visit: int, action: str) -> str:
    """The one name of an effect, for people, machine and provider alike."""
    return f"{entry_id}\x1f{step}\x1f{visit}\x1f{action}"


def shown(key: str) -> str:
    """A send-once key as it is printed and sent to providers: without control characters."""
    return key.replace("\x1f", "/")
