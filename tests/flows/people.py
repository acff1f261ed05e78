"""People and what happened to them, as facts for steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from offswitch.model.contact import Contact
from offswitch.model.event import Event, Happened
from offswitch.model.facts import Facts, Known, Score

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
AGREED = frozenset({("marketing", "email")})


def happened(kind: type[Event], number: int = 1, **data: Any) -> Happened:
    return Happened(f"e{number}", kind.kind, NOW - timedelta(hours=2), "c1", data)


def someone(
    *events: Happened, trigger: int = 0, agreed: bool = True, about: str = "", subject: str = "", score: Score | None = None, **fields: Any
) -> Facts:
    """A person with these events, oldest first; one of them began the entry."""
    return Facts(
        now=NOW,
        contact=Contact("c1", "sara@example.org", "Sara", "en", fields=fields),
        consent=AGREED if agreed else frozenset(),
        events=events,
        trigger=events[trigger].id if events else "",
        known={"score": Known(score, "scoring", NOW)} if score else {},
        about=about,
        subject=subject,
    )
