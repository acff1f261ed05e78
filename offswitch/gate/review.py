"""Has somebody looked at this flow lately? Without a signed look in time people do the work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_AHEAD = timedelta(days=1)  # people are told on the day before


@dataclass(frozen=True, slots=True)
class NextReview:
    """When somebody must have looked again; who did last, "" for nobody since the approval."""

    due: datetime
    by: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        last = f"last by {self.by} on {self.at:%Y-%m-%d}" if self.at else "none yet"
        return f"next review until {self.due:%Y-%m-%d %H:%M} UTC, {last}"


def next_review(every: timedelta, last: tuple[str, datetime] | None, approved: str) -> NextReview | None:
    """From the last look, else from the approval, whose file says when. None: nothing was launched yet."""
    if last is not None:
        return NextReview(last[1] + every, *last)
    return NextReview(_moment(approved) + every) if approved else None


def in_standing(flow: str, found: NextReview | None, now: datetime) -> dict[str, Any]:
    """What a standing says of it."""
    if found is None:
        return {}
    when, see = f"{found.due:%Y-%m-%d %H:%M} UTC", f"see `offswitch review {flow}`"
    if found.due <= now:
        return {"review": found, "unreviewed": f"nobody has looked at it since; a review was due on {when}, {see}"}
    soon = found.due.date() <= (now + _AHEAD).date()
    return {"review": found, "reminder": f"a review is due on {when}, {see}" if soon else ""}


def _moment(text: str) -> datetime:
    """An instant as an approval bears it; what can't be read was long ago."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
