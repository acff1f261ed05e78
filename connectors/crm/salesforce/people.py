"""Salesforce's contacts or leads: found by our external id, else by their address; made by upsert; changed by record id.

Salesforce does not keep addresses unique, so a person bears theirs once more in an external id, and whoever is found by address alone
gets it. A change of a field goes only into a record that nobody changed since we looked (`If-Unmodified-Since`, to the second).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.crm.salesforce.calls import (
    CHANGED,
    MOST_CALLS,
    MOST_RECORDS,
    changed,
    changes,
    instant,
    query_among,
    select,
    upsert,
    upserted,
)
from connectors.crm.salesforce.session import Session
from connectors.http import Answer, Result, in_batches
from connectors.register.fields import Fields, as_text, names, with_tags
from connectors.register.merge import Version, merge
from connectors.register.orders import Failed, address, addresses, all_alike, fits
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.receipt import Outcome, Receipt

_LOOKS = 4
_WHO = ("Id", "Email", "Name", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")
_HISTORY = "(SELECT Field, NewValue, CreatedById, CreatedDate FROM Histories ORDER BY CreatedDate DESC LIMIT 200)"


@dataclass(frozen=True, slots=True)
class Records:
    """How the org keeps people: `kind` is Contact or Lead, `external_id` our field, `history` whether changes of fields are kept."""

    kind: str
    external_id: str
    fields: Fields
    history: bool
    company: str


@dataclass(frozen=True, slots=True)
class Person:
    """A record as Salesforce has it. `twice`: others bear the same address, so it can't be told which is meant."""

    id: str
    record: Mapping[str, Any]
    history: Mapping[str, Sequence[Version]] = field(default_factory=dict)
    twice: bool = False


