"""Weekends, rates, silence and ranks: what is in force, and which changes need a new approval."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from offswitch.policy.calendar import Calendar, OnWeekends
from offswitch.policy.load import load_company, load_flow
from offswitch.policy.occasions import OccasionName
from offswitch.policy.pace import Pace
from offswitch.policy.schema import Cap, CompanyPolicy, FlowPolicy, canonical, effective, not_looser

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FEAST = "occasions: [{name: eid_al_fitr, countries: [SA], days: 3}]"


def _load(folder: Path, company: str = "", flow: str = "") -> tuple[FlowPolicy, CompanyPolicy]:
    for name, lines in (("company", company), ("welcome", flow)):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text() + (lines + "\n" if lines else ""))
    found = load_company(folder)
    return load_flow(folder, "welcome", found), found


def test_whoever_writes_none_of_it_has_none_of_it(folder: Path) -> None:
    now = effective(*_load(folder))
    assert now.pace == Pace()
    assert not now.pace.calendar
    assert not now.pace.limited


def test_both_rates_hold_and_the_caps_stay_where_only_a_rate_is_written(folder: Path) -> None:
    now = effective(*_load(folder, "limits: {rate: 300 per minute}", "limits: {rate: 5000 per hour}"))
    assert (now.pace.company_rate, now.pace.flow_rate) == (Cap(300, MINUTE), Cap(5000, 60 * MINUTE))
    assert now.caps == (Cap(1, DAY), Cap(3, 7 * DAY))


def test_only_a_flow_that_says_so_keeps_the_weekends_but_all_keep_the_days_of_the_company(folder: Path) -> None:
    lines = "weekends: {SA: [friday], default: [sunday]}\nblackouts: [{from: 2027-05-01, to: 2027-05-01, why: x}]\n" + FEAST
    flow, company = _load(folder, lines, "blackouts: [{from: 2027-05-02, to: 2027-05-02, why: y}]")
    days = effective(flow, company).pace.calendar
    quiet = effective(flow.model_copy(update={"weekends": OnWeekends.QUIET}), company).pace.calendar
    assert (days.weekends, len(days.blackouts), len(days.occasions)) == ({}, 2, 1)
    assert days.rest(date(2027, 5, 7), "SA") == ""
    assert quiet.rest(date(2027, 5, 7), "SA") == "weekend in SA"


def test_greetings_on_a_feast_are_not_kept_back_by_it_and_need_an_approval(folder: Path) -> None:
    flow, company = _load(folder, f"weekends: {{default: [saturday]}}\n{FEAST.removesuffix(']')}, {{name: eid_al_adha, countries: [SA]}}]")
    greeting = flow.model_copy(update={"occasion": OccasionName.EID_AL_FITR})
    days, other = (effective(one, company).pace.calendar for one in (greeting, flow))
    feast = next(day for day in (date(2027, 1, 1) + DAY * n for n in range(365)) if other.rest(day, "SA").startswith("eid_al_fitr"))
    assert days.rest(feast, "SA") == ""
    assert [one.name.value for one in days.occasions] == ["eid_al_adha"]
    assert not_looser(canonical(flow, company), canonical(greeting, company)) == ["occasions"]


def test_the_silence_of_the_flow_wins_over_that_of_the_company(folder: Path) -> None:
    silence = "silence: {{after: {}, slower: 1.5x, stop: 9}}"
    flow, company = _load(folder, silence.format(3), silence.format(2))
    assert str(effective(flow, company).pace.silence) == "2 1.5x 9"
    assert str(effective(flow.model_copy(update={"silence": None}), company).pace.silence) == "3 1.5x 9"


CHANGES = [  # key, approved, now, still approved
    ("limits.rate", "none", "300 per minute", True),
    ("limits.rate", "300 per minute", "200 per minute", True),
    ("limits.rate", "300 per minute", "300 per hour", True),
    ("limits.rate", "300 per minute", "400 per minute", False),
    ("limits.rate", "300 per minute", "none", False),
    ("company.limits.rate", "300 per minute", "none", False),
    ("weekends", {}, {"SA": ["friday"], "default": ["sunday"]}, True),
    ("weekends", {"default": ["sunday"]}, {"SA": ["friday"], "default": ["sunday"]}, False),  # no Sunday there any more
    ("weekends", {"default": ["sunday"]}, {"SA": ["friday", "sunday"], "default": ["sunday"]}, True),
    ("weekends", {"default": ["sunday"]}, {}, False),
    ("blackouts", ["a"], ["a", "b"], True),
    ("blackouts", ["a"], ["b"], False),
    ("company.blackouts", ["a"], [], False),
    ("occasions", [], ["mawlid, 1 d in SA"], True),
    ("occasions", ["mawlid, 1 d in SA"], [], False),
    ("silence", "none", "2 2x 4", True),
    ("silence", "2 2x 4", "none", False),
    ("silence", "3 2x 5", "2 3x 4", True),
    ("silence", "2 2x 4", "3 2x 4", False),
    ("silence", "2 2x 4", "2 1.5x 4", False),
    ("silence", "2 2x 4", "2 2x 10", False),
    ("priority", 50, 40, True),
    ("priority", 50, 60, False),
    ("exclusive_group", "", "education", False),
]


@pytest.mark.parametrize(("key", "approved", "now", "holds"), CHANGES)
def test_only_a_stricter_change_stays_approved(folder: Path, key: str, approved: Any, now: Any, holds: bool) -> None:
    base = canonical(*_load(folder))
    assert key in base
    assert not_looser({**base, key: approved}, {**base, key: now}) == ([] if holds else [key])


def test_who_confirms_the_day_of_a_feast_needs_no_new_approval(folder: Path) -> None:
    flow, company = _load(folder, FEAST)
    confirmed = company.occasions[0].model_copy(update={"dates": {2027: date(2027, 3, 10)}, "confirmed_by": "mariam@bayan.example"})
    after = company.model_copy(update={"occasions": (confirmed,)})
    assert canonical(flow, company) == canonical(flow, after)
    assert Calendar(occasions=after.occasions).rest(date(2027, 3, 9), "SA") == ""


@pytest.mark.parametrize("lines", ["limits: {rate: 9 per day}", "priority: 9", "blackouts: [{from: 2027-05-02, to: 2027-05-02, why: y}]"])
def test_every_key_is_part_of_what_is_approved(folder: Path, lines: str) -> None:
    before = canonical(*_load(folder))
    assert canonical(*_load(folder, "", lines)) != before
