"""Passes as Prefect flow runs in this process: what `offswitch run` does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from offswitch.orchestrate.host import HOST, Host
from offswitch.orchestrate.rounds import rounds
from offswitch.orchestrate.server import prefect_server
from offswitch.project.project import Project


def run_flows(flows: Sequence[str], *, every: float | None, host: Host) -> int:
    """One pass of each flow now, or one every so many seconds until SIGTERM or Ctrl-C. Returns the exit code.

    A failed pass has no report. Raises Refused for an unknown flow, and where there is no Prefect server to be had.
    """
    project = Project()
    journeys = [project.flows.get(flow) for flow in flows]
    with prefect_server(project.settings.home) as still_there:
        from offswitch.orchestrate.flow import flow_of

        prefect_flows = {journey.name: flow_of(journey) for journey in journeys}

        async def flow_run(flow: str) -> str:
            try:
                state = await prefect_flows[flow](return_state=True)
            except Exception as error:  # noqa: BLE001 - whatever Prefect meets in one flow, the others go on
                still_there()
                return f"Prefect: {type(error).__name__}: {error}"
            return state.message or str(state.name) if state.is_failed() or state.is_crashed() else ""

        HOST.set(host)
        return rounds(list(prefect_flows), lambda flow: asyncio.run(flow_run(flow)), every, host)