class People:
    """Reads and writes people."""

    def __init__(self, session: Session, records: Records) -> None:
        self._session = session
        self._records = records

    def find(self, emails: Sequence[str], fields: Sequence[str]) -> dict[str, Person] | Failed:
        """By canonical address, as they are in this moment; absent people are absent."""
        key = self._records.external_id
        entered = self._session.enter()  # who we are must be known before the history can be read
        if isinstance(entered, Failed):
            return entered
        columns = [*dict.fromkeys([*_WHO, key, *fields]), *([_HISTORY] if self._records.history else [])]

        def soql(among: str) -> str:
            return select(columns, self._records.kind, f"{key} IN ({among}) OR Email IN ({among})")

        found = query_among(self._session, soql, emails)
        if not isinstance(found, list):
            return found
        return {email: person for email in emails if (person := self._among(found, email, fields)) is not None}

    def enter(self, orders: Sequence[Order[Change]]) -> list[Receipt]:
        """Make these people, with nothing but who they are; a receipt's reference is the record's id."""

        def call(batch: Sequence[Order[Change]]) -> Result:
            made = upsert(self._records.kind, self._records.external_id, [self._who(order) for order in batch])
            return self._session.call(made, [order.permit for order in batch])

        def parts(answer: Answer, batch: Sequence[Order[Change]]) -> list[Receipt]:
            return upserted(answer, [order.permit.key for order in batch])

        return list(in_batches(orders, MOST_RECORDS, fits, call, parts))

    def update(self, orders: Sequence[Order[Change]]) -> dict[str, Receipt]:
        """Write what may be written, as often as somebody was faster, at most four times."""
        found: dict[str, Receipt] = {}
        looking = list(orders)
        looks = 0
        while looking and looks < _LOOKS:
            found |= self._round(looking)
            looking = [order for order in looking if found[order.permit.key].reason == CHANGED]
            looks += 1
        return found

    def _round(self, orders: Sequence[Order[Change]]) -> dict[str, Receipt]:
        """One look and what it allows. Who was not there is made, and looked at in the next round."""
        fields = sorted({self._records.fields.theirs(name) for order in orders for name in order.payload.values})
        people = self.find(addresses(orders), fields)
        if not isinstance(people, dict):
            return all_alike(orders, people)
        known = [order for order in orders if address(order) in people]
        made = {one.key: one for one in self.enter([order for order in orders if address(order) not in people])}
        again = {key: Receipt(key, Outcome.RETRY, CHANGED) for key, one in made.items() if one.outcome is Outcome.PERFORMED}
        return made | again | self._write(known, people)

    def _write(self, orders: Sequence[Order[Change]], people: Mapping[str, Person]) -> dict[str, Receipt]:
        found: dict[str, Receipt] = {}
        writes: dict[str, tuple[str, Mapping[str, Any], datetime | None]] = {}
        reasons: dict[str, str] = {}
        for order in orders:
            key, person = order.permit.key, people[address(order)]
            if person.twice:
                found[key] = Receipt(key, Outcome.REJECTED, "Salesforce has several records of this person: merge them")
                continue
            plan = merge(order.payload, self._wanted(order.payload, person), person.history)
            reasons[key] = plan.reason
            values = {self._records.fields.theirs(name): self._typed(order.payload, name, value) for name, value in plan.write.items()}
            if values:
                writes[key] = (person.id, self._adopted(order, person) | values, self._unless(order.payload, person))
            else:
                found[key] = Receipt(key, Outcome.PERFORMED, plan.reason or "nothing to change", person.id)
        done = self._change([order for order in orders if order.permit.key in writes], writes)
        return found | {one.key: _reasoned(one, reasons[one.key], writes[one.key][0]) for one in done}

    def _change(
        self, orders: Sequence[Order[Change]], writes: Mapping[str, tuple[str, Mapping[str, Any], datetime | None]]
    ) -> list[Receipt]:
        def call(batch: Sequence[Order[Change]]) -> Result:
            asked = changes(self._records.kind, [writes[order.permit.key] for order in batch])
            return self._session.call(asked, [order.permit for order in batch])

        def parts(answer: Answer, batch: Sequence[Order[Change]]) -> list[Receipt]:
            return changed(answer, [order.permit.key for order in batch])

        return list(in_batches(orders, MOST_CALLS, fits, call, parts))

    def _among(self, found: Sequence[Mapping[str, Any]], email: str, fields: Sequence[str]) -> Person | None:
        ours = [one for one in found if canonical_email(as_text(one.get(self._records.external_id))) == email]
        theirs = ours or [one for one in found if canonical_email(as_text(one.get("Email"))) == email]
        if not theirs:
            return None
        (record, *others) = theirs
        history = {self._ours(name): self._versions(record, name) for name in fields}
        return Person(str(record["Id"]), record, history, twice=bool(others))

    def _ours(self, theirs: str) -> str:
        return next((ours for ours, name in self._records.fields.theirs_by_ours.items() if name == theirs), theirs)

    def _versions(self, record: Mapping[str, Any], name: str) -> list[Version]:
        """What is known of who set a field when. Without a history that is who changed the record last, and when."""
        now, me = as_text(record.get(name)), self._session.me
        rows = ((record.get("Histories") or {}).get("records") or []) if self._records.history else []
        kept = [
            Version(as_text(row.get("NewValue")), instant(row["CreatedDate"]), row.get("CreatedById") == me, str(row.get("CreatedById")))
            for row in rows
            if row.get("Field") == name
        ]
        if kept and kept[0].value == now:
            return kept
        made = self._records.history and not kept
        by, at = ("CreatedById", "CreatedDate") if made else ("LastModifiedById", "LastModifiedDate")
        last = Version(now, instant(record[at]), record.get(by) == me, str(record.get(by)))
        return [last, *kept] if now or kept else []

    def _wanted(self, change: Change, person: Person) -> dict[str, str]:
        wanted = {name: as_text(value) for name, value in change.values.items()} if change.kind is Kind.UPDATE else {}
        if "tags" in wanted:
            wanted["tags"] = with_tags(as_text(person.record.get(self._records.fields.theirs("tags"))), change.values["tags"])
        return wanted

    def _typed(self, change: Change, name: str, text: str) -> Any:
        """Numbers and truth as they are; all else as text, nothing as null."""
        value = change.values.get(name)
        return value if isinstance(value, bool | int | float) and as_text(value) == text else text or None

    def _adopted(self, order: Order[Change], person: Person) -> dict[str, str]:
        return {} if person.record.get(self._records.external_id) else {self._records.external_id: address(order)}

    def _unless(self, change: Change, person: Person) -> datetime | None:
        return instant(person.record["LastModifiedDate"]) if change.decided is not None or change.yielding else None

    def _who(self, order: Order[Change]) -> dict[str, str]:
        first, last = names(order.payload.contact.name)
        known = {self._records.external_id: address(order), "Email": address(order), "FirstName": first, "LastName": last or address(order)}
        company = {"Company": self._records.company} if self._records.kind == "Lead" else {}
        return {name: value for name, value in (known | company).items() if value}


def _reasoned(one: Receipt, reason: str, reference: str) -> Receipt:
    return Receipt(one.key, one.outcome, reason, reference) if one.outcome is Outcome.PERFORMED else one
