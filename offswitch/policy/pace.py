"""When, how often, and which flow first: what a flow's own words and the company's make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offswitch.policy.calendar import Calendar, OnWeekends, canonical_calendar
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.flow import FlowPolicy
from offswitch.policy.limits import Silence
from offswitch.policy.occasions import Occasion
from offswitch.policy.values import Cap

PRIORITY = 50
EVERY_DAY = Calendar()


@dataclass(frozen=True, slots=True)
class Pace:
    """Both rates hold. `group`: of its flows only one acts for a person, "" for none."""

    flow_rate: Cap | None = None
    company_rate: Cap | None = None
    calendar: Calendar = EVERY_DAY
    silence: Silence | None = None
    priority: int = PRIORITY
    group: str = ""

    @property
    def limited(self) -> bool:
        """Does the machine count what it begins?"""
        return self.flow_rate is not None or self.company_rate is not None


def pace_of(flow: FlowPolicy, company: CompanyPolicy) -> Pace:
    """The flow's word where it says one, else the company's; rates and days of both."""
    return Pace(
        flow_rate=flow.limits.rate if flow.limits else None,
        company_rate=company.limits.rate,
        calendar=Calendar(_weekends(flow, company), company.blackouts + flow.blackouts, _occasions(flow, company)),
        silence=flow.silence or company.silence,
        priority=flow.priority,
        group=flow.exclusive_group,
    )


def _weekends(flow: FlowPolicy, company: CompanyPolicy) -> Mapping[str, Any]:
    return company.weekends if flow.weekends is OnWeekends.QUIET else {}


def _occasions(flow: FlowPolicy, company: CompanyPolicy) -> tuple[Occasion, ...]:
    """Greetings on a feast are not kept back by that feast."""
    return tuple(one for one in company.occasions if one.name is not flow.occasion)


def canonical_pace(flow: FlowPolicy, company: CompanyPolicy) -> dict[str, Any]:
    """What an approval is about, ready for JSON."""
    now = pace_of(flow, company)
    theirs = Calendar(_weekends(flow, company), company.blackouts, _occasions(flow, company))
    return {
        "limits.rate": str(now.flow_rate or "none"),
        "company.limits.rate": str(now.company_rate or "none"),
        **canonical_calendar(flow.blackouts, theirs),
        "silence": str(now.silence or "none"),
        "priority": now.priority,
        "exclusive_group": now.group,
    }
