"""What is in force for one flow: its own words first, then the company's, and the limits of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from offswitch.policy.company import CompanyPolicy
from offswitch.policy.flow import FlowPolicy, Human, OnOff, Switch
from offswitch.policy.limits import Late
from offswitch.policy.off_and_on import DelayClock, Inflow, OnResume, Removed, WhenOff
from offswitch.policy.rollout import Rollout
from offswitch.policy.values import Cap, QuietHours, written

T = TypeVar("T")
WITHOUT_ASKING, SECOND_PERSON_ABOVE, RELEASE = 50, 500, Cap(200, timedelta(hours=1))  # where neither file says anything
ALWAYS_HUMAN = frozenset({Human.DECISION, Human.OFFER, Human.CLOSING})  # no file can hand these to the machine


@dataclass(frozen=True, slots=True)
class Effective:
    """Every value resolved, as the gate reads it. Caps of company and flow both hold; `quiet` None is no quiet hours.

    `step_switch` and `step_when_off` name only the steps about which the policy says something.
    """

    switch: Switch
    when_off: WhenOff
    step_switch: Mapping[str, OnOff]
    step_when_off: Mapping[str, WhenOff]
    team: str
    owner: str
    runbook: str
    minutes_per_item: int
    rollout: Rollout
    flow_caps: tuple[Cap, ...]
    company_caps: tuple[Cap, ...]
    caps: tuple[Cap, ...]
    quiet: QuietHours | None
    late_after: timedelta
    late_then: Late
    max_defer: timedelta
    held_max: timedelta
    unapproved_after: timedelta
    inflow: Inflow
    delay_clock: DelayClock
    without_asking: int
    second_person_above: int
    release: Cap
    capacity: int | None
    removed_steps: Mapping[str, Removed]
    reschedule: Mapping[str, timedelta]
    humans_decide: frozenset[Human]


def effective(flow: FlowPolicy, company: CompanyPolicy) -> Effective:
    """The flow's word where it says one, else the company's."""
    flow_caps = flow.limits.per_contact if flow.limits else ()
    company_caps = company.limits.per_contact
    quiet = _first(flow.quiet_hours, company.quiet_hours)
    late = _first(flow.late, company.late)
    resume = flow.on_resume or OnResume()
    return Effective(
        switch=flow.switch,
        when_off=_first(flow.when_off, company.when_off),
        step_switch={name: step.switch for name, step in flow.steps.items()},
        step_when_off={name: step.when_off for name, step in flow.steps.items() if step.when_off},
        team=flow.team,
        owner=flow.owner,
        runbook=flow.runbook,
        minutes_per_item=flow.minutes_per_item,
        rollout=flow.rollout,
        flow_caps=flow_caps,
        company_caps=company_caps,
        caps=company_caps + flow_caps,
        quiet=quiet if isinstance(quiet, QuietHours) else None,
        late_after=late.after,
        late_then=late.then,
        max_defer=_first(flow.max_defer, company.max_defer),
        held_max=_first(flow.held_max, company.held_max),
        unapproved_after=_first(flow.unapproved_after, company.unapproved_after),
        inflow=_first(flow.inflow, company.inflow),
        delay_clock=_first(flow.delay_clock, company.delay_clock),
        without_asking=_first(resume.without_asking, _first(company.on_resume.without_asking, WITHOUT_ASKING)),
        second_person_above=_first(resume.second_person_above, _first(company.on_resume.second_person_above, SECOND_PERSON_ABOVE)),
        release=_first(resume.release, _first(company.on_resume.release, RELEASE)),
        capacity=flow.capacity,
        removed_steps=flow.removed_steps,
        reschedule=flow.reschedule,
        humans_decide=ALWAYS_HUMAN.union(company.humans_decide, flow.humans_decide or ()),
    )


def canonical(flow: FlowPolicy, company: CompanyPolicy) -> dict[str, Any]:
    """What an approval is about, ready for JSON, in one order: all that shapes this flow's messages and their number.

    Switches, owner, team and runbook are left out: turning off, and who works the list, never need a new approval.
    """
    now = effective(flow, company)
    return {
        "rollout.steps": [str(rung) for rung in now.rollout.steps],
        "rollout.salt": now.rollout.salt,
        "rollout.outside": now.rollout.outside.value,
        "limits.per_contact": sorted(str(cap) for cap in now.flow_caps),
        "company.limits.per_contact": sorted(str(cap) for cap in now.company_caps),
        "quiet_hours": str(now.quiet) if now.quiet else "none",
        "late.after": written(now.late_after),
        "late.then": now.late_then.value,
        "max_defer": written(now.max_defer),
        "held_max": written(now.held_max),
        "unapproved_after": written(now.unapproved_after),
        "inflow": str(now.inflow),
        "inflow.admit_if_fresh": written(now.inflow.fresh),
        "delay_clock": now.delay_clock.value,
        "on_resume.without_asking": now.without_asking,
        "on_resume.second_person_above": now.second_person_above,
        "on_resume.release": str(now.release),
        "removed_steps": {name: str(where) for name, where in sorted(now.removed_steps.items())},
        "reschedule": {name: written(wait) for name, wait in sorted(now.reschedule.items())},
        "humans_decide": sorted(human.value for human in now.humans_decide),
        "when_off": now.when_off.value,
        "steps": sorted(now.step_switch),
        "channels": sorted(company.channels),
        "connectors": sorted(company.connectors),
        "steps.when_off": {name: choice.value for name, choice in sorted(now.step_when_off.items())},
        "minutes_per_item": now.minutes_per_item,
        **_letterhead(company),
    }


def _letterhead(company: CompanyPolicy) -> dict[str, Any]:
    """What every message shows of the company, and what its clock depends on."""
    return {
        "sender": company.sender.model_dump(mode="json"),
        "privacy_url": company.privacy_url,
        "unsubscribe_url": company.unsubscribe_url,
        "zone": company.zone,
        "country_zones": dict(sorted(company.country_zones.items())),
    }


def _first(mine: T | None, theirs: T) -> T:
    return theirs if mine is None else mine
