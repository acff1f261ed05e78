"""Passes as Prefect flow runs in this process: what `offswitch run` does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from offswitch.act.report import Report
from offswitch.orchestrate.host import HOST, Host, StopRequest
from offswitch.orchestrate.rounds import rounds
from offswitch.orchestrate.server import prefect_server
from offswitch.project.project import Project

Hear = Callable[[str, Report], None]


def run_flows(
    flows: Sequence[str],
    *,
    every: float | None,
    on_report: Hear,
    on_trouble: Callable[[str, str], None],
    on_batch: Hear = lambda _flow, _report: None,
) -> int:
    """One pass of each flow now, or one every so many seconds until SIGTERM or Ctrl-C. Returns the exit code.

    `on_trouble` hears why a pass failed, of which there is no report. Raises Refused for an unknown flow and without a
    Prefect server.
    """
    project = Project()
    journeys = {flow: project.flows.get(flow) for flow in flows}
    host = Host(on_report, on_batch, StopRequest())

    def one_pass(flow: str) -> bool:
        trouble = asyncio.run(_flow_run(flow))
        if trouble:
            on_trouble(flow, trouble)
        return not trouble

    async def _flow_run(flow: str) -> str:
        try:
            state = await journeys[flow].flow(return_state=True)
        except Exception as error:  # noqa: BLE001 - whatever Prefect meets in one flow, the others go on
            return f"Prefect: {type(error).__name__}: {error}"
        return state.message or state.name if state.is_failed() or state.is_crashed() else ""

    with prefect_server(project.settings.home):
        HOST.set(host)
        return rounds(list(journeys), one_pass, every, host.stop)
