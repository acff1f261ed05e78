"""What a ledger is. SQLite is the first implementation; one contract suite judges every one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from secrets import token_hex
from time import time_ns
from typing import Protocol

from sqlalchemy import Connection

from offswitch.ledger.consent import Consent
from offswitch.ledger.contacts import Contacts
from offswitch.ledger.effects import Effects
from offswitch.ledger.entries import Entries
from offswitch.ledger.events import Events
from offswitch.ledger.history import History
from offswitch.ledger.leases import Leases
from offswitch.ledger.requests import Requests
from offswitch.ledger.retirements import Retirements
from offswitch.ledger.stops import Stops
from offswitch.ledger.work import WorkRows


class Book:
    """One transaction's view of the ledger, by noun."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def contacts(self) -> Contacts:
        """People."""
        return Contacts(self.connection)

    @cached_property
    def events(self) -> Events:
        """What happened."""
        return Events(self.connection)

    @cached_property
    def entries(self) -> Entries:
        """Where everybody stands."""
        return Entries(self.connection)

    @cached_property
    def effects(self) -> Effects:
        """What was done."""
        return Effects(self.connection)

    @cached_property
    def consent(self) -> Consent:
        """Who agreed to what."""
        return Consent(self.connection)

    @cached_property
    def stops(self) -> Stops:
        """What is off, and who has seen it."""
        return Stops(self.connection)

    @cached_property
    def work(self) -> WorkRows:
        """What people did."""
        return WorkRows(self.connection)

    @cached_property
    def leases(self) -> Leases:
        """Who works on what."""
        return Leases(self.connection)

    @cached_property
    def requests(self) -> Requests:
        """What one person asked for and another has to agree to."""
        return Requests(self.connection)

    @cached_property
    def retirements(self) -> Retirements:
        """Flows that are being ended for good."""
        return Retirements(self.connection)

    @cached_property
    def history(self) -> History:
        """What was in force, and what ran."""
        return History(self.connection)


class Ledger(Protocol):
    """Reads see one instant; writes come one after another and are durable when the block ends without an error.

    `write` raises sqlalchemy.exc.OperationalError when the store can't be written: then nothing was.
    """

    def read(self) -> AbstractContextManager[Book]:
        """A consistent view."""
        ...

    def write(self) -> AbstractContextManager[Book]:
        """An exclusive transaction: all of it, or nothing."""
        ...

    def share(self) -> AbstractContextManager[Book]:
        """A write transaction of a worker at its batch, beside others of the same kind where the store can do that.

        Nothing but claimed rows, rows under the worker's own token and new effects may be written in it.
        """
        ...

    def stop_mark(self, token: int = 0) -> tuple[int, int, bool]:
        """How many stops are in force, the newest one's number, and whether the lease of this token still holds.

        Costs microseconds while nobody writes: looked at before every effect.
        """
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


def new_id() -> str:
    """A name for a row: unique, and roughly in order of time."""
    return f"{time_ns() // 1_000_000:011x}{token_hex(5)}"
