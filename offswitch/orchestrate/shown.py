"""What people see of a pass in Prefect: a state, artifacts, events. Counts and reasons, never who."""

from __future__ import annotations

from typing import Any

from prefect.artifacts import acreate_progress_artifact, acreate_table_artifact, aupdate_progress_artifact
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed

from offswitch.act.report import Report
from offswitch.orchestrate.host import REASON
from offswitch.orchestrate.words import in_words, masked

_EVENTS = {"stop": "offswitch.stop", "resume": "offswitch.resume", "connector": "offswitch.hold", "unknown": "offswitch.unknown"}


def state_of(report: Report, halt: str, stopped: bool) -> State[None]:
    """How the flow run ends. A flow that is off ends as it should, under a name of its own."""
    words = in_words(report)
    if stopped:
        return Cancelled(message=f"{REASON}, and did so between two effects: {words}")
    if halt:
        return Completed(name="Halted", message=masked(f"{halt}. {words}"))
    return Completed(message=words)


def emit_notices(flow: str, report: Report) -> None:
    """One event for each thing that somebody should know; automations may listen. Alerts do not depend on it."""
    for reason, text in report.notices:
        name = _EVENTS.get(reason.split()[0], "offswitch.notice")
        emit_event(name, resource={"prefect.resource.id": f"offswitch.flow.{flow}"}, payload={"reason": reason, "text": masked(text)})


class Drawing:
    """The artifacts of one flow run. A server that is gone ends the drawing, not the pass."""

    def __init__(self, flow: str) -> None:
        self._key = flow.replace("_", "-")
        self._progress: Any = None
        self._gone = False

    async def progress(self, share: float) -> None:
        """How much of what was due has been looked at, from 0 to 1."""
        if self._progress is None:
            self._progress = await self._draw(acreate_progress_artifact(100 * share, f"{self._key}-progress", "Looked at, of what was due"))
        else:
            await self._draw(aupdate_progress_artifact(self._progress, 100 * share))

    async def summary(self, report: Report) -> None:
        """What happened, why, and how often."""
        rows = [{"what": what, "why": masked(reason), "how often": count} for (what, reason), count in sorted(report.counts.items())]
        rows += [{"what": "notice", "why": masked(text), "how often": 1} for _, text in report.notices]
        if rows:
            await self._draw(acreate_table_artifact(rows, f"{self._key}-pass", in_words(report)))

    async def _draw(self, drawing: Any) -> Any:
        if self._gone:
            drawing.close()
            return None
        try:
            return await drawing
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a picture of the work, the work goes on
            self._gone = True
            get_run_logger().warning("Prefect takes no artifacts: %s", type(error).__name__)
            return None
