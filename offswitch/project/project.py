"""One project, opened: what commands and orchestrators start from."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from secrets import token_hex

from offswitch.act.desk import Desk
from offswitch.act.marks import Marks
from offswitch.act.ports import Crm, Mailer
from offswitch.clock import Clock, SystemClock
from offswitch.intake.opt_outs import OptOuts
from offswitch.journey.graph import graph_of, reachable_messages
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.ledger.highwater import HighWater, Loss, Unreadable
from offswitch.ledger.marked import MarkedLedger
from offswitch.ledger.open import open_ledger
from offswitch.messages.library import Library
from offswitch.policy.load import load_company, load_sorting
from offswitch.policy.schema import CompanyPolicy
from offswitch.project.clock_watch import ClockWatch
from offswitch.project.connectors import connector
from offswitch.project.files import Files
from offswitch.project.flows import Flows, load_flows
from offswitch.project.links import secret, token
from offswitch.project.needs import ProjectNeeds
from offswitch.project.settings import Settings, read_settings
from offswitch.project.switchboard import FlowSwitchboard
from offswitch.project.texts import FlowTexts

FRESH = timedelta(hours=72)  # how far back a flow looks that is new in a project


@dataclass
class Project:
    """Everything is opened when it is first asked for, so that `off` opens no more than it needs."""

    settings: Settings = field(default_factory=read_settings)
    clock: Clock = field(default_factory=SystemClock)
    mailer: Mailer | None = None
    crm: Crm | None = None

    @cached_property
    def flows(self) -> Flows:
        """The journeys of this project."""
        return load_flows(self.settings.flows)

    @cached_property
    def library(self) -> Library:
        """The message files."""
        return Library(self.settings.messages)

    @cached_property
    def ledger(self) -> MarkedLedger:
        """The ledger, made or migrated first where needed."""
        ledger = open_ledger(self.settings.ledger_url, virtual=not isinstance(self.clock, SystemClock))
        return MarkedLedger(ledger, self.highwater, self.settings.ledger_file)

    @cached_property
    def highwater(self) -> HighWater:
        """How far this machine has seen the ledger come."""
        if not self.settings.mark_file:  # else its place is a disk of its own, and not there means not mounted
            self.settings.home.mkdir(parents=True, exist_ok=True)
        return HighWater(self.settings.mark, self.clock.now)

    def loss(self, book: Book) -> Loss | None:
        """What this ledger lacks, if it was restored from a backup or is another one. Raises Unreadable."""
        return self.highwater.loss(book, self.ledger.read)

    def lost(self, book: Book) -> str:
        """The same in words, "" when nothing is."""
        try:
            return str(self.loss(book) or "")
        except Unreadable as error:
            return str(error)

    def company(self) -> CompanyPolicy:
        """`company.yaml` as it is now. Raises ConfigError."""
        return load_company(self.settings.policies)

    def expect(self) -> None:
        """From now on every flow here gets what comes in, however late its first run is."""
        with self.ledger.write() as book:
            for name in self.flows.journeys:
                if not book.events.has_cursor(name):
                    book.events.begin(name, book.events.last_before(self.clock.now() - FRESH))

    def switchboard(self, journey: Journey) -> FlowSwitchboard:
        """Every stop source of one flow."""
        files = Files(journey, self.settings.policies, self.library)
        return FlowSwitchboard(files, self.settings, self.ledger, self.clock, self.lost, self.clock_watch().jump)

    @cached_property
    def opt_outs(self) -> OptOuts:
        """Every no that came in, beside the ledger."""
        return OptOuts(self.settings.home / "opt-outs.jsonl")

    def clock_watch(self) -> ClockWatch:
        """Begins to watch this machine's clock now."""
        return ClockWatch(self.clock, self.settings.home / "clock")

    def unsubscribe_link(self, company: CompanyPolicy, contact_id: str) -> str:
        """The one-click link of one person."""
        return f"{str(company.unsubscribe_url).rstrip('/')}/u/{token(self._secret, contact_id)}"

    @cached_property
    def _secret(self) -> bytes:
        return secret(self.settings.home)

    @contextmanager
    def desk(self, journey: Journey) -> Iterator[Desk]:
        """What it takes to run, plan or explain this flow. Connectors connect when they are first used."""
        switchboard = self.switchboard(journey)
        mailer: Mailer = self.mailer or connector("email", self.settings.email)
        crm: Crm = self.crm or connector("crm", self.settings.crm)
        worker = f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"
        marks = Marks(self.settings.home / "marks", worker)
        texts = FlowTexts(
            self.library,
            journey.name,
            switchboard.company,
            lambda contact_id: self.unsubscribe_link(switchboard.company(), contact_id),
            switchboard.trials,
        )
        needs = ProjectNeeds(lambda: load_sorting(self.settings.policies, switchboard.company()), crm)
        desk = Desk(journey, self.ledger, self.clock, switchboard, texts, needs, mailer, crm, worker, marks, onward(journey, texts))
        clean = False
        try:
            yield desk
            clean = True
        finally:
            marks.close(forget=clean)  # after an error they say what happened to effects that nobody recorded
            if self.mailer is None:
                mailer.close()
            if self.crm is None:
                crm.close()


def onward(journey: Journey, texts: FlowTexts) -> Mapping[str, frozenset[tuple[str, str]]]:
    """For each step, what could still be sent from there on, as (purpose, channel)."""
    graph = graph_of(journey)
    return {
        name: frozenset((texts.front(message).purpose, "email") for message in reachable_messages(graph, name)) for name in journey.steps
    }
