"""Cases for the gate: a permissive one, and strategies for hostile ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from offswitch.gate.case import MARKETING, RECORD, SERVICE, Case
from offswitch.gate.standing import Standing, Stop
from offswitch.model.action import Action, Kind
from offswitch.model.verdict import Lane
from offswitch.policy.effective import Effective
from offswitch.policy.off_and_on import DelayClock, Inflow, WhenOff
from offswitch.policy.schema import Human, Late, OnOff, Outside, Rollout, Rung, Switch
from offswitch.policy.values import Cap, QuietHours

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
RIYADH = ZoneInfo("Asia/Riyadh")
DAY, WEEK = timedelta(days=1), timedelta(days=7)
LETTER = Action(Kind.SEND, "send:hello", "email", "hello")
YES = frozenset({(MARKETING, "email")})


def policy_of(**over: Any) -> Effective:
    """A policy without limits."""
    values: dict[str, Any] = {
        "switch": Switch.ON, "when_off": WhenOff.HAND_OVER, "step_switch": {}, "step_when_off": {}, "team": "support",
        "owner": "mariam@bayan.example", "runbook": "r", "minutes_per_item": 3, "rollout": Rollout(steps=(Rung(ppm=1_000_000),), salt="s"),
        "flow_caps": (), "company_caps": (), "caps": (), "quiet": None, "late_after": timedelta(hours=72), "late_then": Late.REVIEW,
        "max_defer": WEEK, "held_max": DAY, "unapproved_after": timedelta(hours=4), "inflow": Inflow(),
        "delay_clock": DelayClock.WALL, "without_asking": 50, "second_person_above": 500, "release": Cap(200, timedelta(hours=1)),
        "capacity": None, "removed_steps": {}, "reschedule": {}, "humans_decide": frozenset(Human),
    }  # fmt: skip
    return Effective(**{**values, **over})


def standing_of(*stops: Stop, policy: Effective | None = None, **over: Any) -> Standing:
    """On and approved, but for these stops."""
    return Standing("welcome", policy or policy_of(), stops, **over)


def case_of(**over: Any) -> Case:
    """A marketing letter to somebody who agreed, due now."""
    values: dict[str, Any] = {"standing": standing_of(), "action": LETTER, "step": "greet", "purpose": MARKETING, "now": NOW}
    values |= {"since": NOW, "zone": RIYADH, "connector": "smtp", "consent": YES, "onward": YES}
    return Case(**{**values, **over})


def with_policy(case: Case, **over: Any) -> Case:
    """The same case under a changed policy."""
    assert case.standing.policy is not None
    return replace(case, standing=replace(case.standing, policy=replace(case.standing.policy, **over)))


ZONES = st.sampled_from(["Asia/Riyadh", "Africa/Cairo", "Europe/London", "America/St_Johns", "Pacific/Apia", "UTC"]).map(ZoneInfo)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1000)).map(lambda age: NOW - timedelta(days=400) + age)
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, tzinfo=None))
QUIET = st.builds(QuietHours, CLOCKS, CLOCKS).filter(lambda quiet: quiet.start != quiet.end)
CAPS = st.lists(st.builds(Cap, st.integers(1, 4), st.timedeltas(timedelta(minutes=1), timedelta(days=30))), max_size=3).map(tuple)
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))
STOPS = st.builds(
    Stop,
    st.sampled_from(["company", "flow", "channel:email", "connector:smtp", "step:greet"]),
    st.just(""),
    st.sampled_from(["welcome.yaml", "stop file", "environment", "ledger"]),
    automatic=st.booleans(),
).map(lambda stop: replace(stop, scope=stop.scope.partition(":")[0], name=stop.scope.partition(":")[2]))


@st.composite
def policies(draw: st.DrawFn) -> Effective:
    """Any policy that a file could say."""
    return policy_of(
        when_off=draw(st.sampled_from(WhenOff)),
        step_when_off=draw(st.dictionaries(st.just("greet"), st.sampled_from(WhenOff))),
        caps=draw(CAPS),
        quiet=draw(st.none() | QUIET),
        late_after=draw(st.timedeltas(timedelta(minutes=1), timedelta(days=10))),
        late_then=draw(st.sampled_from(Late)),
        max_defer=draw(st.timedeltas(timedelta(minutes=1), timedelta(days=10))),
        humans_decide=draw(st.frozensets(st.sampled_from(Human))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any facts, nothing stopped."""
    now = draw(MOMENTS)
    sent = sorted((now - age for age in draw(st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=6))), reverse=True)
    return case_of(
        standing=standing_of(policy=draw(policies())),
        purpose=draw(st.sampled_from([MARKETING, SERVICE, RECORD])),
        now=now,
        since=now - draw(SPANS),
        zone=draw(ZONES),
        consent=draw(st.sampled_from([YES, frozenset()])),
        suppressed=draw(st.sampled_from([frozenset(), frozenset({"email"}), frozenset({"sms"})])),
        sent=tuple(sent),
        onward=draw(st.frozensets(st.tuples(st.sampled_from([MARKETING, SERVICE]), st.sampled_from(["email", "sms"])))),
        put_off=draw(SPANS),
        lane=draw(st.sampled_from(Lane)),
        lane_reason="outside the rollout",
        approved=draw(st.booleans()),
        decides=draw(st.sampled_from(["", "offer", "mass"])),
        lacking=draw(st.sampled_from(["", "name is not known"])),
        down=draw(st.sampled_from(["", "smtp: no answer"])),
    )


__all__ = [
    "CAPS",
    "CLOCKS",
    "DAY",
    "LETTER",
    "MARKETING",
    "MOMENTS",
    "NOW",
    "QUIET",
    "RECORD",
    "RIYADH",
    "SERVICE",
    "SPANS",
    "STOPS",
    "WEEK",
    "YES",
    "ZONES",
    "Cap",
    "Human",
    "Late",
    "OnOff",
    "Outside",
    "QuietHours",
    "Rollout",
    "Rung",
    "Stop",
    "Switch",
    "WhenOff",
    "case_of",
    "cases",
    "policies",
    "policy_of",
    "standing_of",
    "time",
    "with_policy",
]
