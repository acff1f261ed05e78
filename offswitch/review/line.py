"""What would become of one person at one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from offswitch.model.contact import Contact
from offswitch.model.verdict import Work


class What(StrEnum):
    """What would become of one person at one step."""

    SEND = "send"
    WRITE = "write"
    DEFER = "defer"
    HOLD = "hold"
    SKIP = "skip"
    EXIT = "exit"
    HAND_OVER = "hand over"
    FINISH = "finish"
    MOVE = "move"


REFUSED = (What.SKIP, What.EXIT)
LATER = (What.DEFER, What.HOLD)


@dataclass(frozen=True, slots=True)
class Line:
    """One person at one step. `fresh`: would enter only now. `then` and `then_at` say what comes next; `then_at` None: it ends."""

    contact: Contact
    entry_id: str
    fresh: bool
    step: str
    visit: int
    what: What
    rule: str = ""
    reason: str = ""
    until: datetime | None = None
    work: Work | None = None
    message: str = ""
    language: str = ""
    subject: str = ""
    then: str = ""
    then_at: datetime | None = None


class Counted(NamedTuple):
    """What lines are counted by."""

    step: str
    what: What
    rule: str
    reason: str
    work: Work | None
