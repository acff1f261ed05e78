"""Weekends, blackouts and occasions, by the calendar of the person, in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.gate.act import act
from offswitch.gate.rules.calendar import calendar, opens
from offswitch.gate.rules.quiet_hours import quiet_until
from offswitch.model.verdict import Answer
from offswitch.policy.calendar import Blackout, Calendar, Weekday
from offswitch.policy.occasions import Occasion, OccasionName
from offswitch.policy.pace import Pace
from tests.gate.cases import MARKETING, MOMENTS, QUIET, RECORD, SERVICE, ZONES, QuietHours, case_of, with_policy

CAIRO, RIYADH = ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Riyadh")
GULF = {"SA": (Weekday.FRIDAY, Weekday.SATURDAY), "default": (Weekday.SUNDAY,)}
NIGHT = QuietHours(time(21), time(9))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def blackout(first: date, last: date, *countries: str) -> Blackout:
    return Blackout.model_validate({"from": first, "to": last, "why": "the fair", **({"countries": countries} if countries else {})})


@pytest.mark.parametrize(
    ("zone", "country", "now", "until"),
    [
        (RIYADH, "SA", "2025-03-06 20:59", None),  # the last minute of Thursday there
        (RIYADH, "SA", "2025-03-06 21:00", "2025-03-09 06:00"),
        (RIYADH, "SA", "2025-03-08 20:59", "2025-03-09 06:00"),
        (RIYADH, "SA", "2025-03-08 21:00", None),  # Sunday; the rest is for quiet hours
        (RIYADH, "AE", "2025-03-07 09:00", None),
        (RIYADH, "AE", "2025-03-09 09:00", "2025-03-10 06:00"),
        (RIYADH, "", "2025-03-09 09:00", "2025-03-10 06:00"),
        (CAIRO, "SA", "2025-04-25 12:00", "2025-04-27 06:00"),  # Cairo is at +3 from this very Friday on
    ],
)
def test_the_weekend_is_that_of_the_country_by_the_clock_on_the_wall(zone: ZoneInfo, country: str, now: str, until: str | None) -> None:
    case = case_of(now=utc(now), since=utc(now), zone=zone, country=country)
    verdict = calendar(with_policy(case, quiet=NIGHT, pace=Pace(calendar=Calendar(GULF))))
    assert (verdict.until if verdict else None) == (utc(until) if until else None)


@pytest.mark.parametrize(("purpose", "answer"), [(MARKETING, Answer.DEFER), (SERVICE, Answer.ALLOW), (RECORD, Answer.ALLOW)])
def test_only_marketing_rests(purpose: str, answer: Answer) -> None:
    friday = utc("2025-03-07 09:00")
    case = case_of(now=friday, since=friday, purpose=purpose, country="SA")
    assert act(with_policy(case, pace=Pace(calendar=Calendar(GULF)))).answer is answer


def test_a_day_whose_midnight_the_clock_leaves_out_begins_after_it() -> None:
    days = Calendar(blackouts=(blackout(date(2025, 4, 24), date(2025, 4, 24)),))
    assert opens(days, None, "EG", CAIRO, utc("2025-04-24 12:00")) == utc("2025-04-24 22:00")  # 01:00 on the 25th
    late = QuietHours(time(0, 30), time(0))  # all but half an hour that this day doesn't have
    assert opens(days, late, "EG", CAIRO, utc("2025-04-24 12:00")) == utc("2025-04-25 21:00")


def test_a_blackout_that_is_longer_than_anything_may_be_put_off_leaves_the_message_out() -> None:
    days = Calendar(blackouts=(blackout(date(2025, 3, 1), date(2025, 3, 31)),))
    verdict = act(with_policy(case_of(), pace=Pace(calendar=days)))
    assert (verdict.answer, verdict.reason) == (Answer.SKIP, "put off for too long: blackout until 2025-03-31: the fair")


WEEKENDS = st.dictionaries(
    st.sampled_from(["SA", "EG"]), st.lists(st.sampled_from(Weekday), min_size=1, max_size=3, unique=True).map(tuple)
).flatmap(lambda some: st.lists(st.sampled_from(Weekday), max_size=3, unique=True).map(lambda rest: {**some, "default": tuple(rest)}))
DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))
BLACKOUTS = st.builds(
    lambda first, length, where: blackout(first, first + timedelta(days=length), *where),
    DAYS,
    st.integers(0, 12),
    st.lists(st.sampled_from(["SA", "EG"]), max_size=2, unique=True),
)
LUNAR = [name for name in OccasionName if name.value in ("ramadan", "eid_al_fitr", "eid_al_adha", "arafah", "mawlid")]
OCCASIONS = st.builds(
    lambda name, days, where: Occasion(name=name, countries=tuple(where), days=days),
    st.sampled_from(LUNAR),
    st.integers(1, 31),
    st.lists(st.sampled_from(["SA", "EG"]), min_size=1, max_size=2, unique=True),
)
CALENDARS = st.builds(Calendar, WEEKENDS, st.lists(BLACKOUTS, max_size=3).map(tuple), st.lists(OCCASIONS, max_size=2).map(tuple))
COUNTRIES = st.sampled_from(["SA", "EG", "GB", ""])


@settings(max_examples=150)
@given(CALENDARS, st.none() | QUIET, COUNTRIES, ZONES, MOMENTS)
def test_what_is_put_off_comes_out_later_outside_of_quiet_hours_and_days_of_rest(
    days: Calendar, quiet: QuietHours | None, country: str, zone: ZoneInfo, now: datetime
) -> None:
    until = opens(days, quiet, country, zone, now)
    assert until > now
    assert days.rest(until.astimezone(zone).date(), country) == ""
    assert quiet is None or quiet_until(quiet.start, quiet.end, zone, until) is None


@settings(max_examples=100)
@given(CALENDARS, st.none() | QUIET, COUNTRIES, ZONES, MOMENTS)
def test_nothing_earlier_on_a_later_day_would_have_been_free(
    days: Calendar, quiet: QuietHours | None, country: str, zone: ZoneInfo, now: datetime
) -> None:
    until = opens(days, quiet, country, zone, now)
    between = (until - now) / 40
    for step in range(1, 40):
        at = now + step * between
        if at.astimezone(zone).date() > now.astimezone(zone).date():
            resting = days.rest(at.astimezone(zone).date(), country)
            assert resting or (quiet is not None and quiet_until(quiet.start, quiet.end, zone, at)) is not None


@given(CALENDARS, COUNTRIES, ZONES, MOMENTS)
def test_only_a_day_of_rest_puts_off(days: Calendar, country: str, zone: ZoneInfo, now: datetime) -> None:
    verdict = calendar(with_policy(case_of(now=now, since=now, zone=zone, country=country), pace=Pace(calendar=days)))
    assert (verdict is None) is (days.rest(now.astimezone(zone).date(), country) == "")
