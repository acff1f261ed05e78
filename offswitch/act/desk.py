"""What one worker has at hand to run one flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from os import getpid
from socket import gethostname

from offswitch.act.marks import Marks
from offswitch.act.ports import Crm, Mailer, Needs, Switchboard, Texts
from offswitch.clock import Clock
from offswitch.gate.standing import Standing
from offswitch.journey.code import code_digest
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Ledger
from offswitch.ledger.stops import WORKER_LASTS, Worker
from offswitch.model.action import Action, Kind
from offswitch.model.receipt import Guarantee

BATCH = 500  # entries claimed at once
WINDOW = 50  # effects reserved at once: the most that a power cut leaves in doubt
LEASE = timedelta(seconds=60)
PERMIT_SECONDS = 25.0  # below half the lease: a frozen worker's permits are over before anybody takes its work
FAILURES = 3  # in a row, before a connector counts as down
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(slots=True)
class Health:
    """Whether a connector answers, as far as this pass has seen."""

    failures: int = 0
    reason: str = ""
    until: datetime | None = None

    @property
    def down(self) -> str:
        """Why nothing is given to the connector now, or ""."""
        return self.reason if self.failures >= FAILURES else ""


@dataclass(slots=True)
class Desk:
    """`onward` tells for each step what could still be sent from there, as (purpose, channel)."""

    journey: Journey
    ledger: Ledger
    clock: Clock
    switchboard: Switchboard
    texts: Texts
    needs: Needs
    mailer: Mailer
    crm: Crm
    worker: str
    marks: Marks
    onward: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Names the journey's code."""
        return code_digest(self.journey)[:12]

    def connector(self, action: Action) -> Mailer | Crm:
        """Who performs this."""
        return self.mailer if action.kind is Kind.SEND else self.crm

    def queues(self, action: Action) -> bool:
        """Is it a write that may be repeated, so that it neither stops nor delays what comes after it?"""
        return action.kind is not Kind.SEND and self.crm.guarantee in (Guarantee.NATURAL_UPSERT, Guarantee.NATIVE_KEY)

    def hold(self, token: int) -> None:
        """From now on marks and permits belong to this lease. Call it before anything is reserved under it."""
        self.marks.reset(token)
        self.switchboard.hold(token)

    def alive(self, standing: Standing, now: datetime) -> Worker:
        """This worker's sign of life: which policy it has seen, and whether that stops it."""
        return Worker(
            self.worker, gethostname(), getpid(), self.journey.name, now, now + WORKER_LASTS, standing.revision, standing.halt is not None
        )

    def health_of(self, connector: str) -> Health:
        """The health of a connector in this pass."""
        return self.health.setdefault(connector, Health())
