"""A rule that a policy leaves nothing to say isn't asked, and nobody can tell: the answer is that of all rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.gate import act as gate
from offswitch.gate.act import act
from offswitch.gate.case import Begun, Case
from offswitch.gate.idle import idle
from offswitch.gate.rules import ORDER, asked
from offswitch.gate.seen import replay
from offswitch.gate.standing import Standing
from offswitch.policy.calendar import Blackout, Calendar, Weekday
from offswitch.policy.fact_rules import FactRules, Told
from offswitch.policy.limits import Silence, Times
from offswitch.policy.pace import Pace
from tests.gate.cases import (
    DAY,
    MOMENTS,
    NOW,
    STOPS,
    Cap,
    Late,
    QuietHours,
    Stop,
    case_of,
    cases,
    policy_of,
    standing_of,
    time,
    with_policy,
)
from tests.gate.test_rank_rules import claim

EVERY = {rule.__name__ for rule in ORDER}
REST = Calendar({"default": (Weekday.SATURDAY, Weekday.SUNDAY)}, (Blackout(**{"from": "2025-03-01", "to": "2025-03-09", "why": "x"}),))
PACES = st.builds(
    Pace,
    calendar=st.sampled_from([Calendar(), REST]),
    silence=st.sampled_from([None, Silence(after=2, slower=Times(20), stop=4)]),
    group=st.sampled_from(["", "g"]),
)
ASKS = st.sampled_from([FactRules(), FactRules(max_ask={"trust": 2})])
MORE: dict[str, st.SearchStrategy[Any]] = {
    "ask": st.integers(0, 4),
    "told": st.sampled_from([Told(), Told(stage="trust"), Told(unsure="x"), Told(lacking="x")]),
    "country": st.sampled_from(["", "SA"]),
    "unanswered": st.lists(MOMENTS, max_size=5).map(lambda times: tuple(sorted(times, reverse=True))),
    "ahead": st.sampled_from([(), (claim(),), (claim(grouped=True),)]),
    "begun": st.sampled_from([(), (Begun(Cap(1, DAY), 1, NOW + DAY),)]),
}


@st.composite
def hostile(draw: st.DrawFn) -> Case:
    """Any facts under any policy, stopped or not: also facts that such a policy would never let anybody gather."""
    case = with_policy(draw(cases()), pace=draw(PACES), facts=draw(ASKS))
    stops = tuple(draw(st.lists(STOPS, max_size=1)))
    return replace(case, standing=replace(case.standing, stops=stops), **draw(st.fixed_dictionaries(MORE)))


@settings(max_examples=100)
@given(hostile())
def test_whoever_is_not_asked_would_not_have_objected(case: Case) -> None:
    silent = [rule for rule in ORDER if rule not in asked(case.standing.idle)]
    assert [rule.__name__ for rule in silent if rule(case) is not None] == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "asked", lambda _idle: ORDER)
        everybody = act(case)
    assert act(case) == everybody


def test_a_policy_that_limits_nothing_asks_nobody_about_limits_and_one_that_uses_every_key_asks_all() -> None:
    limits = {"ask", "calendar", "quiet_hours", "silence", "cap", "group", "priority"}
    assert idle(policy_of()) == limits
    assert idle(policy_of(late_then=Late.SEND)) == limits | {"late"}
    every = Pace(calendar=REST, silence=Silence(after=2, slower=Times(20), stop=4), group="g")
    quiet = QuietHours(time(21), time(9))
    assert idle(policy_of(caps=(Cap(1, DAY),), quiet=quiet, pace=every, facts=FactRules(max_ask={"trust": 2}))) == frozenset()


def test_only_where_nothing_stops_nobody_asks_for_stops() -> None:
    assert "stop" in standing_of().idle
    assert "stop" not in standing_of(Stop("channel", "sms", "company.yaml")).idle
    assert "stop" not in standing_of(unapproved="changed").idle
    assert Standing("welcome", None).idle == {"mass"}  # nobody has approved what isn't there


def test_every_idle_rule_is_a_rule_and_why_lists_it_all_the_same() -> None:
    assert standing_of().idle < EVERY
    assert [one["rule"].replace(" ", "_") for one in replay(case_of())] == [rule.__name__ for rule in ORDER]


def test_a_calendar_says_the_same_of_a_day_however_often_it_is_asked() -> None:
    days = [date(2025, 3, day) for day in (1, 9, 10, 15)]
    first = [REST.rest(day, country) for day in days for country in ("SA", "")]
    assert first == [REST.rest(day, country) for day in days for country in ("SA", "")]
    assert first[0].startswith("blackout")
    assert first[-1] == "weekend"
