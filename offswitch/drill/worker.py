"""One real worker process of a drill: one pass on the copy, with real mail to the drill's own server.

`python -m offswitch.drill.worker SPEC.json`; killed by OFFSWITCH_FAILPOINT, or by a signal that its spec names.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import click

from offswitch.act.run import run
from offswitch.drill.small import small_pages
from offswitch.drill.wire import Notes, WireMailer
from offswitch.drill.world import CRM
from offswitch.project.flows import Flows, load_flows
from offswitch.project.project import Project
from offswitch.project.settings import Settings
from offswitch.testing.fakes import FakeCrm


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The machine's clock and so much more: virtual time that goes on."""

    shift: timedelta

    def now(self) -> datetime:
        """Virtual time."""
        return datetime.now(UTC) + self.shift


def work(spec: dict[str, Any]) -> None:
    """The pass that the spec describes."""
    root = Path(spec["root"])
    settings = Settings(
        home=root / "home", ledger=spec["ledger"], policies=root / "policies", messages=root / "messages", flows=root / "flows"
    )
    signals = {int(after): signal.Signals(number) for after, number in spec["signals"].items()}
    mailer = WireMailer(spec["port"], Notes(root / "notes.jsonl"), signals)
    project = Project(settings, ShiftedClock(timedelta(seconds=spec["shift"])), mailer, FakeCrm(name=CRM))
    journey = load_flows(Path(spec["flows"])).get(spec["flow"])
    project.flows = Flows({journey.name: journey})
    with project.desk(journey) as desk:

        def asked(_number: int, _frame: FrameType | None) -> None:
            desk.switchboard.cancel("this process was asked to end")

        signal.signal(signal.SIGTERM, asked)
        run(desk)
    mailer.close()
    project.ledger.close()


@click.command()
@click.argument("spec", type=click.Path(exists=True, path_type=Path))
def main(spec: Path) -> None:
    """Make one pass."""
    with small_pages():
        work(json.loads(spec.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
