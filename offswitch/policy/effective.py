"""What is in force for one flow: its own words first, then the company's, and the limits of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from offswitch.policy.authority import Authority, Member
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.experiments import Experiment
from offswitch.policy.fact_rules import FactRules, canonical_rules, fact_rules
from offswitch.policy.field_owner import FieldOwner
from offswitch.policy.flow import FlowPolicy, OnOff, Switch
from offswitch.policy.guardrails import Guardrails, Metric, OnBreach
from offswitch.policy.human import ALWAYS_HUMAN
from offswitch.policy.launch import Launch
from offswitch.policy.limits import Late
from offswitch.policy.off_and_on import DelayClock, Inflow, OnResume, Removed, WhenOff
from offswitch.policy.overrides import Override
from offswitch.policy.pace import Pace, canonical_pace, pace_of
from offswitch.policy.readiness import Asked, asked_of, canonical_readiness
from offswitch.policy.rollout import Rollout
from offswitch.policy.share import Share
from offswitch.policy.sorting import Sorting
from offswitch.policy.values import Cap, QuietHours, written

T = TypeVar("T")
UNSORTED, NO_RULES, NO_PACE = Sorting(), FactRules(), Pace()
COMPANY_CAPS = (Cap(1, timedelta(days=1)), Cap(3, timedelta(days=7)))  # where company.yaml says nothing
WITHOUT_ASKING, SECOND_PERSON_ABOVE, RELEASE = 50, 500, Cap(200, timedelta(hours=1))  # where neither file says anything
NOBODY, ONE_YES = Authority(), Launch()


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
    humans_decide: frozenset[str]
    guardrails: Mapping[Metric, Share] = field(default_factory=dict)
    on_breach: OnBreach = OnBreach.STOP
    facts: FactRules = NO_RULES
    readiness: Asked | None = None
    keep: frozenset[str] = frozenset()
    pace: Pace = NO_PACE
    authority: Authority = NOBODY
    launch: Launch = ONE_YES
    review: timedelta | None = None
    overrides: tuple[Override, ...] = ()
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    field_owner: Mapping[str, FieldOwner] = field(default_factory=dict)

    @property
    def grows_by_itself(self) -> bool:
        """Does the rollout go up without a person's word, while its guardrails see no harm?"""
        return bool(self.guardrails) and self.rollout.by_itself and len(self.rollout.steps) > 1


def effective(flow: FlowPolicy, company: CompanyPolicy, sorting: Sorting = UNSORTED) -> Effective:
    """The flow's word where it says one, else the company's. `sorting` is how the project sorts people."""
    late = _first(flow.late, company.late)
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
        **_caps(flow, company),
        quiet=_window(_first(flow.quiet_hours, company.quiet_hours)),
        late_after=late.after,
        late_then=late.then,
        max_defer=_first(flow.max_defer, company.max_defer),
        held_max=_first(flow.held_max, company.held_max),
        unapproved_after=_first(flow.unapproved_after, company.unapproved_after),
        inflow=_first(flow.inflow, company.inflow),
        delay_clock=_first(flow.delay_clock, company.delay_clock),
        **_on_resume(flow.on_resume or OnResume(), company.on_resume),
        capacity=flow.capacity,
        removed_steps=flow.removed_steps,
        reschedule=flow.reschedule,
        humans_decide=ALWAYS_HUMAN.union(company.humans_decide, flow.humans_decide),
        **_guards(flow.guardrails or Guardrails(), company.guardrails),
        keep=frozenset(kept.value for kept in company.keep),
        facts=fact_rules(flow, sorting),
        pace=pace_of(flow, company),
        readiness=asked_of(flow.readiness, company.readiness, flow.runbook, company.teams.get(flow.team, ())),
        review=_first(flow.review, company.review),
        overrides=company.overrides + flow.overrides,
        authority=authority_of(flow, company),
        launch=launch_of(flow, company),
        experiments=flow.experiments,
        field_owner=company.field_owner,
    )


def _caps(flow: FlowPolicy, company: CompanyPolicy) -> dict[str, Any]:
    of_flow = (flow.limits.per_contact or ()) if flow.limits else ()
    of_company = company.limits.per_contact or COMPANY_CAPS
    return {"flow_caps": of_flow, "company_caps": of_company, "caps": of_company + of_flow}


