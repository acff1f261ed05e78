"""What is of no use any more goes: batches, workers and passes of long ago, and the marks of who is long dead."""

from __future__ import annotations

from datetime import timedelta

from offswitch.act.desk import Desk

KEPT = timedelta(days=30)


def sweep(desk: Desk) -> None:
    """With the first pass of a day. Nothing that the log speaks of, that somebody may still ask about or that counts anywhere."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.read() as book:
        last = book.history.last_run(flow)
    if last is not None and last.started.date() == now.date():
        return
    with desk.ledger.write() as book:
        before = book.instant(now) - KEPT
        book.leases.sweep(before)
        book.history.sweep(before)
        gone = book.stops.sweep(before)
    for worker in gone:
        (desk.marks.path.parent / f"{worker}.mark").unlink(missing_ok=True)
