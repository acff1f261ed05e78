"""A real worker process: real mail, real register, a clock that is shifted by so many seconds.

    worker.py ROOT SHIFT [LEASE PERMIT BATCH]

LEASE and PERMIT, in seconds, make a frozen worker's end come soon; BATCH lets two workers share the work. Without a shift the
clock is the machine's own.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.crm.local import LocalCrm
from connectors.email.smtp import connect
from offswitch.act import advance, desk, perform, queue
from offswitch.act.run import run
from offswitch.clock import SystemClock
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from tests.act.journeys import tour


class ShiftedClock:
    """The machine's clock and so much more."""

    def __init__(self, shift: timedelta) -> None:
        self._shift = shift

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift


def main(root: Path, shift: float, *limits: float) -> None:
    if limits:
        for module in (advance, queue, desk):
            vars(module)["LEASE"] = timedelta(seconds=limits[0])
        vars(perform)["PERMIT_SECONDS"] = limits[1]
        advance.advance.__defaults__ = (int(limits[2]),)
    home, policies, messages, flows = (root / name for name in ("home", "policies", "messages", "flows"))
    ledger = os.environ.get("OFFSWITCH_LEDGER", "")
    settings = Settings(home=home, policies=policies, messages=messages, flows=flows, ledger=ledger)
    crm, mailer = LocalCrm(root / "crm.sqlite"), connect()
    clock = ShiftedClock(timedelta(seconds=shift)) if shift else SystemClock()
    project = Project(settings, clock, mailer, crm)
    with project.desk(tour) as at:
        run(at)
    mailer.close()
    crm.close()
    project.ledger.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:]))
