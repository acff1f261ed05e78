"""Who agreed to what, and which addresses get nothing. Consent rows are only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, insert, select

from offswitch.ledger.audit import Audit
from offswitch.ledger.dialect import dialect_of
from offswitch.ledger.tables import consent, contacts, suppressions

REFUSED = "the provider says that this address can't get mail"  # why an address is suppressed that a provider has refused
_ids: BindParameter[list[str]] = bindparam("ids", expanding=True)
_OF = (
    select(consent.c.contact_id, consent.c.purpose, consent.c.channel, consent.c.given)
    .where(consent.c.contact_id.in_(_ids))
    .order_by(consent.c.at, consent.c.given.desc(), consent.c.seq)
)
_SUPPRESSED = (
    select(contacts.c.id, suppressions.c.channel)
    .join(suppressions, suppressions.c.address == contacts.c.address)
    .where(contacts.c.id.in_(_ids))
)


class Consent:
    """The consent and suppression rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def record(self, contact_id: str, purpose: str, channel: str, given: bool, *, source: str, wording: str, at: datetime) -> None:
        """A person said yes or no. `at` is when they said it, which may be before it reached us."""
        row = {"contact_id": contact_id, "purpose": purpose, "channel": channel, "given": given}
        adding = insert(consent).values({**row, "source": source, "wording": wording, "at": at})
        self._log.wrote(consent, self._connection.scalars(adding.returning(consent.c.seq)))

    def of(self, ids: Iterable[str]) -> dict[str, frozenset[tuple[str, str]]]:
        """What each contact agrees to now: the last word counts, and at the same instant the no."""
        said: dict[str, dict[tuple[str, str], bool]] = {}
        for contact_id, purpose, channel, given in self._connection.execute(_OF, {"ids": list(ids)}):
            said.setdefault(contact_id, {})[purpose, channel] = given
        return {contact: frozenset(key for key, given in words.items() if given) for contact, words in said.items()}

    def refused(self, contact_id: str, purpose: str, channel: str) -> bool:
        """Did this person ever say no to this?"""
        same = (consent.c.contact_id == contact_id, consent.c.purpose == purpose, consent.c.channel == channel)
        return self._connection.scalar(select(consent.c.seq).where(*same, consent.c.given.is_(False)).limit(1)) is not None

    def suppress(self, address: str, channel: str, reason: str, at: datetime) -> None:
        """This address gets nothing more on this channel."""
        dialect = dialect_of(self._connection.dialect.name)
        row = {"address": address, "channel": channel, "reason": reason, "at": at}
        self._connection.execute(dialect.insert(suppressions).values(row).on_conflict_do_nothing())
        self._log.wrote(suppressions, [(address, channel)])

    def suppressed(self, ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Suppressed channels by contact."""
        found: dict[str, set[str]] = {}
        for contact_id, channel in self._connection.execute(_SUPPRESSED, {"ids": list(ids)}):
            found.setdefault(contact_id, set()).add(channel)
        return {contact: frozenset(channels) for contact, channels in found.items()}
