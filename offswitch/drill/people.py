"""The people of a drill and what they will do, and when: made from factors, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from offswitch.drill.made import Asked, asked_of, payload, waits_for
from offswitch.drill.pairs import Row, all_pairs
from offswitch.events import MailBounced, Unsubscribed
from offswitch.journey.journey import Journey
from offswitch.model.event import KINDS
from offswitch.model.submission import Consent
from offswitch.policy.schema import ScoringPolicy

START = datetime(2027, 4, 12, 6, tzinfo=UTC)  # a Monday; Cairo's clocks change within the month that follows
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KNOCKED = "drill.knocked"  # what the neighbour flow starts on
FACTORS: Mapping[str, tuple[str, ...]] = {
    "consent": ("yes", "no", "withdrawn", "old"),
    "suppressed": ("no", "before", "midway"),
    "source": ("direct", "third_party"),
    "language": ("en", "ar", "mixed"),
    "address": ("plain", "idn", "plus", "two spellings"),
    "zone": ("Asia/Riyadh", "Africa/Cairo", "Asia/Dubai", "UTC"),
    "cap": ("free", "reached"),
    "arrival": ("fresh", "stale"),
    "approval": ("not needed", "granted", "denied"),
    "crm": ("absent", "exists", "two of them"),
    "story": ("silent", "goal", "exit", "early", "early late", "again"),
    "letter": ("fine", "retry", "lost reply", "lost letter", "refused", "breaks down"),
}
PLAIN = {name: values[0] for name, values in FACTORS.items()}
STRANGERS = 9001  # from this number on: people whom the flow under test never meets
HOURS = (3, 6, 9, 13)  # after the start of a day: people come together, so that batches have several letters
_COUNTRIES = {"Asia/Riyadh": "SA", "Africa/Cairo": "EG", "Asia/Dubai": "AE", "UTC": "IS"}
_NAMES = {"en": "Grace Okafor", "ar": "ليلى الحربي", "mixed": "مريم Haddad"}
_ADDRESSES = {
    "plain": "p{n:03}@people.example",
    "idn": "p{n:03}@b\u00fccher.example",
    "plus": "p{n:03}+drill@people.example",
    "two spellings": "p{n:03}@people.example",
}


@dataclass(frozen=True, slots=True)
class Person:
    """`fate` is what becomes of their letters at the provider; `row` says why they are here. `number` is their name in reports."""

    number: int
    email: str
    name: str
    language: str
    country: str
    zone: str
    fields: Mapping[str, Any]
    row: Mapping[str, str]

    @property
    def fate(self) -> str:
        """What the provider does with their first letter."""
        return self.row["letter"]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a person does at a time. `said` is when they say it happened; `consent` what they agree to with it."""

    at: datetime
    said: datetime
    who: int
    kind: str
    data: Mapping[str, Any]
    email: str
    id: str
    consent: tuple[Consent, ...] = ()
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody, and all that they will do, in order."""

    people: tuple[Person, ...]
    script: tuple[Happening, ...]


def make_population(journey: Journey, count: int, seed: int, form: ScoringPolicy | None) -> Population:
    """`count` people for this journey: first those that cover all pairs of factors, then random ones."""
    dice = Random(f"{seed} {journey.name}")  # noqa: S311 - the same people each time, not a secret
    rows: list[Row] = all_pairs(FACTORS, dice)[:count]
    while len(rows) < count:
        rows.append({name: values[0] if dice.random() < 0.5 else dice.choice(values) for name, values in FACTORS.items()})
    return _population(journey, rows, dice, form)


def make_few(journey: Journey, count: int, seed: int, form: ScoringPolicy | None, days: int = 3) -> Population:
    """A small population for many runs: mostly people whom nothing hinders, so that every action happens.

    They come on the first `days`: for as long as something is tried, there must be somebody to whom it happens.
    """
    dice = Random(f"{seed} {journey.name} few")  # noqa: S311
    rows: list[Row] = []
    for place in range(count):
        row = dict(PLAIN, zone=dice.choice(FACTORS["zone"]), language=dice.choice(FACTORS["language"]))
        if place % 3 == 0:
            row["story"] = dice.choice(FACTORS["story"])
        if place % 4 == 1:
            name = dice.choice(("consent", "suppressed", "address", "crm", "letter"))
            row[name] = dice.choice(FACTORS[name])
        rows.append(row)
    return _population(journey, rows, dice, form, hours=HOURS[:2], days=days)


def make_plain(journey: Journey, count: int, seed: int, form: ScoringPolicy | None) -> Population:
    """People whom nothing hinders, who come in two groups: batches in which a process can die, and others in which it can freeze."""
    dice = Random(f"{seed} {journey.name} plain")  # noqa: S311
    return _population(journey, [dict(PLAIN) for _ in range(count)], dice, form, hours=HOURS[:2])


def _population(
    journey: Journey, rows: list[Row], dice: Random, form: ScoringPolicy | None, hours: tuple[int, ...] = HOURS, days: int = 3
) -> Population:
    asked = asked_of(journey)
    people = tuple(_person(number, row, dice, asked) for number, row in enumerate(rows, start=1))
    script = [one for person in people for one in _Script(journey, person, dice, asked, form, hours, person.number % days).happenings()]
    apart = Random("strangers")  # noqa: S311 - whoever else there is, they do the same
    strangers = tuple(_person(number, dict(PLAIN), apart, asked) for number in range(STRANGERS, STRANGERS + 6))
    script += [_Script(journey, person, apart, asked, form, hours, 0).knocks() for person in strangers]
    return Population((*people, *strangers), tuple(sorted(script, key=lambda one: (one.at, one.id))))


def _person(number: int, row: Row, dice: Random, asked: Asked) -> Person:
    fields: dict[str, Any] = {"source": row["source"]}
    for name, words in asked.words.items():
        if dice.random() < 0.15:
            fields[name] = dice.choice(words)
    language = "ar" if row["language"] == "ar" else "en"
    email = _ADDRESSES[row["address"]].format(n=number)
    return Person(number, email, _NAMES[row["language"]], language, _COUNTRIES[row["zone"]], row["zone"], fields, row)


@dataclass(slots=True)
class _Script:
    """What one person does. Triggers come at 17 past, the rest at 47 past: no two things race for a minute."""

    journey: Journey
    person: Person
    dice: Random
    asked: Asked
    form: ScoringPolicy | None
    hours: tuple[int, ...]
    day: int
    made: int = 0

    def happenings(self) -> list[Happening]:
        """In no order."""
        row = self.person.row
        enters = START + self.day * DAY + self.dice.choice(self.hours) * HOUR + timedelta(minutes=17)
        said = enters - 5 * DAY if row["arrival"] == "stale" else enters
        subject = f"s{self.person.number}"
        found = [self._trigger(enters, said, subject)]
        if row["consent"] == "old":  # a yes from an old list, behind a newer no
            found.append(self._one(enters - 30 * timedelta(minutes=1), Unsubscribed.kind, {"channel": "email"}))
            found[0] = self._trigger(enters, said, subject, dated=False)
        if row["consent"] == "withdrawn":
            found.append(self._one(self._later(enters, 0.1, 9), Unsubscribed.kind, {"channel": "email"}))
        if row["suppressed"] != "no":
            at = enters - timedelta(minutes=30) if row["suppressed"] == "before" else self._later(enters, 0.1, 9)
            found.append(self._one(at, MailBounced.kind, {"hard": True}))
        if row["address"] == "two spellings":
            found.append(self._trigger(self._later(enters, 0.2, 2), None, f"{subject}b", email=self.person.email.upper()))
        if row["cap"] == "reached":
            found.append(self._one(enters - timedelta(minutes=40), KNOCKED, {}))
        return [*found, *self._story(enters, subject)]

    def knocks(self) -> Happening:
        """Only the neighbour flow hears of this person."""
        return self._one(START + self.dice.randrange(3, 40) * HOUR + timedelta(minutes=17), KNOCKED, {})

    def _story(self, enters: datetime, subject: str) -> list[Happening]:
        journey, story = self.journey, self.person.row["story"]
        early = waits_for(journey)
        goal = journey.goal.kind if journey.goal else ""
        match story:
            case "goal" if goal:
                return [self._made(self._later(enters, 0.1, 12), goal, subject)]
            case "exit" if journey.exits:
                kind = self.dice.choice(sorted(kind.kind for kind in journey.exits))
                return [self._made(self._later(enters, 0.1, 8), kind, subject)]
            case "early" | "early late" if early:
                first, last = (0.02, 1) if story == "early" else (1, 6)
                return [self._made(self._later(enters, first, last), self.dice.choice(early), subject)]
            case "again":
                return [self._trigger(self._later(enters, 1, 12), None, f"{subject}c")]
            case _:
                return []

    def _later(self, enters: datetime, first: float, last: float) -> datetime:
        """Some time after, between so many days, at 47 past."""
        hours = self.dice.randrange(max(1, round(first * 24)), round(last * 24) + 1)
        return enters + timedelta(hours=hours, minutes=30)

    def _trigger(self, at: datetime, said: datetime | None, subject: str, *, email: str = "", dated: bool = True) -> Happening:
        one = self._made(at, self.journey.starts_on.kind, subject)
        agreed = (Consent("marketing", "email", "yes, write to me"),) if self.person.row["consent"] != "no" else ()
        return Happening(at, said or at, one.who, one.kind, one.data, email or one.email, one.id, agreed, dated)

    def _made(self, at: datetime, kind: str, subject: str) -> Happening:
        data = payload(KINDS[kind], self.dice, at, asked=self.asked, subject=subject, about=self.journey.about, form=self.form)
        return self._one(at, kind, data)

    def _one(self, at: datetime, kind: str, data: Mapping[str, Any]) -> Happening:
        self.made += 1
        return Happening(at, at, self.person.number, kind, data, self.person.email, f"{self.person.number:03}-{self.made}")
