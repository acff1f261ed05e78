"""Rules of pace that two people have lifted for a few days: what every report says of them, and the policy without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from offswitch.policy.calendar import Calendar
from offswitch.policy.company import CompanyPolicy
from offswitch.policy.effective import Effective
from offswitch.policy.overrides import Lifts, Override


@dataclass(frozen=True, slots=True)
class Lifted:
    """One rule, by whom, until the end of which day, and why. `addresses` are theirs, for the log."""

    what: Lifts
    until: date
    by: tuple[str, str]
    why: str
    addresses: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        return f"{self.what.value} lifted until {self.until} by {self.by[0]} and {self.by[1]}: {self.why}"

    def to_json(self) -> dict[str, Any]:
        """For other tools."""
        return {"rule": self.what.value, "until": self.until.isoformat(), "by": list(self.addresses), "why": self.why, "text": str(self)}


def lifted_on(overrides: tuple[Override, ...], company: CompanyPolicy, today: date) -> tuple[Lifted, ...]:
    """What is lifted on this day of the company's."""
    found = []
    for one in overrides:
        if one.on <= today <= one.until:
            first, second = (company.people[person].name if person in company.people else person for person in one.by)
            found.append(Lifted(one.of, one.until, (first, second), one.why, (one.by[0], one.by[1])))
    return tuple(found)


def without(policy: Effective, lifted: tuple[Lifted, ...]) -> Effective:
    """The policy as the gate reads it while these are lifted. `hold` is the rollout's own business: see `next_step`."""
    what = {one.what for one in lifted}
    if not what:
        return policy
    days, pace, rollout = policy.pace.calendar, policy.pace, policy.rollout
    calendar = Calendar(
        {} if Lifts.WEEKENDS in what else days.weekends,
        () if Lifts.BLACKOUTS in what else days.blackouts,
        () if Lifts.OCCASIONS in what else days.occasions,
    )
    if Lifts.CAP in what:
        policy = replace(policy, flow_caps=(), company_caps=(), caps=())
    if Lifts.TIER in what:
        rollout = rollout.model_copy(update={"tier": None, "after": ()})
    return replace(
        policy,
        quiet=None if Lifts.QUIET_HOURS in what else policy.quiet,
        capacity=None if Lifts.CAPACITY in what else policy.capacity,
        pace=replace(pace, calendar=calendar, silence=None if Lifts.SILENCE in what else pace.silence),
        rollout=rollout,
    )


RULES: Mapping[str, frozenset[Lifts]] = {  # which rule of the gate each belongs to
    "quiet_hours": frozenset({Lifts.QUIET_HOURS}),
    "calendar": frozenset({Lifts.WEEKENDS, Lifts.BLACKOUTS, Lifts.OCCASIONS}),
    "silence": frozenset({Lifts.SILENCE}),
    "cap": frozenset({Lifts.CAP}),
}
