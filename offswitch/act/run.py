"""One pass of one flow: collect, advance in batches, CRM writes, report. May be killed at any instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from offswitch.act.advance import advance
from offswitch.act.collect import collect
from offswitch.act.desk import Desk
from offswitch.act.guard import Guard, step_up
from offswitch.act.lifts import keep_lifts
from offswitch.act.overdue import move_overdue
from offswitch.act.periods import keep_periods, tell_in_time
from offswitch.act.queue import drain
from offswitch.act.recover import recover_lapsed
from offswitch.act.release import keep_pace, release
from offswitch.act.remap import keep_edits
from offswitch.act.report import Report
from offswitch.act.retire import end_journeys
from offswitch.act.shared_clock import shared_instant
from offswitch.act.sweep import sweep
from offswitch.act.unknown import keep_settling
from offswitch.ledger.base import new_id
from offswitch.model.effect import MACHINE


@dataclass(slots=True)
class Pass:
    """The phases are called one by one, so that an orchestrator can show and stop between them."""

    desk: Desk
    id: str = field(default_factory=new_id)
    report: Report = field(default_factory=Report)
    _guard: Guard = field(default_factory=Guard)
    _after: tuple[datetime, str] | None = None

    def start(self) -> None:
        """Take over what dead workers left, see whether the flow is off or may go on, and follow edits of the journey."""
        now = self.desk.clock.now()
        self.desk.health.clear()  # every pass tries anew
        recover_lapsed(self.desk, self.report)
        keep_settling(self.desk, self.report)
        self._guard.look(self.desk, self.report)
        keep_lifts(self.desk, self.report)
        sweep(self.desk)
        with self.desk.ledger.write() as book:
            book.audit.say(MACHINE, "begins a pass", self.desk.journey.name)
            tell_in_time(book, self.desk, now, self.report)
            book.stops.lapse(book.instant(now))
            book.history.start_run(self.id, self.desk.journey.name, now)
            self.desk.switchboard.keep(book)
            move_overdue(book, self.desk, now, self.report)
            keep_periods(book, self.desk, now, self.report)
            keep_pace(book, self.desk, now)
            book.stops.beat(self.desk.alive(self.desk.switchboard.look(book), shared_instant(self.desk, book)))
        end_journeys(self.desk, self.report)
        keep_edits(self.desk, self.report)

    def collect(self) -> Report:
        """Look at every event that this flow has not seen."""
        total = Report()
        while (report := collect(self.desk)) is not None:
            total.merge(report)
        self.report.merge(total)
        return total

    def advance(self) -> Report | None:
        """What happened meanwhile, then the next batch of due entries; None when the pass has looked at everybody once."""
        self._guard.look(self.desk, self.report)
        self.collect()
        release(self.desk, self.report)
        batch = advance(self.desk, self._after)
        if batch.last is None:
            return None
        self._after = batch.last
        self.report.merge(batch.report)
        return batch.report

    def drain(self) -> Report:
        """Perform the CRM writes that wait."""
        total = Report()
        while (report := drain(self.desk)) is not None:
            total.merge(report)
            if not report.total("crm performed"):
                break
        self.report.merge(total)
        return total

    def finish(self) -> Report:
        """Write down what the pass did."""
        now = self.desk.clock.now()
        if not self.desk.switchboard.cancelled:
            step_up(self.desk, self.report)
        with self.desk.ledger.write() as book:
            book.audit.say(MACHINE, "ends a pass", self.desk.journey.name)
            book.history.end_run(self.id, now, self.report.to_json())
            book.stops.gone(self.desk.worker, book.instant(now))
        return self.report


def run(desk: Desk, tell: Callable[[Report], None] = lambda _: None) -> Report:
    """A whole pass. `tell` hears of every batch."""
    one = Pass(desk)
    one.start()
    one.collect()
    while (batch := one.advance()) is not None:
        tell(batch)
    one.drain()
    return one.finish()
