"""What people do with a message: measured in this ledger where it can be, else assumed, and then said to be so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from offswitch.events import Clicked, MailBounced, MailComplained, Opened, Replied, Unsubscribed
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book

ENOUGH = 50  # sends of a message, before its own rates count
LOOKS_BACK = timedelta(days=180)


class Deed(StrEnum):
    """One thing that may follow a message."""

    BOUNCE = "bounce"
    CLICK = "click"
    REPLY = "reply"
    GOAL = "goal"
    UNSUBSCRIBE = "unsubscribe"
    COMPLAINT = "complaint"


KINDS = {
    Deed.BOUNCE: MailBounced.kind, Deed.CLICK: Clicked.kind, Deed.REPLY: Replied.kind,
    Deed.UNSUBSCRIBE: Unsubscribed.kind, Deed.COMPLAINT: MailComplained.kind,
}  # fmt: skip
ASSUMED = {
    Deed.BOUNCE: 0.01, Deed.CLICK: 0.03, Deed.REPLY: 0.01, Deed.GOAL: 0.05, Deed.UNSUBSCRIBE: 0.003, Deed.COMPLAINT: 0.0002,
}  # fmt: skip
AFTER = {  # on average
    Deed.BOUNCE: timedelta(minutes=5), Deed.CLICK: timedelta(hours=4), Deed.REPLY: timedelta(hours=12),
    Deed.GOAL: timedelta(hours=24), Deed.UNSUBSCRIBE: timedelta(hours=4), Deed.COMPLAINT: timedelta(hours=12),
}  # fmt: skip


class Source(StrEnum):
    """Where a rate is from."""

    MEASURED = "measured"
    SAID = "said"  # by whoever asked for the forecast
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Rate:
    """This share of messages is followed by it; where that was measured, `seen` of `sends`."""

    share: float
    source: Source
    seen: int = 0
    sends: int = 0

    def to_json(self) -> dict[str, Any]:
        """For other tools."""
        measured = {"seen": self.seen, "sends": self.sends} if self.source is Source.MEASURED else {}
        return {"share": self.share, "source": self.source.value, **measured}


@dataclass(frozen=True, slots=True)
class Habit:
    """All rates of one message. `opened` is shown and nothing more: an open decides nothing."""

    rates: Mapping[Deed, Rate]
    sends: int = 0
    opened: int = 0


@dataclass(slots=True)
class Habits:
    """By flow and message. `said` holds for all of them, whatever was measured."""

    said: Mapping[Deed, float] = field(default_factory=dict)
    known: dict[tuple[str, str], Habit] = field(default_factory=dict)

    def of(self, flow: str, message: str) -> Habit:
        """What is expected of those who get this message."""
        if (flow, message) not in self.known:
            self.known[flow, message] = Habit({deed: self._guessed(deed) for deed in Deed})
        return self.known[flow, message]

    def measure(self, book: Book, journey: Journey, now: datetime) -> None:
        """What the messages of this flow led to in the last 180 days."""
        flow, since = journey.name, now - LOOKS_BACK
        kinds = {**KINDS, **({Deed.GOAL: journey.goal.kind} if journey.goal else {})}
        seen = book.evidence.by_message(flow, {*kinds.values(), Opened.kind}, since)
        sends, refused = book.evidence.sends_by_message(flow, since), book.evidence.refused_by_message(flow, since)
        hard = _hard(book, flow, since)
        for action, performed in sends.items():
            count = {deed: seen.get((action, kind), 0) for deed, kind in kinds.items()}
            count[Deed.BOUNCE] = round(count[Deed.BOUNCE] * hard) + refused.get(action, 0)
            rates = {deed: self._rate(deed, count.get(deed, 0), performed + refused.get(action, 0)) for deed in Deed}
            self.known[flow, action.removeprefix("send:")] = Habit(rates, performed, seen.get((action, Opened.kind), 0))

    def _rate(self, deed: Deed, seen: int, sends: int) -> Rate:
        if deed in self.said or sends < ENOUGH:
            return self._guessed(deed)
        return Rate(min(seen / sends, 1.0), Source.MEASURED, seen, sends)

    def _guessed(self, deed: Deed) -> Rate:
        return Rate(self.said[deed], Source.SAID) if deed in self.said else Rate(ASSUMED[deed], Source.ASSUMED)


def _hard(book: Book, flow: str, since: datetime) -> float:
    """Which share of the bounces were for good."""
    bounced = book.evidence.followed(flow, MailBounced.kind, since)
    return sum((one.data or {}).get("hard", True) is not False for one in bounced) / len(bounced) if bounced else 1.0
