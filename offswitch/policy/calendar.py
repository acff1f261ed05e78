"""Days on which nobody gets marketing: weekends, blackouts, occasions. In the contact's country, by their own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from offswitch.policy.days import GregorianDay
from offswitch.policy.occasions import Occasion
from offswitch.policy.values import Country, Line, Section, checked, country, refuse, word

DEFAULT = "default"


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class OnWeekends(StrEnum):
    """Whether marketing rests on weekends."""

    QUIET = "quiet"
    SEND = "send"


def country_or_default(value: Any) -> str:
    """A country by its two letters, or the word `default` for all others."""
    return DEFAULT if value == DEFAULT else country(value)


def _no_whole_week(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    for place, day in enumerate(days):
        if day in days[:place]:
            raise refuse(f"says {day.value} twice", "write each day once", place)
    if len(days) > 3:
        raise refuse(f"has {len(days)} days", "a weekend has at most 3: name the days on which people rest", 3)
    return days


Weekend = Annotated[tuple[Annotated[Weekday, word(Weekday)], ...], Field(min_length=1), AfterValidator(_no_whole_week)]


def _for_everybody(weekends: dict[str, tuple[Weekday, ...]]) -> dict[str, tuple[Weekday, ...]]:
    if weekends and DEFAULT not in weekends:
        raise refuse("says nothing for other countries", "add `default: [saturday, sunday]`")
    return weekends


Weekends = Annotated[dict[Annotated[str, checked(country_or_default)], Weekend], AfterValidator(_for_everybody)]


class Blackout(Section):
    """Days on which no marketing goes out."""

    first: GregorianDay = Field(alias="from")
    """The first day."""
    last: GregorianDay = Field(alias="to")
    """The last day, which belongs to it."""
    countries: Annotated[tuple[Country, ...], Field(min_length=1)] | None = None
    """Where. Left out: everywhere. People whose country isn't known are counted in."""
    why: Line
    """The reason, as people read it in plans and reports."""

    @model_validator(mode="after")
    def _forward(self) -> Blackout:
        if self.last < self.first:
            raise refuse(f"is {self.last}, before {self.first}", "the first day stands in `from`, the last one in `to`", "to")
        return self

    def holds(self, day: date, country: str) -> bool:
        """Is nobody from this country written to on this day?"""
        return self.first <= day <= self.last and (self.countries is None or not country or country in self.countries)

    def meets(self, other: Blackout) -> bool:
        """Do both speak of the same day in the same country?"""
        both = self.countries is None or other.countries is None or set(self.countries) & set(other.countries)
        return bool(both) and self.first <= other.last and other.first <= self.last


def _apart(blackouts: tuple[Blackout, ...]) -> tuple[Blackout, ...]:
    for place, one in enumerate(blackouts):
        for other in blackouts[:place]:
            if one.meets(other):
                raise refuse(f"overlaps with {other.first} to {other.last}", "make one of the two, or name other countries", place)
    return blackouts


Blackouts = Annotated[tuple[Blackout, ...], AfterValidator(_apart)]


def _once(occasions: tuple[Occasion, ...]) -> tuple[Occasion, ...]:
    for place, one in enumerate(occasions):
        for other in occasions[:place]:
            if one.name is other.name and (both := sorted(set(one.countries) & set(other.countries))):
                raise refuse(f"says {one.name.value} for {both[0]} again", "name each country once", place)
    return occasions


Occasions = Annotated[tuple[Occasion, ...], AfterValidator(_once)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that one flow keeps, its own and the company's. `weekends` is empty where it sends on them.

    Every day is worked out once for each country: a thousand people meet the same one.
    """

    weekends: Mapping[str, tuple[Weekday, ...]] = field(default_factory=dict)
    blackouts: tuple[Blackout, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    _known: dict[tuple[date, str], str] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.weekends or self.blackouts or self.occasions)

    def rest(self, day: date, country: str) -> str:
        """Why somebody from this country ("" where nobody knows) gets no marketing on this day, or ""."""
        found = self._known.get((day, country))
        if found is None:
            found = self._known[day, country] = self._rest(day, country)
        return found

    def _rest(self, day: date, country: str) -> str:
        for blackout in self.blackouts:
            if blackout.holds(day, country):
                return f"blackout until {blackout.last}: {blackout.why}"
        for occasion in self.occasions:
            if (span := occasion.on(day, country)) is not None:
                return f"{occasion.name.value} until {span.last + span.margin}" + ("" if span.confirmed else ", not confirmed")
        if _DAYS[day.weekday()] in self.weekends.get(country, self.weekends.get(DEFAULT, ())):
            return f"weekend in {country}" if country in self.weekends else "weekend"
        return ""


_DAYS = tuple(Weekday)


def canonical_calendar(flow: tuple[Blackout, ...], company: Calendar) -> dict[str, Any]:
    """What an approval is about: the flow's blackouts, and the days of the company that it keeps."""
    return {
        "weekends": {where: sorted(day.value for day in days) for where, days in sorted(company.weekends.items())},
        "blackouts": sorted(_line(one) for one in flow),
        "company.blackouts": sorted(_line(one) for one in company.blackouts),
        "occasions": sorted(_feast(one) for one in company.occasions),
    }


def _line(one: Blackout) -> str:
    return f"{one.first} to {one.last} in {', '.join(sorted(one.countries)) if one.countries else 'all countries'}"


def _feast(one: Occasion) -> str:
    """Without its dates: who confirms the day of a feast, a few days before it, changes nothing that was approved."""
    return f"{one.name.value}, {one.days} d in {', '.join(sorted(one.countries))}"
