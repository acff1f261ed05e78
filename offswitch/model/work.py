"""One thing that a person can do without knowing the tool."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from offswitch.model.verdict import Work


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished message, ready to copy."""

    to: str
    subject: str
    text: str
    html: str = ""
    language: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Who, what, why, by when, and what may be answered."""

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


def item_id(entry_id: str, step: str, visit: int) -> str:
    """The short name of an item, the same at every look."""
    return sha256(f"{entry_id}\x1f{step}\x1f{visit}".encode()).hexdigest()[:10]
