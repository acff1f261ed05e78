"""One thing that a person can do without knowing the tool."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from offswitch.model.verdict import Work

MOMENT = timedelta(minutes=1)
_LETTERS = "ghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished message, ready to copy. `message` is its name, `variant` the text that the person drew where texts are tried out."""

    to: str
    subject: str
    text: str
    html: str = ""
    language: str = ""
    sender: str = ""
    message: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Who, what, why, by when, and what may be answered.

    `channel` is how the person is reached ("" where the step says it itself, "crm" where only the register changes).
    `follows` is the item that must be done first, `only_if` the answers to it that lead here (none: any of them);
    `more`: after this one it depends on too much to be written down. `decision` is what a person decides here, with its amount,
    and `deciders` who may.
    """

    id: str
    kind: Work
    flow: str
    step: str
    visit: int
    entry_id: str
    contact_id: str
    name: str
    reach: str
    title: str
    why: str
    due: datetime
    team: str = ""
    drafts: tuple[Draft, ...] = ()
    changes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ("done", "skip")
    runbook: str = ""
    minutes: int = 0
    taken_by: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    channel: str = ""
    follows: str = ""
    only_if: tuple[str, ...] = ()
    more: bool = False
    decision: str = ""
    deciders: str = ""

    def late(self, now: datetime) -> bool:
        """Is its time past, by more than a moment?"""
        return now - self.due >= MOMENT


def item_id(entry_id: str, step: str, visit: int) -> str:
    """The short name of an item, the same at every look.

    It begins with a letter that is none of its digits, so that no spreadsheet takes it for a number.
    """
    digits = sha256(f"{entry_id}\x1f{step}\x1f{visit}".encode()).hexdigest()
    return _LETTERS[int(digits[0], 16)] + digits[1:10]
