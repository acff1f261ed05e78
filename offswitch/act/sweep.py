"""What is of no use any more goes: batches, workers and passes of long ago, and the marks of who is long dead."""

from __future__ import annotations

from datetime import timedelta

from offswitch.act.desk import Desk
from offswitch.model.effect import MACHINE

KEPT = timedelta(days=30)
SHADOWS_KEPT = timedelta(days=90)  # what a dry run has decided


def sweep(desk: Desk) -> None:
    """With the first pass of a day. Nothing that the log speaks of, that somebody may still ask about or that counts anywhere."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.read() as book:
        last = book.history.last_run(flow)
    if last is not None and last.started.date() == now.date():
        return
    with desk.ledger.write() as book:
        book.audit.say(MACHINE, "forgets what is old")
        before = book.instant(now) - KEPT
        book.leases.sweep(before)
        book.history.sweep(before)
        gone = book.stops.sweep(before)
        book.shadow.sweep(now - SHADOWS_KEPT)
    for worker in gone:
        (desk.marks.path.parent / f"{worker}.mark").unlink(missing_ok=True)
