"""What is in force for a flow, and which changes need a new approval."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.policy.load import load_company, load_flow
from offswitch.policy.schema import Cap, CompanyPolicy, FlowPolicy, Human, Late, OnOff, Switch, WhenOff, canonical, effective, not_looser
from offswitch.policy.strictness import STRICTER

DAY = timedelta(days=1)


def _flow(folder: Path, *lines: str) -> tuple[FlowPolicy, CompanyPolicy]:
    path = folder / "welcome.yaml"
    path.write_text(path.read_text() + "\n".join(lines) + "\n")
    company = load_company(folder)
    return load_flow(folder, "welcome", company), company


def test_a_flow_that_says_nothing_takes_the_defaults_of_the_company(folder: Path) -> None:
    now = effective(*_flow(folder))
    assert (now.switch, now.when_off, now.late_after, now.late_then) == (Switch.ON, WhenOff.HAND_OVER, 3 * DAY, Late.REVIEW)
    assert (now.max_defer, now.held_max, now.unapproved_after, now.inflow.fresh) == (7 * DAY, DAY, timedelta(hours=4), 3 * DAY)
    assert (str(now.quiet), now.without_asking, now.rollout.salt) == ("21:00-09:00", 50, "welcome")
    assert now.caps == (Cap(1, DAY), Cap(3, 7 * DAY))
    assert [str(cap) for cap in now.caps] == ["1 per day", "3 per week"]
    assert now.humans_decide == frozenset(Human)


def test_the_word_of_the_flow_wins_but_the_caps_of_both_hold(folder: Path) -> None:
    now = effective(
        *_flow(folder, "limits: {per_contact: [2 per 12h]}", "quiet_hours: none", "late: {after: 10h, then: skip}", "max_defer: 30m")
    )
    assert now.company_caps + now.flow_caps == now.caps == (Cap(1, DAY), Cap(3, 7 * DAY), Cap(2, DAY / 2))
    assert (now.quiet, now.late_after, now.late_then, now.max_defer) == (None, timedelta(hours=10), Late.SKIP, timedelta(minutes=30))


def test_steps_have_switches_of_their_own(folder: Path) -> None:
    now = effective(*_flow(folder, "steps: {greet: {switch: off, when_off: hold}, value: {switch: on}}"))
    assert now.step_switch == {"greet": OnOff.OFF, "value": OnOff.ON}
    assert now.step_when_off == {"greet": WhenOff.HOLD}


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("on", "on"),
        ("On", "on"),
        ("YES", "on"),
        ("true", "on"),
        ("off", "off"),
        ("OFF", "off"),
        ("no", "off"),
        ("False", "off"),
        ('"off"', "off"),
        ("closing", "closing"),
    ],
)
def test_the_words_for_on_and_off_mean_what_they_say(folder: Path, word: str, meaning: str) -> None:
    path = folder / "welcome.yaml"
    path.write_text(path.read_text().replace("switch: on", f"switch: {word}"))
    assert load_flow(folder, "welcome", load_company(folder)).switch == meaning


def test_what_an_approval_is_about_can_be_written_as_json_in_one_order(folder: Path) -> None:
    said = canonical(*_flow(folder, "steps: {b: {}, a: {when_off: hold}}"))
    assert json.loads(json.dumps(said)) == said
    assert list(said) == list(canonical(*_flow(folder)))
    assert said["rollout.steps"] == ["50 contacts", "5%", "100%"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("switch: on", "switch: off"),
        ("owner: mariam", "owner: omar"),
        ("team: support", "team: care"),
        ("runbook: Open", "runbook: Please open"),
        ("minutes_per_item: 3", "minutes_per_item: 3  # a comment"),
        ("outside: none", 'outside: "none"'),
    ],
)
def test_switch_owner_team_runbook_and_style_need_no_new_approval(folder: Path, old: str, new: str) -> None:
    company, flow = folder / "company.yaml", folder / "welcome.yaml"
    company.write_text(
        company.read_text().replace("teams:", "  omar@bayan.example: {name: O, roles: [owner]}\nteams:\n  care: [mariam@bayan.example]")
    )
    flow.write_text(flow.read_text().replace("100%]}", "100%], outside: none}"))
    before = canonical(*_flow(folder))
    flow.write_text(flow.read_text().replace(old, new))
    assert canonical(*_flow(folder)) == before


CHANGES = [  # key, approved, now, still approved
    ("limits.per_contact", ["2 per day"], ["1 per day"], True),
    ("limits.per_contact", ["2 per day"], ["2 per week", "9 per hour"], True),
    ("limits.per_contact", ["2 per day", "5 per week"], ["2 per week"], True),
    ("limits.per_contact", ["2 per day"], ["2 per 12h"], False),
    ("limits.per_contact", ["2 per day"], ["3 per week"], False),
    ("company.limits.per_contact", ["2 per day"], [], False),
    ("quiet_hours", "21:00-09:00", "20:00-09:30", True),
    ("quiet_hours", "none", "20:00-09:30", True),
    ("quiet_hours", "21:00-09:00", "none", False),
    ("quiet_hours", "21:00-09:00", "22:00-12:00", False),
    ("quiet_hours", "21:00-09:00", "09:00-21:00", False),
    ("quiet_hours", "13:00-14:00", "21:00-20:00", True),
    ("late.after", "72h", "30m", True),
    ("late.after", "72h", "4d", False),
    ("late.then", "send", "review", True),
    ("late.then", "review", "send", False),
    ("late.then", "review", "skip", False),
    ("max_defer", "7d", "24h", True),
    ("inflow.admit_if_fresh", "72h", "73h", False),
    ("on_resume.without_asking", 50, 0, True),
    ("on_resume.without_asking", 50, 51, False),
    ("humans_decide", ["offer"], ["offer", "price"], True),
    ("humans_decide", ["offer", "price"], ["offer"], False),
    ("steps", [], ["greet"], True),
    ("steps", ["greet"], [], False),
    ("channels", ["email"], ["email", "sms"], True),
    ("channels", ["email"], [], False),
    ("connectors", ["smtp"], [], False),
    ("rollout.steps", ["5%", "100%"], ["5%", "50%"], False),
    ("when_off", "hand_over", "hold", False),
    ("zone", "Asia/Riyadh", "Asia/Dubai", False),
    ("sender", {"name": "A"}, {"name": "B"}, False),
]


@pytest.mark.parametrize(("key", "approved", "now", "holds"), CHANGES)
def test_only_a_stricter_change_stays_approved(folder: Path, key: str, approved: Any, now: Any, holds: bool) -> None:
    base = canonical(*_flow(folder))
    assert key in base
    assert not_looser({**base, key: approved}, {**base, key: now}) == ([] if holds else [key])


def test_a_key_that_came_or_went_is_a_change() -> None:
    assert not_looser({"a": 1, "b": 2}, {"b": 2, "c": 3}) == ["a", "c"]


def test_every_declared_direction_belongs_to_a_key(folder: Path) -> None:
    assert set(STRICTER) <= set(canonical(*_flow(folder)))


CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.builds("{}-{}".format, CLOCKS, CLOCKS).filter(lambda text: text[:5] != text[6:])


def _covered(window: str) -> set[int]:
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in window.split("-"))
    return {minute % 1440 for minute in range(start, end if end > start else end + 1440)}


@given(WINDOWS, WINDOWS)
def test_a_quiet_window_is_stricter_exactly_when_it_covers_every_minute_of_the_old(old: str, new: str) -> None:
    assert (not_looser({"quiet_hours": old}, {"quiet_hours": new}) == []) == (_covered(old) <= _covered(new))
