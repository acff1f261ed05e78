"""One pass in its project, opened and closed in one thread, whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from offswitch.act.run import Pass
from offswitch.errors import OffswitchError
from offswitch.journey.journey import Journey
from offswitch.orchestrate.host import REASON, StopRequest
from offswitch.project.notices import standing_notices, tell
from offswitch.project.project import Project

MENDABLE = (OffswitchError, OSError, SQLAlchemyError)  # what people can do something about: told in a line, not by a traceback


@contextmanager
def opened(journey: Journey, stop: StopRequest) -> Iterator[Pass]:
    """A pass that has been started, hears of a stop, and is finished unless the engine fails in it."""
    project = Project()
    with project.desk(journey) as desk, stop.heard_by(lambda: desk.switchboard.cancel(REASON)):
        one = Pass(desk)
        one.start()
        yield one
        one.finish()
    tell(project, one.report.notices)
    project.ledger.close()


def tell_what_stands() -> None:
    """Alert people to what no pass finds: invalid files, what is held or overdue. Looks at every flow."""
    project = Project()
    tell(project, standing_notices(project))
    project.ledger.close()


def in_a_line(error: Exception) -> str:
    """What is wrong. A database's own error would quote rows, which name people."""
    if isinstance(error, SQLAlchemyError):
        return f"the ledger can't be used: {error.orig if isinstance(error, DBAPIError) else type(error).__name__}"
    return str(error)
