"""When an occasion falls: what a person has confirmed, else what a maintained calendar proposes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from pydantic import Field, model_validator

from offswitch.policy.days import GregorianDay
from offswitch.policy.values import Country, Person, Section, refuse, whole, word

DAY = timedelta(days=1)
_NEAR = timedelta(days=3)  # sightings of the moon differ by a day or two from the calculated date


class OccasionName(StrEnum):
    """What is kept. The moon's sighting decides about the first seven, a national calendar about the others."""

    RAMADAN = "ramadan"
    EID_AL_FITR = "eid_al_fitr"
    ARAFAH = "arafah"
    EID_AL_ADHA = "eid_al_adha"
    ISLAMIC_NEW_YEAR = "islamic_new_year"
    ASHURA = "ashura"
    MAWLID = "mawlid"
    NATIONAL_DAY = "national_day"
    FOUNDING_DAY = "founding_day"
    INDEPENDENCE_DAY = "independence_day"
    NEW_YEARS_DAY = "new_years_day"
    LABOR_DAY = "labor_day"
    CHRISTMAS_DAY = "christmas_day"


_LUNAR = {  # Hijri month and day
    OccasionName.RAMADAN: (9, 1),
    OccasionName.EID_AL_FITR: (10, 1),
    OccasionName.ARAFAH: (12, 9),
    OccasionName.EID_AL_ADHA: (12, 10),
    OccasionName.ISLAMIC_NEW_YEAR: (1, 1),
    OccasionName.ASHURA: (1, 10),
    OccasionName.MAWLID: (3, 12),
}
_NATIONAL = {  # as the library of holidays calls it in English
    OccasionName.NATIONAL_DAY: "National Day",
    OccasionName.FOUNDING_DAY: "Founding Day",
    OccasionName.INDEPENDENCE_DAY: "Independence Day",
    OccasionName.NEW_YEARS_DAY: "New Year's Day",
    OccasionName.LABOR_DAY: "Labor Day",
    OccasionName.CHRISTMAS_DAY: "Christmas Day",
}


@dataclass(frozen=True, slots=True)
class Span:
    """The days of one occasion, the last one included; `first` is what is confirmed or proposed, before any margin."""

    first: date
    last: date
    confirmed: bool
    margin: timedelta = timedelta(0)

    def holds(self, day: date) -> bool:
        """Is nobody written to on this day?"""
        return self.first - self.margin <= day <= self.last + self.margin


class Occasion(Section):
    """Days of a feast or a national day on which no marketing goes out."""

    name: Annotated[OccasionName, word(OccasionName)]
    """Which feast or national day."""
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    """Where it is kept. People whose country isn't known are counted in."""
    days: Annotated[int, whole(1, 31)] = 1
    """How many days, the first one included."""
    dates: dict[Annotated[int, whole(2000, 2076)], GregorianDay] = Field(default_factory=dict)
    """The first day as a person has confirmed it, by year. It wins over what the calendar proposes."""
    confirmed_by: Person | None = None
    """Who confirmed these dates. One of the people of company.yaml."""

    @model_validator(mode="after")
    def _plausible(self) -> Occasion:
        for year, day in self.dates.items():
            if day.year != year:
                raise refuse(f"is {day}, which is not in {year}", f"write the first day in {year}", "dates", str(year))
            near = proposed(self.name, "", year) if self.lunar else ()
            if near and all(abs(day - one) > _NEAR for one in near):
                fix = "a sighting differs by a day or two: see the official announcement"
                raise refuse(f"is {day}, but the calendar says {' or '.join(map(str, near))}", fix, "dates", str(year))
        if self.dates and self.confirmed_by is None:
            raise refuse("has dates that nobody stands for", "add `confirmed_by` with the address of who confirmed them")
        return self

    @property
    def lunar(self) -> bool:
        """Does it hang on a sighting of the moon, so that a date is certain only when somebody has confirmed it?"""
        return self.name in _LUNAR

    def kept_in(self, country: str) -> tuple[str, ...]:
        """For which countries somebody from there is spared; all of them where nobody knows."""
        return self.countries if not country else (country,) if country in self.countries else ()

    def spans(self, country: str, year: int) -> Iterator[Span]:
        """When it begins in this year, in this country."""
        said = self.dates.get(year)
        length = (self.days - 1) * DAY
        if said is not None:
            yield Span(said, said + length, confirmed=True)
        for first in proposed(self.name, country, year):
            if said is None or (self.lunar and abs(said - first) > _NEAR):
                yield Span(first, first + length, not self.lunar, DAY if self.lunar else timedelta(0))

    def on(self, day: date, country: str) -> Span | None:
        """The days that this day belongs to, for somebody from this country."""
        years = sorted({(day - (self.days + 1) * DAY).year, (day + DAY).year})
        spans = (span for where in self.kept_in(country) for year in years for span in self.spans(where, year))
        return next((span for span in spans if span.holds(day)), None)

    def unconfirmed(self, day: date, ahead: timedelta) -> Span | None:
        """The next time that nobody has confirmed and that begins within so many days."""
        years = sorted({day.year, (day + ahead).year})
        spans = (span for year in years for span in self.spans(self.countries[0], year))
        return next((span for span in spans if not span.confirmed and day <= span.first <= day + ahead), None)


@lru_cache(maxsize=4096)
def proposed(name: OccasionName, country: str, year: int) -> tuple[date, ...]:
    """The first days in this year by the calendar. A lunar year is shorter, so there may be two; none where it is not known.

    Hijri days are those of Umm al-Qura (the library `hijridate`), national ones those of the library `holidays`.
    """
    if name in _LUNAR:
        return tuple(_hijri(*_LUNAR[name], year))
    return tuple(_national(_NATIONAL[name], country, year))


def _hijri(month: int, day: int, year: int) -> Iterator[date]:
    from hijridate import Gregorian, Hijri  # only for those who keep an occasion

    try:
        first = Gregorian(year, 1, 1).to_hijri().year
        for lunar_year in range(first, first + 3):
            found = Hijri(lunar_year, month, day).to_gregorian()
            if found.year == year:
                yield date(found.year, found.month, found.day)
    except OverflowError:  # the calendar is calculated from 1924 to 2077
        return


def _national(name: str, country: str, year: int) -> Iterator[date]:
    from holidays import country_holidays  # half a second, only for those who keep a national day

    try:
        known = country_holidays(country, years=year, language="en_US")
    except NotImplementedError:  # no calendar of this country
        return
    called = [(day, one.removesuffix(" Holiday")) for day, names in sorted(known.items()) for one in names.split("; ")]
    alike = [day for day, one in called if one == name] or [day for day, one in called if one.endswith(f" {name}")]
    yield from alike[:1]
