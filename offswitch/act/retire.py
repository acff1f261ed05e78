"""The end of a flow: it stands still until a stated time, then everybody inside leaves."""

from __future__ import annotations

from datetime import datetime

from offswitch.act.collect import collect
from offswitch.act.desk import BATCH, Desk
from offswitch.act.report import Report
from offswitch.errors import Refused
from offswitch.failpoints import reach
from offswitch.gate.standing import RETIRING
from offswitch.ledger.base import Book
from offswitch.ledger.retirements import Retirement

REASON = "retired"


def retire(book: Book, flow: str, *, by: str, agreed_by: str, why: str, now: datetime, until: datetime) -> Retirement:
    """From now on the flow stands still: nothing is sent, handed over or moved, and what comes stays stored."""
    book.retirements.add(flow, by=by, agreed_by=agreed_by, why=why, at=now, until=until)
    made = book.retirements.of(flow)
    assert made is not None
    book.stops.add(RETIRING, flow, reason=f"{said(made)}, until then `{undoing(flow)}`", by=by, at=now)
    return made


def undo(book: Book, flow: str, *, by: str, now: datetime) -> None:
    """Everything is as it was. Raises Refused when there is nothing to undo, or when the time for it is over."""
    retirement = book.retirements.of(flow)
    if retirement is None:
        raise Refused(f"{flow} is not being retired")
    if now >= retirement.until:
        raise Refused(f"{flow} was {said(retirement)}: the time to undo it is over")
    book.retirements.undo(retirement, by=by, at=now)
    book.stops.end(RETIRING, flow, by=by, at=now)


def end_journeys(desk: Desk, report: Report) -> None:
    """Everybody leaves, so many in one transaction; whoever goes on after a kill ends the rest. Nothing before its time.

    What happened meanwhile counts first: whoever has reached the goal has reached it.
    """
    if not _is_time(desk):
        return
    while (happened := collect(desk)) is not None:
        report.merge(happened)
    while ended := _some(desk):
        report.add("exited", REASON, ended)
        reach("after record")


def _is_time(desk: Desk) -> bool:
    with desk.ledger.read() as book:
        retirement = book.retirements.of(desk.journey.name)
        return retirement is not None and retirement.done is None and desk.clock.now() >= retirement.until


def _some(desk: Desk) -> int:
    """The next of them; the last time that nobody is left, the retirement is done."""
    flow, now = desk.journey.name, desk.clock.now()
    with desk.ledger.write() as book:
        ended = book.entries.exit_all(flow, REASON, REASON, now, BATCH)
        retirement = book.retirements.of(flow)
        if not ended and retirement is not None and retirement.done is None:
            book.retirements.finish(retirement, now)
            book.stops.end(RETIRING, flow, by=retirement.by, at=now)
            book.stops.add(RETIRING, flow, reason=f"{said(retirement)}, and over", by=retirement.by, at=now)
    return ended


def said(retirement: Retirement) -> str:
    """Who ends it, and when."""
    return f"retired by {retirement.by} and {retirement.agreed_by} at {retirement.until:%Y-%m-%d %H:%M} UTC"


def undoing(flow: str) -> str:
    """What somebody types who wants it back."""
    return f"offswitch retire {flow} --undo"
