"""Tryton 8: people are parties by e-mail address, with categories as stage and tags, and notes; by its JSON-RPC.

Not by the REST interface for applications: that one can't say which state of a party a write is based on, so that what
somebody saves between our look and our write would be overwritten; and it answers 500 in HTML to an unknown field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.crm.tryton.changes import Changes, Notes
from connectors.crm.tryton.edits import edits_since
from connectors.crm.tryton.parties import Parties, Party, long_ago
from connectors.crm.tryton.rpc import Rpc, Said
from connectors.http import HttpSettings, NotSent, Service, receipt
from connectors.register.fields import FieldPairs, fields_of
from connectors.register.orders import address, all_alike, apart, refusal, sorted_out
from connectors.settings import connected
from offswitch.act.ports import Change, Edits, Order
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.entry import shown
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

SERVICE = Service("tryton", calls=50, seconds=1)  # our own server: no limit is documented
_MOST = 50


class TrytonSettings(HttpSettings):
    """`base_url` ends with the name of the database: https://tryton.example.com/company. Give Offswitch a user of its own.

    `stages` is the category below which a party's stage stands. `fields` pairs our names with further columns of parties that
    your modules add, such as `city=city`. `settled`: seconds after which a change is sure to be in its place in Tryton's log.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_TRYTON_")

    base_url: str = "http://localhost:8000/tryton"
    login: str = "offswitch"
    password: SecretStr = Field(min_length=1)
    stages: str = "Stage"
    fields: FieldPairs = ""
    settled: float = Field(default=10, ge=0)


def connect() -> Tryton:
    """The database of OFFSWITCH_TRYTON_BASE_URL, as the user of OFFSWITCH_TRYTON_LOGIN."""
    return connected(TrytonSettings, Tryton)


class Tryton:
    """A Tryton database. Its log tells who set which field when; its timestamps refuse a write to what has changed since."""

    name = "tryton"
    guarantee = Guarantee.NATURAL_UPSERT
    limits = "50 people a look, one call for each change; no limit is documented"

    def __init__(self, settings: TrytonSettings) -> None:
        self._fields = fields_of(settings.fields)
        self._settled = timedelta(seconds=settings.settled)
        self._rpc = Rpc(SERVICE, settings, settings.login, settings.password)
        self._parties = Parties(self._rpc, self._fields, settings.stages)
        self._changes = Changes(self._rpc, self._parties, self._fields, settings.stages)
        self._notes = Notes(self._rpc)

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order. Whoever Tryton doesn't know is made."""
        for some in apart(orders, _MOST):
            found = self._perform(some)
            yield from (found[order.permit.key] for order in some)

    def look_up(self, key: str) -> Receipt | None:
        """Did this note or task arrive? None for changes of a party, which leave no key, and where we are no administrator."""
        name = shown(key)
        there = self._notes.there([name])
        if not isinstance(there, dict):
            return None
        if name in there:
            return Receipt(key, Outcome.PERFORMED, reference=name)
        return Receipt(key, Outcome.RETRY) if "/note:" in name or "/task:" in name else None

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """`name`, `language`, `stage`, `tags` and the fields of the setting. Raises Retryable, Permanent."""
        people: dict[str, Party] = {}
        for start in range(0, len(emails), _MOST):
            found = self._parties.of(emails[start : start + _MOST])
            if not isinstance(found, dict):
                raise refusal(found)
            people |= found
        return {email: people[canonical_email(email)].facts for email in emails if canonical_email(email) in people}

    def edits(self, cursor: str) -> Edits:
        """What other users of Tryton changed or made. Raises Retryable, Permanent."""
        return edits_since(self._rpc, self._parties, self._fields, cursor, self._settled)

    def diagnose(self) -> Iterator[Finding]:
        """Does it let us in, may we see parties and their log, and does it know Arabic?"""
        about = "Tryton"
        parties = self._rpc.ask("party.party.search_count", [])
        if not isinstance(parties, Said):
            yield Finding(about, Level.TROUBLE, parties.why, "check OFFSWITCH_TRYTON_BASE_URL, _LOGIN and _PASSWORD, and the module party")
            return
        yield Finding(about, Level.FINE, f"holds {parties.value:,} parties")
        log = self._rpc.ask("ir.model.log.search_count", [["resource", "in", []]])
        if not isinstance(log, Said):
            yield Finding(f"{about}'s log", Level.TROUBLE, "can't be read", "let our user read ir.model.log: it says what people change")
        arabic = self._rpc.ask("ir.lang.search_count", [["code", "=", "ar"]])
        if isinstance(arabic, Said) and not arabic.value:
            yield Finding(
                f"{about}'s languages", Level.ADVICE, "Arabic is none of them", "add it, or a person's language is not kept there"
            )

    def close(self) -> None:
        """Let go of connections."""
        self._rpc.close()

    def _perform(self, orders: Sequence[Order[Change]]) -> dict[str, Receipt]:
        work = sorted_out(orders)
        if not work.fit:
            return work.receipts
        since = min(order.payload.decided or long_ago() for order in work.fit)
        people = self._parties.of([address(order) for order in work.fit], since)
        if not isinstance(people, dict):
            return work.receipts | all_alike(work.fit, people)
        return work.receipts | {order.permit.key: self._write(order, people.get(address(order))) for order in work.fit}

    def _write(self, order: Order[Change], party: Party | None) -> Receipt:
        if order.payload.kind is Kind.UPDATE:
            return self._changes.write(order, party)
        if party is None:
            made = self._changes.write(order, None)
            if made.outcome is not Outcome.PERFORMED:
                return made
            found = self._changes.found(order)
            if not isinstance(found, Party):
                return receipt(order.permit.key, found or NotSent("the party that we made is gone again"))
            party = found
        return self._notes.write(order, party)
