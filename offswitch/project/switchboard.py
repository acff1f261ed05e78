"""Every stop source of one flow, in one place: policy files, stop files, environment, ledger rows. The strictest wins."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import OperationalError

from offswitch.act.periods import waiting
from offswitch.clock import Clock
from offswitch.errors import ConfigError, Problem
from offswitch.gate.lifted import lifted_on, without
from offswitch.gate.review import in_standing as review_in
from offswitch.gate.review import next_review
from offswitch.gate.standing import DRY_RUN, GUARDRAIL, MODE, RESTORED, RETIRING, WAITS, Standing, Stop
from offswitch.ledger.base import Book, Ledger
from offswitch.ledger.stops import StopRow
from offswitch.model.contact import Contact
from offswitch.policy.experiments import Experiment
from offswitch.policy.schema import CompanyPolicy, Course, Effective, OnOff, Switch, effective
from offswitch.project.approval import ApprovalLook, beside
from offswitch.project.files import SAVING, Files, Said, kept_policies
from offswitch.project.readiness import ReadinessLook, in_standing
from offswitch.project.rivals import rivals
from offswitch.project.settings import Settings
from offswitch.project.turns import turn


class FlowSwitchboard:
    """Looks at everything when asked to `look`, and at what could have changed since before every single effect."""

    def __init__(
        self, files: Files, settings: Settings, ledger: Ledger, clock: Clock, lost: Callable[[Book], str], clock_jump: Callable[[], str]
    ) -> None:
        self.flow = files.journey.name
        self._files = files
        self._settings = settings
        self._ledger = ledger
        self._clock = clock
        self._lost = lost
        self._clock_jump = clock_jump
        self._readiness = ReadinessLook(files.policies, self.flow)
        self._approval = ApprovalLook(self.flow)
        self._stop_files = tuple(str(settings.stop_file(name)) for name in ("", self.flow))
        self._cancelled = ""
        self._stamps: tuple[object, ...] = ()
        self._files_there: tuple[bool, ...] = ()
        self._rows: object = None
        self._token = 0
        self._asking = threading.Lock()
        self._company: CompanyPolicy | None = None
        self._last: tuple[object, Said, Standing] | None = None  # keeps `said`, so that its id is nobody else's

    def keep(self, book: Book) -> None:
        """Remember the valid policy in force, for the day when its file is broken."""
        said = self._files.said()
        last = book.history.last_policy(self.flow)
        if said.kept and (last is None or last.digest != said.revision):
            book.history.add_policy(self.flow, said.revision, said.kept, self._clock.now())

    def hold(self, token: int) -> None:
        """From now on, losing this lease is an objection."""
        self._token = token

    @property
    def cancelled(self) -> bool:
        """Was this process asked to stop, or may it not go on?"""
        if not self._cancelled and (jump := self._clock_jump()):  # a signal may `cancel` during the look: never set it back to ""
            self._cancelled = jump
        return bool(self._cancelled)

    def cancel(self, reason: str) -> None:
        """Nothing starts any more in this process."""
        self._cancelled = reason

    def objection(self) -> str:
        """Why nothing may start any more, or "". Costs a few microseconds. A connector may ask from several threads."""
        with self._asking:
            return self._objection()

    def _objection(self) -> str:
        if self.cancelled:
            return self._cancelled
        if self._files.stamps() != self._stamps:
            return "a policy file has changed"
        if self._there() != self._files_there:
            return "a stop file has come or gone"
        try:
            mark = self._ledger.stop_mark(self._token)
        except OperationalError:
            return "the ledger can't be asked"
        if mark[:2] != self._rows:
            return "a stop in the ledger has changed"
        if self._token and not mark[2]:
            return "another worker has taken this batch over"
        return ""

    def look(self, book: Book) -> Standing:
        """Where the flow stands now; objections start afresh from here."""
        self._stamps = self._files.stamps()
        self._files_there = self._there()
        said = self._files.said()
        rows = book.stops.now()
        self._rows = (len(rows), rows[-1].id if rows else 0)
        now = self._clock.now()
        off = tuple(book.stops.unreleased(self.flow))
        periods = tuple(period.cause for period in off if period.closed is None)
        backlog = waiting(book, self._files.journey, now) if periods else 0
        trouble_settled = bool(said.trouble) and now - said.changed > SAVING
        lost = self._lost(book), book.recoveries.lost_until()
        ready = beside(in_standing(self.flow, self._readiness.weigh(book, said, now)), self._approval.weigh(book, said, off, now))
        ready |= self._beside(book, said, now)
        key = (id(said), self._files_there, tuple(rows), off, backlog, trouble_settled, self._cancelled, lost, ready)
        if self._last is None or self._last[0] != key:
            standing = self._standing(book, said, rows, trouble_settled, now, (periods, backlog), ready)
            stops = (Stop("company", "", RESTORED, lost[0], automatic=True), *standing.stops) if lost[0] else standing.stops
            self._last = (key, said, replace(standing, stops=stops, unreleased=len(periods) < len(off), lost_until=lost[1]))
        found = self._last[2]
        others = rivals(book, self._files.policies, self.flow, found.policy.pace) if found.policy else ()
        if others != found.rivals:
            self._last = (key, said, replace(found, rivals=others))
        return self._last[2]

    def _beside(self, book: Book, said: Said, now: datetime) -> dict[str, Any]:
        """Which rules are lifted today, and whether somebody has looked at the flow lately; where neither is asked, nothing."""
        if said.policy is None or said.company is None:
            return {}
        every, there = said.policy.review or said.company.review, said.company.overrides + said.policy.overrides
        lifted = lifted_on(there, said.company, now.astimezone(ZoneInfo(said.company.zone)).date()) if there else ()
        if every is None:
            return {"lifted": lifted}
        last = book.reviews.last(self.flow, now)
        found = next_review(every, (last.by, last.at) if last else None, said.approval.on if said.approval else "")
        return {"lifted": lifted, **review_in(self.flow, found, now)}

    def company(self) -> CompanyPolicy:
        """The company's policy as the last look saw it. Raises ConfigError before there was a valid one."""
        company = self._company or self._files.said().company
        if company is None:
            raise ConfigError(Problem(self._files.watched[1], 0, 0, "there is no valid company.yaml", "see `offswitch check`"))
        return company

    def trials(self) -> Mapping[str, Experiment]:
        """The experiments of the policy that the last look saw; before that, of the file."""
        policy = self._last[2].policy if self._last else self._files.said().policy
        return policy.experiments if policy else {}

    def turn(self, book: Book) -> str:
        """Which flows this one waits for, by the policy that the last look saw; "" for none."""
        policy = self._last[2].policy if self._last else None
        if policy is None or self._company is None:
            return ""
        return turn(book, self._files.policies, self._company, self.flow, policy.rollout, self._clock.now())

    def zone(self, contact: Contact) -> ZoneInfo:
        """The contact's own zone, else the country's, else the company's."""
        company = self._company
        country = company.country_zones.get(contact.country, "") if company else ""
        for name in (contact.zone, country, company.zone if company else ""):
            if name:
                try:
                    return ZoneInfo(name)
                except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
                    continue
        return ZoneInfo("UTC")

    def _there(self) -> tuple[bool, ...]:
        return tuple(os.access(path, os.F_OK) for path in self._stop_files)

    def _standing(
        self,
        book: Book,
        said: Said,
        rows: list[StopRow],
        settled: bool,
        now: datetime,
        was_off: tuple[tuple[str, ...], int],
        ready: Mapping[str, Any],
    ) -> Standing:
        policy, company = self._in_force(book, said)
        policy = without(policy, ready.get("lifted", ())) if policy else None
        self._company = company
        stops = [*self._stops_of(said, company, policy), *(_stop(row, self.flow) for row in rows if _is_ours(row, self.flow))]
        standing = Standing(
            flow=self.flow,
            policy=policy,
            stops=tuple(stops),
            trouble=said.trouble,
            trouble_settled=settled,
            revision=said.revision,
            **ready,
        )
        periods, backlog = was_off
        if policy is None or backlog <= policy.without_asking or all(cause in standing.causes for cause in periods):
            return standing
        wait = Stop("flow", self.flow, WAITS, f"{backlog} are due after a stop: run `offswitch on {self.flow}`")
        return replace(standing, stops=(*standing.stops, wait))

    def _in_force(self, book: Book, said: Said) -> tuple[Effective | None, CompanyPolicy | None]:
        if said.policy is not None and said.company is not None:
            return effective(said.policy, said.company, said.sorting), said.company
        last = book.history.last_policy(self.flow)
        if last is None:
            return None, said.company
        company, flow, sorting = kept_policies(last.policy, self.flow)
        return effective(flow, said.company or company, sorting), said.company or company

    def _stops_of(self, said: Said, company: CompanyPolicy | None, policy: Effective | None) -> Iterator[Stop]:
        if self._settings.stop.strip().lower() not in ("", "0", "no", "off", "false"):  # whatever else it says, it says stop
            yield Stop("company", "", "environment", "OFFSWITCH_STOP is set")
        for path, there in zip(self._stop_files, self._there(), strict=True):
            if there:
                yield Stop("flow", self.flow, "stop file", path)
        if company is not None:  # what was off in the last valid files stays off while they are broken
            yield from _of_company(company)
        if policy is not None:
            yield from _of_flow(self.flow, policy)


