"""What a ledger is. SQLite and PostgreSQL fill it; one contract suite judges both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cached_property
from secrets import token_hex
from time import time_ns
from typing import Protocol

from sqlalchemy import Connection

from offswitch.ledger.audit import Audit
from offswitch.ledger.backlog import Backlog
from offswitch.ledger.consent import Consent
from offswitch.ledger.contacts import Contacts
from offswitch.ledger.effects import Effects
from offswitch.ledger.entries import Entries
from offswitch.ledger.events import Events
from offswitch.ledger.evidence import Evidence
from offswitch.ledger.history import History
from offswitch.ledger.leases import Leases
from offswitch.ledger.lifts import LiftRows
from offswitch.ledger.recoveries import Recoveries
from offswitch.ledger.registers import Registers
from offswitch.ledger.requests import Requests
from offswitch.ledger.retirements import Retirements
from offswitch.ledger.reviews import Reviews
from offswitch.ledger.shadow import Shadow
from offswitch.ledger.stops import Stops
from offswitch.ledger.trials import Trials
from offswitch.ledger.work import WorkRows


class Book:
    """One transaction's view of the ledger, by noun. `clock` is the store's own, where it has one that all workers share."""

    def __init__(self, connection: Connection, clock: Callable[[], datetime] | None = None) -> None:
        self.connection = connection
        self._clock = clock

    def instant(self, local: datetime) -> datetime:
        """The time by which leases run and workers live: the store's, or where it has none the caller's own."""
        return self._clock() if self._clock else local

    @cached_property
    def contacts(self) -> Contacts:
        """People."""
        return Contacts(self.connection, self.audit)

    @cached_property
    def events(self) -> Events:
        """What happened."""
        return Events(self.connection, self.audit)

    @cached_property
    def entries(self) -> Entries:
        """Where everybody stands."""
        return Entries(self.connection, self.audit)

    @cached_property
    def backlog(self) -> Backlog:
        """What waits after a stop."""
        return Backlog(self.connection, self.audit)

    @cached_property
    def effects(self) -> Effects:
        """What was done."""
        return Effects(self.connection, self.audit)

    @cached_property
    def consent(self) -> Consent:
        """Who agreed to what."""
        return Consent(self.connection, self.audit)

    @cached_property
    def stops(self) -> Stops:
        """What is off, and who has seen it."""
        return Stops(self.connection, self.audit)

    @cached_property
    def work(self) -> WorkRows:
        """What people did."""
        return WorkRows(self.connection, self.audit)

    @cached_property
    def leases(self) -> Leases:
        """Who works on what."""
        return Leases(self.connection)

    @cached_property
    def requests(self) -> Requests:
        """What one person asked for and another has to agree to."""
        return Requests(self.connection, self.audit)

    @cached_property
    def retirements(self) -> Retirements:
        """Flows that are being ended for good."""
        return Retirements(self.connection, self.audit)

    @cached_property
    def recoveries(self) -> Recoveries:
        """Times that were lost with a backup."""
        return Recoveries(self.connection, self.audit)

    @cached_property
    def registers(self) -> Registers:
        """How far CRMs have been read."""
        return Registers(self.connection, self.audit)

    @cached_property
    def reviews(self) -> Reviews:
        """Who has looked at a flow, and when."""
        return Reviews(self.connection, self.audit)

    @cached_property
    def lifts(self) -> LiftRows:
        """Rules that don't hold for a few days."""
        return LiftRows(self.connection, self.audit)

    @cached_property
    def shadow(self) -> Shadow:
        """What dry runs have decided."""
        return Shadow(self.connection, self.audit)

    @cached_property
    def audit(self) -> Audit:
        """Who changed what, for good."""
        return Audit(self.connection)

    @cached_property
    def evidence(self) -> Evidence:
        """What messages led to."""
        return Evidence(self.connection)

    @cached_property
    def trials(self) -> Trials:
        """What became of texts that are tried out."""
        return Trials(self.connection)

    @cached_property
    def history(self) -> History:
        """What was in force, and what ran."""
        return History(self.connection, self.audit)


class Ledger(Protocol):
    """Reads see one instant; writes come one after another and are durable when the block ends without an error.

    `write` raises sqlalchemy.exc.OperationalError when the store can't be written: then nothing was. Only when a connection
    breaks in the very commit nobody knows, and whoever asks again must find out what is there.
    """

    def read(self) -> AbstractContextManager[Book]:
        """A consistent view."""
        ...

    def write(self) -> AbstractContextManager[Book]:
        """An exclusive transaction: all of it, or nothing."""
        ...

    def share(self) -> AbstractContextManager[Book]:
        """A write transaction of a worker at its batch, beside others of the same kind where the store can do that.

        Nothing but claimed rows, rows under the worker's own token, new effects, refused addresses and the worker's own sign
        of life may be written in it, and who is judged by consent or counts is locked first (`contacts.lock`).
        """
        ...

    def stop_mark(self, token: int = 0) -> tuple[int, int, bool]:
        """How many stops are in force, the newest one's number, and whether the lease of this token still holds.

        Costs microseconds while nobody writes: looked at before every effect. Raises OperationalError: then nothing is known.
        """
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


_names: list[Callable[[], str]] = []


def new_id() -> str:
    """A name for a row: unique, and roughly in order of time."""
    return _names[-1]() if _names else f"{time_ns() // 1_000_000:011x}{token_hex(5)}"


@contextmanager
def names_from(make: Callable[[], str]) -> Iterator[None]:
    """Within this, rows get their names from `make`: a drill that is repeated gives everything the same name."""
    _names.append(make)
    try:
        yield
    finally:
        _names.pop()
