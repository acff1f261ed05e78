"""What each rule looks at for one case, in words: so that `why` shows an allowed action as clearly as a refused one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from offswitch.gate.case import RECORD, SERVICE, Case
from offswitch.gate.lifted import RULES
from offswitch.gate.rules import ORDER
from offswitch.model.verdict import Lane
from offswitch.policy.schema import Effective
from offswitch.policy.values import written

Seen = Callable[[Case, Effective], str]


def _suppression(case: Case, _policy: Effective) -> str:
    return f"suppressed for {', '.join(sorted(case.suppressed))}" if case.suppressed else "no suppression"


def _consent(case: Case, _policy: Effective) -> str:
    if case.purpose in (SERVICE, RECORD):
        return f"{case.purpose}: needs no consent for marketing"
    given = sorted(f"{purpose} by {channel}" for purpose, channel in case.consent)
    return f"agreed to {', '.join(given)}" if given else "agreed to nothing"


def _exceptions(case: Case, policy: Effective) -> str:
    return f"{len(policy.facts.exceptions)} in the policy" + (f"; fits: {case.told.exception.why}" if case.told.exception else "")


def _ask(case: Case, policy: Effective) -> str:
    most = policy.facts.max_ask.get(case.told.stage)
    return f"asks {case.ask} of 4" + (f", at most {most} at {case.told.stage}" if most is not None else "")


def _facts(case: Case, policy: Effective) -> str:
    needed = ", ".join(sorted(policy.facts.required))
    return case.told.lacking or case.lacking or (f"known: {needed}" if needed else "all that the text needs is known")


def _ticket(case: Case, _policy: Effective) -> str:
    return f"a ticket is open since {case.ticket:%Y-%m-%d %H:%M} UTC" if case.ticket else "no ticket is open"


def _stop(case: Case, policy: Effective) -> str:
    stops = [*map(str, case.standing.stops), *case.standing.objections]
    return "; ".join(stops) or f"switch {policy.switch.value}, approved, no stop"


def _lane(case: Case, _policy: Effective) -> str:
    return "the machine's" if case.lane is Lane.MACHINE else f"people's: {case.lane_reason}"


def _person(case: Case, _policy: Effective) -> str:
    if not case.decides:
        return "no class that a person decides"
    return f"class {case.decides}" + (", approved" if case.approved else ", not approved")


def _late(case: Case, policy: Effective) -> str:
    hours = (case.now - case.since - case.put_off).total_seconds() / 3600
    return f"{max(hours, 0):.1f} h behind, at most {written(policy.late_after)}"


def _calendar(case: Case, _policy: Effective) -> str:
    return f"{case.now.astimezone(case.zone):%A %Y-%m-%d} in {case.zone.key}" + (f", {case.country}" if case.country else "")


def _quiet(case: Case, policy: Effective) -> str:
    clock = f"{case.now.astimezone(case.zone):%H:%M} in {case.zone.key}"
    return f"{clock}, quiet {policy.quiet}" if policy.quiet else f"{clock}, no quiet hours"


def _silence(case: Case, policy: Effective) -> str:
    silence = policy.pace.silence
    return f"{len(case.unanswered)} without an answer, none after {silence.stop}" if silence else "not limited"


def _cap(case: Case, policy: Effective) -> str:
    counts = [f"{sum(at > case.now - cap.window for at in case.sent)} of {cap}" for cap in policy.caps]
    return ", ".join(counts) or "not limited"


def _group(case: Case, policy: Effective) -> str:
    if not policy.pace.group:
        return "in no group"
    others = sorted(one.rival.flow for one in case.ahead if one.rival.grouped)
    return f"group {policy.pace.group}, priority {policy.pace.priority}" + (f"; before it: {', '.join(others)}" if others else "")


def _priority(case: Case, policy: Effective) -> str:
    ahead = sorted({one.rival.flow for one in case.ahead})
    return f"{policy.pace.priority}" + (f"; before it: {', '.join(ahead)}" if ahead else ", nobody before it")


def _rate(case: Case, _policy: Effective) -> str:
    return ", ".join(f"{one.count} of {one.limit}" for one in case.begun) or "not limited"


def _mass(case: Case, policy: Effective) -> str:
    one = case.mass
    return f"{one.count} of {one.limit}, approved by one" if one else f"approved by two, or stopped; by one {policy.launch.mass}"


def _connector(case: Case, _policy: Effective) -> str:
    return case.down or f"{case.connector or 'the connector'} works"


SEEN: Mapping[str, Seen] = {
    "suppression": _suppression,
    "consent": _consent,
    "exceptions": _exceptions,
    "ask": _ask,
    "facts": _facts,
    "ticket": _ticket,
    "stop": _stop,
    "lane": _lane,
    "person": _person,
    "late": _late,
    "calendar": _calendar,
    "quiet_hours": _quiet,
    "silence": _silence,
    "cap": _cap,
    "group": _group,
    "priority": _priority,
    "mass": _mass,
    "rate": _rate,
    "connector": _connector,
}


def _lifted(case: Case, rule: str) -> str:
    """Which part of this rule doesn't hold just now."""
    return "; ".join(str(one) for one in case.standing.lifted if one.what in RULES.get(rule, ()))


def replay(case: Case) -> list[dict[str, str]]:
    """Every rule in its order: its answer, why it objects, and what it saw. The first that is not `allow` decides."""
    policy, found = case.standing.policy, []
    for rule in ORDER:
        verdict = rule(case)
        saw = _lifted(case, rule.__name__) or (SEEN[rule.__name__](case, policy) if policy is not None else "")
        name = rule.__name__.replace("_", " ")
        said = (verdict.rule, verdict.answer.value, verdict.reason) if verdict else (name, "allow", "")
        found.append(dict(zip(("rule", "answer", "reason"), said, strict=True)) | {"saw": saw})
    return found