def _of_company(company: CompanyPolicy) -> Iterator[Stop]:
    if company.switch is OnOff.OFF:
        yield Stop("company", "", "company.yaml")
    if company.mode.course is not Course.NORMAL:
        yield Stop(MODE, company.mode.course, "company.yaml", company.mode.why)
    for scope, switches in (("channel", company.channels), ("connector", company.connectors)):
        yield from (Stop(scope, name, "company.yaml") for name, switch in switches.items() if switch is OnOff.OFF)


def _of_flow(flow: str, policy: Effective) -> Iterator[Stop]:
    if policy.switch is Switch.OFF:
        yield Stop("flow", flow, f"{flow}.yaml")
    elif policy.switch is Switch.DRY_RUN:
        yield Stop("flow", flow, f"{flow}.yaml", DRY_RUN)
    yield from (Stop("step", name, f"{flow}.yaml") for name, switch in policy.step_switch.items() if switch is OnOff.OFF)


def _is_ours(row: StopRow, flow: str) -> bool:
    """Is it about this flow, one of its steps, or about more than one flow?"""
    if row.scope == "step":
        return row.name.startswith(f"{flow}/")
    return row.scope not in ("flow", RETIRING) or row.name == flow


def _stop(row: StopRow, flow: str) -> Stop:
    if row.scope == RETIRING:  # ended by nothing but its own undoing
        return Stop("flow", flow, RETIRING, row.reason, automatic=True)
    name = row.name.removeprefix(f"{flow}/") if row.scope == "step" else row.name
    source = GUARDRAIL if row.automatic and row.by == GUARDRAIL else "ledger"
    return Stop(row.scope, name, source, row.reason or f"by {row.by}", row.automatic, row.by, row.at, row.until)
