"""Counts what happens in virtual time, by flow and by day of the company's calendar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from offswitch.forecast.habits import Deed
from offswitch.model.verdict import Work


@dataclass(frozen=True, slots=True)
class Loss:
    """Where a message had to wait, or was left out, because of another one: `winner` has the room."""

    loser: str
    winner: str
    rule: str


@dataclass(slots=True)
class Tally:
    """Days are counted from `first`. `at_once`: what went out in the very first pass, by flow."""

    first: date
    zone: ZoneInfo
    at_once: Counter[str] = field(default_factory=Counter)
    mails: Counter[tuple[str, int]] = field(default_factory=Counter)
    by_hand: Counter[tuple[str, int]] = field(default_factory=Counter)
    hours: Counter[tuple[str, int]] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    deeds: Counter[tuple[str, Deed]] = field(default_factory=Counter)
    put_off: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[Loss] = field(default_factory=Counter)
    items: Counter[tuple[str, int, Work]] = field(default_factory=Counter)
    arrivals: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)

    def day(self, now: datetime) -> int:
        """Which day this is, 0 for the first."""
        return (now.astimezone(self.zone).date() - self.first).days

    def mail(self, flow: str, message: str, now: datetime, *, machine: bool) -> None:
        """A message went out."""
        self.messages[flow, message] += 1
        if machine:
            self.mails[flow, self.day(now)] += 1
            self.hours[flow, now.astimezone(self.zone).hour] += 1
        else:
            self.by_hand[flow, self.day(now)] += 1
