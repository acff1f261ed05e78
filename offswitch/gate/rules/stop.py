"""Any stop source stops: company, flow, step, channel, connector; a broken or unapproved policy too."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Verdict


def stop(case: Case) -> Verdict | None:
    """As `when_off` says: hand over, or hold."""
    standing = case.standing
    if standing.halt is not None:
        return standing.halt
    if standing.stops and (course := standing.course(case.purpose, case.now)) is not None:
        return course
    if standing.steps and case.step in standing.steps:
        return standing.steps[case.step]
    if standing.channels and case.action.channel in standing.channels:
        return standing.channels[case.action.channel]
    if standing.connectors and case.connector in standing.connectors:
        return standing.connectors[case.connector]
    return None
