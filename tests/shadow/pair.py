"""Two projects alike to the letter, with one clock and one public: one flow is on, the other in a dry run."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

from offswitch.act.report import Report
from offswitch.journey.journey import Journey
from offswitch.ledger.base import names_from
from offswitch.ledger.shadow import ShadowRow, Would
from offswitch.model.effect import MACHINE, Stage
from offswitch.model.verdict import Work
from offswitch.orchestrate.opened import ListedPass
from offswitch.project.project import Project
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.rig import START, Rig

MARIAM = "mariam@bayan.example"


def pass_(rig: Rig, journey: Journey) -> Report:
    """A whole pass as workers make it, the dry run included."""
    return pass_of(rig.project, journey)


def pass_of(project: Project, journey: Journey) -> Report:
    """The same of any project."""
    with project.desk(journey) as desk:
        one = ListedPass(desk)
        one.start()
        one.collect()
        while one.advance() is not None:
            pass
        one.drain()
        one.shadow()
        return one.finish()


def decided(rig: Rig, journey: Journey) -> list[ShadowRow]:
    """All that the dry run has decided, person by person."""
    with rig.ledger.read() as book:
        since = START - timedelta(days=99)
        return list(book.shadow.about(journey.name, book.shadow.people(journey.name, since, "", 1_000), since))


def work_off(rig: Rig, journey: Journey, outcome: str = "done", kinds: tuple[Work, ...] = tuple(Work)) -> None:
    """Somebody answers every item of these kinds that is due."""
    with rig.desk(journey) as desk:
        for item in worklist(desk, timedelta(0)):
            if item.kind in kinds and item.due <= rig.clock.now():
                do(desk, item.id, Deed(MARIAM, outcome, note="said so", entry_id=item.entry_id))


class Twins:
    """`live` is on; `dry` says `switch: dry-run` and nobody has approved it."""

    def __init__(self, root: Path, *journeys: Journey) -> None:
        self.live, self.dry = (Rig(root / name, *journeys) for name in ("live", "dry"))
        self.journey = journeys[0]
        self._names = count()
        self.dry.switch(self.journey, "dry-run")
        (self.dry.settings.policies / "approvals" / f"{self.journey.name}.yaml").unlink()

    def both(self) -> tuple[Rig, Rig]:
        return self.live, self.dry

    def go_on(self, after: timedelta, times: int = 1) -> None:
        """So many passes of each, so far apart. Who came first has the smaller name, so that ties end alike."""
        for rig in self.both() * times:
            rig.clock.advance(after)
            with names_from(lambda: f"{next(self._names):020}"):
                pass_(rig, self.journey)

    def sent(self) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """Who was sent what, at which step and when: really, and in shadow."""
        live = [
            (self.live.address(one.contact_id), one.step, one.visit, one.action, one.at)
            for one in self.live.effects(self.journey, Stage.PERFORMED)
            if one.actor == MACHINE
        ]
        dry = [
            (self.dry.address(row.contact_id), row.step, row.visit, row.action, row.at)
            for row in decided(self.dry, self.journey)
            if row.what in (Would.SEND, Would.WRITE)
        ]
        return sorted(live), sorted(dry)

    def close(self) -> None:
        for rig in self.both():
            rig.close()
