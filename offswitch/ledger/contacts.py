"""People, by their own id and by their address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, insert, or_, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.tables import contacts, entries
from offswitch.model.contact import Contact
from offswitch.model.entry import OVER

_IN_ORDER = [contacts.c[field.name] for field in fields(Contact)]
_GET = select(*_IN_ORDER).where(contacts.c.id.in_(bindparam("ids", expanding=True)))
_LOCK = select(contacts.c.id).where(contacts.c.id.in_(bindparam("ids", expanding=True))).order_by(contacts.c.id)


_TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # what turns the direction of writing (Unicode TR 9)
LONG, LONGEST = 60, 5  # letters of a name that a text may still use; how many of the longest such names


class Contacts:
    """The contact rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def get(self, ids: Iterable[str]) -> dict[str, Contact]:
        """Contacts by id; absent ones are absent."""
        return {row[0]: Contact(*row) for row in self._connection.execute(_GET, {"ids": list(ids)})}

    def lock(self, ids: Iterable[str]) -> None:
        """Until the commit nobody else counts what these people got. In order of their ids, so that workers wait and never block.

        A store with one writer needs no lock.
        """
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(_LOCK.with_for_update(key_share=True), {"ids": list(ids)})

    def find(self, words: str) -> list[Contact]:
        """Contacts with this id, or with these words in their address or name; at most twenty."""
        query = select(contacts).where(
            or_(
                contacts.c.id == words,
                contacts.c.address == words.strip().lower(),
                func.lower(contacts.c.email).contains(words.strip().lower(), autoescape=True),
                func.lower(contacts.c.name).contains(words.lower(), autoescape=True),
            )
        )
        return [_contact(row) for row in self._connection.execute(query.order_by(contacts.c.id).limit(20))]

    def oddest(self, flow: str) -> list[str]:
        """Of those inside a flow one person for each way in which a name can look wrong, and those with the longest names."""
        inside = select(entries.c.contact_id).where(entries.c.flow == flow, entries.c.state.not_in([state.value for state in OVER]))
        here, length = contacts.c.id.in_(inside), func.length(contacts.c.name)
        one_each = select(*(func.min(case((odd, contacts.c.id))) for odd in _odd())).where(here)
        longest = select(contacts.c.id).where(here, length <= LONG).order_by(length.desc(), contacts.c.id).limit(LONGEST)
        found = [*(self._connection.execute(one_each).one()), *self._connection.scalars(longest)]
        return list(dict.fromkeys(one for one in found if one is not None))

    def by_address(self, addresses: Iterable[str]) -> dict[str, Contact]:
        """Contacts by canonical address."""
        rows = self._connection.execute(select(contacts).where(contacts.c.address.in_(list(addresses))))
        return {row.address: _contact(row) for row in rows}

    def address(self, contact_id: str) -> str:
        """The canonical address of a contact, "" when there is none."""
        return self._connection.scalar(select(contacts.c.address).where(contacts.c.id == contact_id)) or ""

    def addresses(self, ids: Iterable[str]) -> dict[str, str]:
        """Canonical addresses by id."""
        rows = self._connection.execute(select(contacts.c.id, contacts.c.address).where(contacts.c.id.in_(list(ids))))
        return {row.id: row.address or "" for row in rows}

    def add(self, contact: Contact, address: str, now: datetime) -> None:
        """A new contact."""
        values = {name: getattr(contact, name) for name in ("id", "email", "name", "language", "country", "zone", "phone")}
        row = {**values, "fields": dict(contact.fields), "address": address or None, "created": now}
        self._connection.execute(insert(contacts).values(row))
        self._log.wrote(contacts, [contact.id])

    def learn(self, contact_id: str, values: Mapping[str, Any]) -> None:
        """Fill in or change what is known. Empty values never wipe what is there."""
        known = {name: value for name, value in values.items() if value not in ("", None, {})}
        if "fields" in known:
            old = self._connection.scalar(select(contacts.c.fields).where(contacts.c.id == contact_id)) or {}
            known["fields"] = {**old, **known["fields"]}
        if known:
            self._connection.execute(update(contacts).where(contacts.c.id == contact_id).values(known))
            self._log.wrote(contacts, [contact_id])


def _odd() -> list[ColumnElement[bool]]:
    """How a name can look wrong: none, too long, an address, mark-up, a formula, hidden letters; and nothing known beside it."""
    name = contacts.c.name
    return [
        name == "",
        func.length(name) > LONG,
        name.contains("@", autoescape=True),
        name.contains("<", autoescape=True),
        or_(name.contains("{{", autoescape=True), name.contains("{%", autoescape=True)),
        or_(*(name.startswith(sign, autoescape=True) for sign in "=+-")),
        or_(*(name.contains(letter, autoescape=True) for letter in _TURNING)),
        or_(contacts.c.country == "", contacts.c.language == ""),
    ]


def _contact(row: Row[Any]) -> Contact:
    return Contact(row.id, row.email, row.name, row.language, row.country, row.zone, row.phone, row.fields or {})
