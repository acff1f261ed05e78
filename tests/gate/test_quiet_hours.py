"""Quiet hours on the wall of the person, also when clocks change and midnight lies between."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from offswitch.gate.act import act
from offswitch.gate.rules.quiet_hours import quiet_until
from offswitch.model.action import Action, Kind
from offswitch.model.verdict import Answer
from tests.gate.cases import MARKETING, MOMENTS, QUIET, RECORD, SERVICE, ZONES, QuietHours, case_of, with_policy

NIGHT = QuietHours(time(21), time(9))
CAIRO, RIYADH = ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Riyadh")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        (RIYADH, "2025-03-03 17:59", None),
        (RIYADH, "2025-03-03 18:00", "2025-03-04 06:00"),
        (RIYADH, "2025-03-03 23:30", "2025-03-04 06:00"),  # 02:30 of the next day there
        (RIYADH, "2025-03-04 05:59", "2025-03-04 06:00"),
        (RIYADH, "2025-03-04 06:00", None),
        # Cairo goes from +2 to +3 at midnight of 25 April 2025: 00:00 becomes 01:00.
        (CAIRO, "2025-04-24 20:00", "2025-04-25 06:00"),
        (CAIRO, "2025-04-24 22:00", "2025-04-25 06:00"),
        (CAIRO, "2025-04-25 06:00", None),
        # And back at midnight of 31 October 2025: 00:00 becomes 23:00 again.
        (CAIRO, "2025-10-30 20:30", "2025-10-31 07:00"),
        (CAIRO, "2025-10-30 21:30", "2025-10-31 07:00"),
        (CAIRO, "2025-10-31 06:59", "2025-10-31 07:00"),
        (CAIRO, "2025-10-31 07:00", None),
    ],
)
def test_the_night_ends_by_the_clock_on_the_wall(zone: ZoneInfo, now: str, until: str | None) -> None:
    assert quiet_until(NIGHT.start, NIGHT.end, zone, utc(now)) == (utc(until) if until else None)


def test_a_window_that_ends_in_the_hour_that_does_not_exist_ends_after_it() -> None:
    assert quiet_until(time(21), time(0, 30), CAIRO, utc("2025-04-24 21:59")) == utc("2025-04-24 22:30")
    assert quiet_until(time(21), time(0, 30), CAIRO, utc("2025-04-24 22:30")) is None


def test_a_window_within_one_day_is_not_the_rest_of_the_day() -> None:
    assert quiet_until(time(12), time(14), RIYADH, utc("2025-03-03 10:00")) == utc("2025-03-03 11:00")
    assert quiet_until(time(12), time(14), RIYADH, utc("2025-03-03 11:00")) is None
    assert quiet_until(time(12), time(14), RIYADH, utc("2025-03-03 08:59")) is None


@pytest.mark.parametrize(
    ("purpose", "channel", "answer"),
    [
        (MARKETING, "email", Answer.DEFER),
        (SERVICE, "email", Answer.ALLOW),
        (SERVICE, "sms", Answer.DEFER),
        (RECORD, "crm", Answer.ALLOW),
    ],
)
def test_service_mail_makes_no_noise(purpose: str, channel: str, answer: Answer) -> None:
    case = case_of(now=utc("2025-03-03 20:00"), since=utc("2025-03-03 20:00"), purpose=purpose, action=Action(Kind.SEND, "x", channel, "x"))
    assert act(with_policy(case, quiet=NIGHT)).answer is answer


@given(QUIET, ZONES, MOMENTS)
def test_the_end_of_the_window_is_ahead_and_within_a_day(quiet: QuietHours, zone: ZoneInfo, now: datetime) -> None:
    until = quiet_until(quiet.start, quiet.end, zone, now)
    assert until is None or now < until <= now + timedelta(hours=26)


@given(QUIET, ZONES, MOMENTS)
def test_who_waits_until_told_gets_out_of_the_window(quiet: QuietHours, zone: ZoneInfo, now: datetime) -> None:
    """An hour that comes twice may need many looks, but never a whole day."""
    looks, at = 0, now
    while (until := quiet_until(quiet.start, quiet.end, zone, at)) is not None:
        looks, at = looks + 1, until
        assert looks < 200
    assert at - now <= timedelta(hours=27)
    wall = at.astimezone(zone).time()
    inside = quiet.start <= wall < quiet.end if quiet.start <= quiet.end else wall >= quiet.start or wall < quiet.end
    assert not inside
