from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.diagnostic_triage import diagnostic_triage
from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch.journey.journey import Journey
from offswitch.project.plan import make_plan
from tests.act.journeys import booking, fragile, gifts, pair, tour
from tests.act.rig import YES, Rig
from tests.review.law import ROOT, go_live, planned, with_real_texts

KINDS: dict[str, dict[str, object]] = {
    "form.submitted": {"form": "contact"},
    "message.replied": {"text": "hello"},
    "check.started": {},
    "contact.unsubscribed": {},
    "message.bounced": {"hard": True},
    "test.left": {},
}
TRIGGERS: dict[str, dict[str, object]] = {
    "form.submitted": {"form": "contact"},
    "diagnostic.completed": {"answers": {}},
    "donation.succeeded": {"donation_id": "d1", "amount": 50, "currency": "SAR", "project": "wells"},
    "booking.created": {"booking_id": "b1", "starts_at": "2025-03-04T09:00:00+00:00"},
}
NAMES = ("Mona Haddad", "عبد الرحمن السديري", "", "http://spam.example", "Zero", "Nobody", "Odd")


@dataclass(frozen=True)
class Arrival:
    who: str
    kind: str
    hours: int
    consent: bool
    contact: dict[str, str]
    data: dict[str, object]


@st.composite
def arrivals(draw: st.DrawFn) -> Arrival:
    kind = draw(st.sampled_from([*TRIGGERS, *TRIGGERS, *KINDS]))
    data = dict(TRIGGERS.get(kind) or KINDS[kind])
    if kind == "donation.succeeded":
        data |= {"donation_id": draw(st.sampled_from(["d1", "d2"])), "amount": draw(st.sampled_from([5, 5000]))}
    contact = {
        "name": draw(st.sampled_from(NAMES)),
        "language": draw(st.sampled_from(["en", "en", "ar", "fr", ""])),
        "country": draw(st.sampled_from(["SA", "EG", ""])),
    }
    who = draw(st.sampled_from(["p1", "p2", "p3", "p4"]))
    return Arrival(who, kind, draw(st.sampled_from([0, 0, 1, 30, 80])), draw(st.booleans()), contact, data)


@dataclass(frozen=True)
class Past:
    """What happened before the plan: arrivals, then a pass after so many hours."""

    arrivals: list[Arrival]
    hours: int


pasts = st.lists(st.builds(Past, st.lists(arrivals(), max_size=4), st.sampled_from([0, 2, 26, 80])), max_size=3)
company = st.fixed_dictionaries(
    {
        "switch": st.sampled_from(["on", "on", "on", "off"]),
        "quiet": st.sampled_from(["none", '"21:00-09:00"', '"10:00-20:00"']),
        "caps": st.sampled_from(["1000 per day", "1 per day", "2 per week"]),
    }
)
flow = st.fixed_dictionaries(
    {
        "steps": st.sampled_from(["100%", "100%", "60%"]),
        "outside": st.sampled_from(["worklist", "none"]),
        "more": st.sampled_from(["", "when_off: hold", "late: {after: 24h, then: skip}"]),
    }
)
JOURNEYS: tuple[tuple[Journey, bool], ...] = (
    (welcome, True), (donor_thanks, True), (diagnostic_triage, True),
    (tour, False), (pair, False), (fragile, False), (booking, False), (gifts, False),
)  # fmt: skip


def bring(rig: Rig, arrived: list[Arrival], prefix: str) -> None:
    for place, one in enumerate(arrived):
        at = rig.clock.now() - timedelta(hours=one.hours)
        consent = YES if one.consent else ()
        rig.submit(f"{prefix}-{place}", kind=one.kind, who=one.who, at=at, consent=consent, contact=one.contact, **one.data)


@pytest.mark.parametrize(("journey", "real"), JOURNEYS, ids=[journey.name for journey, _ in JOURNEYS])
@settings(max_examples=9, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(past=pasts, off=st.booleans(), now=st.lists(arrivals(), max_size=8), said=company, policy=flow)
def test_what_a_plan_says_is_what_a_run_right_after_the_approval_does(
    journey: Journey, real: bool, past: list[Past], off: bool, now: list[Arrival], said: dict[str, str], policy: dict[str, str]
) -> None:
    with TemporaryDirectory() as folder:
        rig = Rig(Path(folder) / "project", journey)
        if real:
            with_real_texts(rig, journey)
        rig.save(rig.settings.policies / "scoring.yaml", (ROOT / "policies/scoring.yaml").read_text("utf-8"))
        for place, before in enumerate(past):
            bring(rig, before.arrivals, f"past {place}")
            rig.run(journey, timedelta(hours=before.hours))
        rig.switch(journey, "off")
        if off:
            rig.run(journey, timedelta(hours=1))
        rig.company(**said)
        rig.policy(journey, **policy)
        bring(rig, now, "now")
        plan = make_plan(rig.project, journey)
        assert planned(plan) == go_live(rig, journey)
        rig.close()
