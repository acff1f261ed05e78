"""What comes before anything else in a pass: every no is obeyed, and the clock can be believed."""

from __future__ import annotations

from offswitch.errors import Refused
from offswitch.intake.opt_outs import obey_missing
from offswitch.project.project import Project


def make_ready(project: Project) -> None:
    """Raises Refused with what to do when this machine's clock was set."""
    obey_missing(project.ledger, project.opt_outs, project.clock.now())
    watch = project.clock_watch()
    with project.ledger.read() as book:
        if refusal := watch.refusal(book):
            raise Refused(refusal)
        watch.keep(book)
