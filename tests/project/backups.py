"""Backups of a rig's ledger, made while it is in use and put back as an operator does; and a provider that can be asked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from offswitch.journey.journey import Journey
from offswitch.model.receipt import Outcome, Receipt
from offswitch.project.recovery import Survey, accept, loss_of, survey
from offswitch.testing.fakes import FakeMailer
from tests.act.rig import Rig

MARIAM = "mariam@bayan.example"


class KnowingMailer(FakeMailer):
    """Says what arrived, and what surely did not."""

    def look_up(self, key: str) -> Receipt | None:
        arrived = any(seen == key for seen, _ in self.journal)
        return Receipt(key, Outcome.PERFORMED if arrived else Outcome.RETRY, reference="asked")


def backup(rig: Rig) -> Path:
    """A copy as `sqlite3 ledger.sqlite .backup` makes it."""
    copy = rig.root / "backup.sqlite"
    copy.unlink(missing_ok=True)
    source, to = sqlite3.connect(ledger_of(rig)), sqlite3.connect(copy)
    source.backup(to)
    source.close()
    to.close()
    return copy


def put_back(rig: Rig, copy: Path) -> None:
    """With everything stopped."""
    rig.close()
    copy.replace(ledger_of(rig))
    for end in ("-wal", "-shm"):
        Path(f"{ledger_of(rig)}{end}").unlink(missing_ok=True)


def ledger_of(rig: Rig) -> Path:
    return rig.settings.home / "ledger.sqlite"


def surveyed(rig: Rig, *journeys: Journey) -> Survey:
    """What `offswitch reconcile` finds."""
    loss = loss_of(rig.project)
    assert loss is not None
    with rig.desk(journeys[0]) as one, rig.desk(journeys[-1]) as other:
        return survey(rig.project, loss, [one, other] if len(journeys) > 1 else [one])


def accepted(rig: Rig, *journeys: Journey) -> Survey:
    """What `offswitch reconcile --accept` does."""
    seen = surveyed(rig, *journeys)
    accept(rig.project, seen, by=MARIAM, agreed_by="", why="the disk died")
    return seen
