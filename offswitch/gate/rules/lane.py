"""What was admitted for people for good stays with them: nobody is welcomed a month late because a ramp went up."""

from __future__ import annotations

from offswitch.gate.admit import CLOSING, MAYBE_ANSWERED, MISSED, PERHAPS, STALE
from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Lane, Verdict, Work

_OURS = Lane.MACHINE  # looked up once: this is asked of every case


def lane(case: Case) -> Verdict | None:
    """Hand over what was admitted in the people's lane."""
    if case.lane is _OURS:
        return None
    return Verdict(Answer.HAND_OVER, rule_of(case.lane_reason), case.lane_reason, work=Work.BY_HAND)


def rule_of(reason: str) -> str:
    """Which rule of `admit` gave an entry to people, by its reason."""
    return next((rule for begin, rule in _RULES.items() if reason.startswith(begin)), "rollout")


_RULES = {PERHAPS: "audience", MAYBE_ANSWERED: "restored", STALE: "inflow", MISSED: "inflow", CLOSING: "stop"}
