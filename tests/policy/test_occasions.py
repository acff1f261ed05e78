"""When feasts and national days fall. Two libraries that know nothing of each other must agree."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from offswitch.policy.occasions import Occasion, OccasionName, Span, proposed

DAY = timedelta(days=1)
EID = OccasionName.EID_AL_FITR


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (EID, "Eid al-Fitr"),
        (OccasionName.EID_AL_ADHA, "Eid al-Adha"),
        (OccasionName.ISLAMIC_NEW_YEAR, "Islamic New Year"),
        (OccasionName.MAWLID, "Prophet's Birthday"),
        (OccasionName.ARAFAH, "Day of Arafah"),
    ],
)
def test_the_lunar_calendar_agrees_with_the_list_of_public_holidays_within_a_day(name: OccasionName, called: str) -> None:
    for year in (2024, 2025, 2026, 2027, 2028):
        listed = country_holidays("KW", years=year, language="en_US").get_named(called)
        assert any(abs(min(listed) - day) <= DAY for day in proposed(name, "KW", year)), (year, listed)


@pytest.mark.parametrize(
    ("name", "country", "year", "days"),
    [
        (EID, "SA", 2025, ["2025-03-30"]),
        (OccasionName.RAMADAN, "SA", 2026, ["2026-02-18"]),
        (OccasionName.EID_AL_ADHA, "EG", 2027, ["2027-05-16"]),
        (EID, "SA", 2033, ["2033-01-02", "2033-12-23"]),  # a lunar year is shorter: twice in this one
        (OccasionName.NATIONAL_DAY, "SA", 2027, ["2027-09-23"]),
        (OccasionName.NATIONAL_DAY, "AE", 2027, ["2027-12-02"]),
        (OccasionName.FOUNDING_DAY, "SA", 2027, ["2027-02-22"]),
        (OccasionName.INDEPENDENCE_DAY, "US", 2027, ["2027-07-04"]),  # not the one of June
        (OccasionName.FOUNDING_DAY, "EG", 2027, []),
        (EID, "SA", 2090, []),  # nobody has calculated that far
    ],
)
def test_the_calendar_proposes_a_first_day(name: OccasionName, country: str, year: int, days: list[str]) -> None:
    assert [str(day) for day in proposed(name, country, year)] == days


def eid(**more: object) -> Occasion:
    return Occasion.model_validate({"name": "eid_al_fitr", "countries": ["SA", "AE"], "days": 3, **more})


def confirmed(day: str) -> Occasion:
    return eid(dates={int(day[:4]): date.fromisoformat(day)}, confirmed_by="mariam@bayan.example")


@pytest.mark.parametrize(
    ("feast", "first", "last"),
    [(eid(), "2027-03-08", "2027-03-12"), (confirmed("2027-03-10"), "2027-03-10", "2027-03-12")],
)
def test_until_somebody_confirms_a_feast_a_day_more_at_either_end_is_kept(feast: Occasion, first: str, last: str) -> None:
    kept = [day for n in range(365) if feast.on(day := date(2027, 1, 1) + n * DAY, "SA")]
    assert (str(kept[0]), str(kept[-1]), len(kept)) == (first, last, (kept[-1] - kept[0]).days + 1)


def test_a_date_that_is_confirmed_for_one_feast_of_a_year_leaves_the_other_open() -> None:
    spans = list(confirmed("2033-12-24").spans("SA", 2033))
    assert [(str(span.first), span.confirmed) for span in spans] == [("2033-12-24", True), ("2033-01-02", False)]


@pytest.mark.parametrize(("country", "kept"), [("SA", True), ("AE", True), ("", True), ("EG", False)])
def test_whose_country_is_not_known_is_counted_in(country: str, kept: bool) -> None:
    assert (eid().on(date(2027, 3, 9), country) is not None) is kept


@pytest.mark.parametrize(
    ("feast", "today", "first"),
    [
        (eid(), "2027-02-06", None),
        (eid(), "2027-02-07", "2027-03-09"),
        (eid(), "2027-03-09", "2027-03-09"),
        (eid(), "2027-03-10", None),
        (confirmed("2027-03-09"), "2027-03-01", None),
        (Occasion(name=OccasionName.NATIONAL_DAY, countries=("SA",)), "2027-09-20", None),
    ],
)
def test_a_feast_is_announced_as_not_confirmed_thirty_days_ahead(feast: Occasion, today: str, first: str | None) -> None:
    found = feast.unconfirmed(date.fromisoformat(today), 30 * DAY)
    assert (str(found.first) if found else None) == first


@given(st.sampled_from([name for name in OccasionName if eid().model_copy(update={"name": name}).lunar]), st.integers(1930, 2076))
def test_every_year_has_each_feast_once_or_twice_and_never_far_from_the_year_before(name: OccasionName, year: int) -> None:
    days = proposed(name, "", year)
    assert 1 <= len(days) <= 2
    assert all(any(350 <= (day - before).days <= 356 for before in (*proposed(name, "", year - 1), *days)) for day in days)


def test_a_span_holds_its_margin() -> None:
    span = Span(date(2027, 3, 9), date(2027, 3, 11), confirmed=False, margin=DAY)
    assert [span.holds(date(2027, 3, day)) for day in (7, 8, 12, 13)] == [False, True, True, False]


def test_who_keeps_no_occasion_loads_no_calendar() -> None:
    code = "import sys; import offswitch.policy.load, offswitch.gate.act; print({'holidays', 'hijridate'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
