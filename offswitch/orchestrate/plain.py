"""The same passes without Prefect, for the day when it is down."""

from __future__ import annotations

from collections.abc import Sequence

from offswitch.act.report import Report
from offswitch.journey.journey import Journey
from offswitch.orchestrate.host import Host
from offswitch.orchestrate.opened import MENDABLE, in_a_line, opened
from offswitch.orchestrate.rounds import rounds
from offswitch.project.project import Project


def run_plain(flows: Sequence[str], *, every: float | None, host: Host) -> int:
    """As `run_flows`, which explains the arguments. Prefect is not imported."""
    project = Project()
    journeys = {flow: project.flows.get(flow) for flow in flows}

    def one_pass(flow: str) -> str:
        try:
            host.on_report(flow, _pass(journeys[flow], host))
        except MENDABLE as error:
            return in_a_line(error)
        return ""

    return rounds(list(journeys), one_pass, every, host)


def _pass(journey: Journey, host: Host) -> Report:
    with opened(journey, host.stop) as one:
        one.collect()
        while not host.stop.asked and (batch := one.advance()) is not None:
            host.on_batch(journey.name, batch)
        if not host.stop.asked:
            one.drain()
            one.shadow()
    return one.report
