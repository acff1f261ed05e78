"""Until when something is off, as people type it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic_core import PydanticCustomError

from offswitch.policy.until import until

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RIYADH = ZoneInfo("Asia/Riyadh")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("3d", "2026-11-25T09:00"),
        ("90m", "2026-11-22T10:30"),
        ("٣d", "2026-11-25T09:00"),
        ("2026-12-01", "2026-12-01T21:00"),  # the last day, to its end in Riyadh
        ("2026-11-22", "2026-11-22T21:00"),
        ("2026-12-01T09:00", "2026-12-01T06:00"),
        (" 2026-12-01 09:00 ", "2026-12-01T06:00"),
    ],
)
def test_a_length_a_day_and_a_time_are_understood(text: str, end: str) -> None:
    assert until(text, NOW, RIYADH) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tomorrow", "is 'tomorrow'"),
        ("", "is ''"),
        ("2026-11-21", "is '2026-11-21', which is over"),
        ("2026-11-22T11:59", "which is over"),
        ("2026-11-31", "is 2026-11-31, a day that there is not"),
        ("2026-12-01T24:00", "is '2026-12-01T24:00'"),
        ("2028-01-01", "more than a year ahead"),
        ("400d", "is '400d'"),
        ("0h", "is '0h'"),
        ("-3d", "is '-3d'"),
    ],
)
def test_what_is_past_far_or_no_time_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        until(text, NOW, RIYADH)
    assert said in caught.value.message()
    assert caught.value.context
    assert caught.value.context["fix"]


def test_a_wall_time_that_a_change_of_the_clock_leaves_out_is_the_hour_after() -> None:
    assert until("2027-03-28T01:30", datetime(2027, 3, 1, tzinfo=UTC), ZoneInfo("Europe/London")) == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )
