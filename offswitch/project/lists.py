"""The lists for the day without us: written after a pass and between its batches, as often as they cost little."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from offswitch.act.desk import Desk
from offswitch.errors import OffswitchError, Refused
from offswitch.gate.standing import RESTORED
from offswitch.ledger.trouble import in_words
from offswitch.model.contact import Contact
from offswitch.project.project import Project
from offswitch.worklist.kept import Snapshot, folder_of, kept_of
from offswitch.worklist.snapshot import is_due, write_snapshot

LONG = timedelta(minutes=1)


@dataclass(slots=True)
class Listing:
    """Keeps one flow's list fresh for as long as a pass goes on. `trouble` is why it can't, told once; nothing else stops for it."""

    project: Project
    desk: Desk
    trouble: str = ""
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.project.clock.now()

    def refresh(self, *, between: bool = False) -> None:
        """Write it anew where it is time for it. `between` batches only in a pass that takes long: best is what a whole pass leaves."""
        flow, now = self.desk.journey.name, self.project.clock.now()
        last = kept_of(folder_of(self.project.settings.home), flow)
        young = between and now - max(self.began, last.made if last else self.began) < LONG
        if self.trouble or young or not is_due(last, now):
            return
        try:
            write_list(self.project, self.desk)
        except (OffswitchError, OSError, SQLAlchemyError) as error:
            why = in_words(error) if isinstance(error, SQLAlchemyError | OSError) else str(error)
            self.trouble = f"{flow}: the list for the next 72 hours can't be written: {why}"


def write_list(project: Project, desk: Desk) -> Snapshot:
    """Write it now. Raises OSError, and Refused where the ledger doesn't know what has been done."""
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
    if any(stop.source == RESTORED for stop in standing.stops):
        raise Refused("the ledger was restored and doesn't know all that was done: the list from before stays")
    return write_snapshot(desk, folder_of(project.settings.home), on_the_wall(project, desk))


def on_the_wall(project: Project, desk: Desk) -> datetime:
    """Now, on the company's clock; while company.yaml is broken, on the last valid one's."""
    return project.clock.now().astimezone(desk.switchboard.zone(Contact("")))


def where(project: Project) -> Path:
    """The page to open first."""
    return folder_of(project.settings.home) / "index.html"
