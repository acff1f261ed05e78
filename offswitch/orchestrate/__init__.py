"""Runs journeys under Prefect. Nothing here imports it before a flow is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect import Flow

    from offswitch.journey.journey import Journey

__all__ = ["flow_of"]


def flow_of(journey: Journey) -> Flow[[], Any]:
    """The Prefect flow of a journey; one run of it is one pass. It takes no parameters."""
    from offswitch.orchestrate.flow import flow_of

    return flow_of(journey)
