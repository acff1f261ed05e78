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
from offswitch.journey.graph import graph_of, reachable_messages
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Ledger
from offswitch.ledger.open import open_ledger
from offswitch.messages.library import Library
from offswitch.policy.load import load_company, load_scoring
from offswitch.policy.schema import CompanyPolicy
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
    def ledger(self) -> Ledger:
        """The ledger, made or migrated first where needed."""
        return open_ledger(self.settings.ledger_url)

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
        return FlowSwitchboard(Files(journey, self.settings.policies, self.library), self.settings, self.ledger, self.clock)

    def unsubscribe_link(self, company: CompanyPolicy, contact_id: str) -> str:
        """The one-click link of one person."""
        return f"{str(company.unsubscribe_url).rstrip('/')}/u/{token(secret(self.settings.home), contact_id)}"

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
        )
        needs = ProjectNeeds(lambda: load_scoring(self.settings.policies), crm)
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
