"""Whether a flow is ready to go live, as files, drill and ledger stand: what the switchboard asks at every look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from offswitch.gate.readiness import RUNS, Grade, Known, State, Weighed, weigh
from offswitch.ledger.base import Book
from offswitch.policy.drilled import Drilled, last_drill, path_of
from offswitch.policy.readiness import Asked, asked_of
from offswitch.project.files import Said, version_of

_MOST = 100  # manual runs that are looked at, the newest; more only where more are asked
_FRESH = timedelta(minutes=1)  # so long what people finished by hand is not counted again


class ReadinessLook:
    """Reads the drill's file anew when it has changed, and the ledger once a minute: never for a single effect."""

    def __init__(self, policies: Path, flow: str) -> None:
        self._policies = policies
        self._flow = flow
        self._asked: tuple[Said, Asked | None] | None = None
        self._seen: tuple[object, Drilled | None] | None = None
        self._counted: tuple[datetime, int, Sequence[tuple[str, ...]]] | None = None
        self._weighed: tuple[Asked, Known, Weighed] | None = None

    def weigh(self, book: Book, said: Said, now: datetime) -> Weighed | None:
        """None when nothing is asked of this flow, and while its files can't be read."""
        if self._asked is None or self._asked[0] is not said:
            self._asked = said, asked_by(said)
        asked = self._asked[1]
        if asked is None:
            return None
        drill = self._drill()
        covered = drill is not None and drill.covers(said.subject)
        known = Known(now.date(), drill, covered, self._paths(book, max(asked.manual_runs, _MOST), now))
        if self._weighed is None or self._weighed[0] is not asked or self._weighed[1] != known:
            self._weighed = asked, known, weigh(asked, known)
        return self._weighed[2]

    def _drill(self) -> Drilled | None:
        version = version_of(str(path_of(self._policies, self._flow)))
        if self._seen is None or self._seen[0] != version:
            self._seen = (version, last_drill(self._policies, self._flow))
        return self._seen[1]

    def _paths(self, book: Book, most: int, now: datetime) -> Sequence[tuple[str, ...]]:
        if self._counted is None or self._counted[1] != most or not timedelta(0) <= now - self._counted[0] < _FRESH:
            self._counted = (now, most, tuple(book.work.paths(self._flow, most)))
        return self._counted[2]


def asked_by(said: Said) -> Asked | None:
    """What these files ask of their flow."""
    flow, company = said.policy, said.company
    if flow is None or company is None:
        return None
    return asked_of(flow.readiness, company.readiness, flow.runbook, company.teams.get(flow.team, ()))


def in_standing(flow: str, found: Weighed | None) -> dict[str, Any]:
    """What a standing says of it."""
    if found is None:
        return {}
    see = f"see `offswitch readiness {flow}`"
    remarks = [f"ready for a pilot only: at most 5% or 50 contacts, {see}"] if found.grade is Grade.PILOT else []
    waived = next((item for item in found.items if item.name == RUNS and item.state is State.WAIVED), None)
    if waived is not None:
        remarks.append(f"the manual runs are waived until {waived.until} by {' and '.join(waived.by)}: {waived.answer}")
    blocked = found.grade is Grade.BLOCKED
    ending = f"readiness runs out on {found.ending[0].until}: {see}" if found.ending and not blocked else ""
    return {
        "unready": f"not ready: {len(found.open)} of {len(found.items)} are open, {see}" if blocked else "",
        "pilot": found.grade is Grade.PILOT,
        "remarks": (*remarks, *filter(None, (ending,))),
        "expiring": ending,
    }
