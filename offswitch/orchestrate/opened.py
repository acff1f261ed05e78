"""One pass in its project, opened and closed in one thread, whoever runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from offswitch.act.decide import where
from offswitch.act.report import Report
from offswitch.act.run import Pass
from offswitch.errors import OffswitchError, Refused
from offswitch.journey.journey import Journey
from offswitch.ledger.trouble import in_words
from offswitch.orchestrate.host import REASON, StopRequest
from offswitch.project.lists import Listing
from offswitch.project.notices import standing_notices, tell
from offswitch.project.project import Project
from offswitch.project.ready import make_ready
from offswitch.project.register import Register
from offswitch.shadow.run import keep_shadow, run_shadow

MENDABLE = (OffswitchError, OSError, SQLAlchemyError)  # what people can do something about: told in a line, not by a traceback


@dataclass(slots=True)
class ListedPass(Pass):
    """A pass that leaves a fresh list of what is to do, so that people can go on if it is the last.

    In a dry run it decides in shadow beside; whatever goes wrong there is told, and touches nothing real.
    """

    listing: Listing | None = None

    def start(self) -> None:
        """As ever, and begin or end a dry run."""
        Pass.start(self)
        self._beside(lambda: keep_shadow(self.desk))

    def shadow(self) -> None:
        """What the machine would have done since the last pass, when all that is real is done."""
        self._beside(lambda: self.report.merge(run_shadow(self.desk)))

    def _beside(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - no fault of a dry run may fail a pass that people rely on
            what = in_a_line(error) if isinstance(error, MENDABLE) else f"{type(error).__name__} at {where(error)}"
            self.report.notice(f"shadow {self.desk.journey.name}", f"{self.desk.journey.name}: the dry run stands still: {what}")

    def advance(self) -> Report | None:
        """A batch, and the list where it is time for it."""
        batch = Pass.advance(self)
        self.leave_list(between=True)
        return batch

    def leave_list(self, *, between: bool = False) -> None:
        """Write the list where it is time for it."""
        if self.listing is not None:
            self.listing.refresh(between=between)
            if self.listing.trouble:
                self.report.notice(f"list {self.desk.journey.name}", self.listing.trouble)


@contextmanager
def opened(journey: Journey, stop: StopRequest) -> Iterator[ListedPass]:
    """A pass that has been started, hears of a stop, and is finished unless the engine fails in it."""
    project = Project()
    watch = project.clock_watch()
    try:
        make_ready(project)
        register = Register(project)
        register.ask()
        with project.desk(journey) as desk, stop.heard_by(lambda: desk.switchboard.cancel(REASON)):
            one = ListedPass(desk, listing=Listing(project, desk))
            one.start()
            yield one
            if jump := watch.jump():
                one.report.notice("clock", jump)
            if trouble := register.trouble():
                one.report.notice("crm edits", trouble)
            one.finish()
            one.leave_list()
    except (Refused, OSError, SQLAlchemyError) as error:
        tell(project, [(type(error).__name__, in_a_line(error))])
        raise
    tell(project, one.report.notices)
    project.ledger.close()


def tell_what_stands() -> None:
    """Alert people to what no pass finds: invalid files, what is held or overdue. Looks at every flow."""
    project = Project()
    tell(project, standing_notices(project))
    project.ledger.close()


def in_a_line(error: Exception) -> str:
    """What is wrong. A database's own error would quote rows, which name people."""
    return in_words(error) if isinstance(error, SQLAlchemyError | OSError) else str(error)