def authority_of(flow: FlowPolicy, company: CompanyPolicy) -> Authority:
    """Who may decide what in this flow."""
    classes = {named for ceilings in company.authority.values() for named in ceilings}
    team = company.teams.get(flow.team, ())
    return Authority(
        {one: {role: theirs[one] for role, theirs in company.authority.items() if one in theirs} for one in sorted(classes)},
        {who: Member(one.name, frozenset(one.roles), who in team) for who, one in company.people.items()},
        flow.owner,
    )


def launch_of(flow: FlowPolicy, company: CompanyPolicy) -> Launch:
    """How far one approval of this flow reaches."""
    return Launch(
        _first(flow.mass, company.mass),
        _first(flow.approved_for, company.approved_for),
        _first(flow.approved_growth, company.approved_growth),
    )


def _window(said: QuietHours | str) -> QuietHours | None:
    """None where the word is `none`."""
    return said if isinstance(said, QuietHours) else None


def _guards(mine: Guardrails, theirs: Guardrails) -> dict[str, Any]:
    """The flow's ceiling for each metric that it names, else the company's."""
    on_breach = _first(mine.on_breach, _first(theirs.on_breach, OnBreach.STOP))
    return {"guardrails": {**theirs.ceilings, **mine.ceilings}, "on_breach": on_breach}


def _on_resume(mine: OnResume, theirs: OnResume) -> dict[str, Any]:
    """How a backlog is let go."""
    return {
        "without_asking": _first(mine.without_asking, _first(theirs.without_asking, WITHOUT_ASKING)),
        "second_person_above": _first(mine.second_person_above, _first(theirs.second_person_above, SECOND_PERSON_ABOVE)),
        "release": _first(mine.release, _first(theirs.release, RELEASE)),
    }


def canonical(flow: FlowPolicy, company: CompanyPolicy, sorting: Sorting = UNSORTED) -> dict[str, Any]:
    """What an approval is about, ready for JSON, in one order: all that shapes this flow's messages and their number.

    Switches, owner, team and runbook are left out: turning off, and who works the list, never need a new approval.
    """
    now = effective(flow, company, sorting)
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
        "humans_decide": sorted(now.humans_decide),
        "when_off": now.when_off.value,
        "steps": sorted(now.step_switch),
        "keep": sorted(now.keep),
        "channels": sorted(company.channels),
        "connectors": sorted(company.connectors),
        "steps.when_off": {name: choice.value for name, choice in sorted(now.step_when_off.items())},
        "minutes_per_item": now.minutes_per_item,
        **_ramp(now),
        **canonical_rules(flow, sorting),
        **canonical_pace(flow, company),
        **canonical_readiness(now.readiness),
        "review": written(now.review) if now.review else "none",
        **{f"{whose}overrides": sorted(map(str, one.overrides)) for whose, one in (("", flow), ("company.", company))},
        **now.launch.canonical(),
        "experiments": {message: one.canonical() for message, one in sorted(now.experiments.items())},
        **_letterhead(company),
    }


def _ramp(now: Effective) -> dict[str, Any]:
    """What the rollout moves on, and what stops it."""
    rollout = now.rollout
    return {
        "rollout.hold": written(rollout.hold),
        "rollout.matures_after": written(rollout.matures_after),
        "rollout.matured": str(rollout.matured),
        "rollout.min_matured": rollout.min_matured,
        "rollout.by_itself": "yes" if now.grows_by_itself else "no",
        "rollout.tier": rollout.tier or 0,
        "rollout.after": sorted(rollout.after),
        "rollout.stable": written(rollout.stable),
        "rollout.holdout": str(rollout.holdout or Share(0)),
        "guardrails": {metric.value: str(now.guardrails[metric]) for metric in Metric if metric in now.guardrails},
        "guardrails.on_breach": now.on_breach.value,
    }


def _letterhead(company: CompanyPolicy) -> dict[str, Any]:
    """What every message shows of the company, what its clock depends on, and whose the fields of the CRM are."""
    owners = {name: owner.value for name, owner in sorted(company.field_owner.items())}
    return {
        "sender": company.sender.model_dump(mode="json"),
        "privacy_url": company.privacy_url,
        "unsubscribe_url": company.unsubscribe_url,
        "zone": company.zone,
        "country_zones": dict(sorted(company.country_zones.items())),
        **({"field_owner": owners} if owners else {}),
    }


def _first(mine: T | None, theirs: T) -> T:
    return theirs if mine is None else mine
