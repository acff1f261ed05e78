"""HubSpot's contacts: looked up by e-mail address, changed by their id, made by upsert.

Who is there already is changed by record id: a partial upsert by e-mail address is not something HubSpot promises to work. Who is
not there is upserted by address with everything there is to say, so two workers make one contact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors.crm.hubspot.account import Account
from connectors.crm.hubspot.batch import MOST, Input, judged, read_by, results, told, written
from connectors.http import Answer, Client, Result, in_batches
from connectors.register.fields import Fields, as_text, names, with_tags
from connectors.register.merge import Merge, Version, merge, overwritten
from connectors.register.orders import Failed, address, addresses, fits
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.receipt import Outcome, Receipt

WHO = ("email", "hs_additional_emails", "firstname", "lastname")
_UPSERT = "/crm/v3/objects/contacts/batch/upsert"
_UPDATE = "/crm/v3/objects/contacts/batch/update"
_LOOKS = 3  # at what we wrote, until nothing has to be given back


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as HubSpot has it."""

    id: str
    values: Mapping[str, str]
    history: Mapping[str, Sequence[Version]]

    @property
    def addresses(self) -> list[str]:
        """All by which HubSpot knows this person."""
        return [
            canonical_email(one) for one in (self.values.get("email", ""), *self.values.get("hs_additional_emails", "").split(";")) if one
        ]


class Contacts:
    """Reads and writes people."""

    def __init__(self, client: Client, account: Account, fields: Fields) -> None:
        self._client = client
        self._account = account
        self._fields = fields

    def find(self, emails: Sequence[str], properties: Sequence[str], history: Sequence[str] = ()) -> dict[str, Person] | Failed:
        """By canonical address, as they are in this moment; absent people are absent. At most 100, with history 50."""
        people = self._read("email", emails, properties, history)
        return {one: person for person in people for one in person.addresses} if isinstance(people, list) else people

    def by_id(self, ids: Sequence[str], fields: Sequence[str]) -> list[Person] | Failed:
        """By HubSpot's own id, with history. At most 50."""
        return self._read("hs_object_id", ids, fields, fields)

    def _read(self, unique: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str]) -> list[Person] | Failed:
        app = self._account.app() if history else ""
        if not isinstance(app, str):
            return app
        answer = judged(self._client.call(read_by("contacts", unique, ids, sorted({*WHO, *properties}), history)))
        return [person_of(record, app) for record in results(answer)] if isinstance(answer, Answer) else answer

    def of(self, orders: Sequence[Order[Change]]) -> dict[str, Person] | Failed:
        """The people of these orders, with the history of the fields that are to change."""
        fields = sorted(
            {self._fields.theirs(name) for order in orders if order.payload.kind is Kind.UPDATE for name in order.payload.values}
        )
        return self.find(addresses(orders), fields, fields)

    def enter(self, orders: Sequence[Order[Change]]) -> list[Receipt]:
        """Make these people; a receipt's reference is the contact's id."""
        wanted = {order.permit.key: self._wanted(order.payload, None) for order in orders}

        def one(order: Order[Change]) -> Input:
            values = {**_who(order), **self._entries(wanted[order.permit.key])}
            return Input(address(order), {"idProperty": "email", "id": address(order), "properties": values})

        return self._write(_UPSERT, orders, one)

    def update(self, orders: Sequence[Order[Change]], people: Mapping[str, Person]) -> dict[str, Receipt]:
        """Write what may be written, look at it again, and give back what somebody set meanwhile."""
        found = self._first(orders, people)
        looking = [order for order in orders if found[order.permit.key].outcome is Outcome.PERFORMED and _guarded(order.payload)]
        for _ in range(_LOOKS):
            looking = self._look_again(looking, found)
            if not looking:
                return found
        return found | {
            order.permit.key: Receipt(order.permit.key, Outcome.UNKNOWN, "somebody is editing this person now") for order in looking
        }

    def _first(self, orders: Sequence[Order[Change]], people: Mapping[str, Person]) -> dict[str, Receipt]:
        merges = {order.permit.key: self._merge(order.payload, people[address(order)]) for order in orders if address(order) in people}
        due = [order for order in orders if order.permit.key in merges and merges[order.permit.key].write]
        new = [order for order in orders if order.permit.key not in merges]
        done = [*self._change(due, people, merges), *self.enter(new)]
        found = {key: Receipt(key, Outcome.PERFORMED, "nothing to change") for key in merges} | {one.key: one for one in done}
        kept = {key: merge.reason for key, merge in merges.items() if merge.reason and found[key].outcome is Outcome.PERFORMED}
        return found | {key: replace(found[key], reason=reason) for key, reason in kept.items()}

    def _look_again(self, orders: Sequence[Order[Change]], found: dict[str, Receipt]) -> list[Order[Change]]:
        """The orders of which something had to be given back; those that can't be looked at stay in doubt."""
        people = self.of(orders) if orders else {}
        if not isinstance(people, dict):
            late = f"what was written could not be looked at: {people.why}"
            found |= {order.permit.key: Receipt(order.permit.key, Outcome.UNKNOWN, late) for order in orders}
            return []
        seen = [order for order in orders if address(order) in people]
        merges = {order.permit.key: self._given_back(order.payload, people[address(order)]) for order in seen}
        due = [order for order in seen if merges[order.permit.key].write]
        self._give_back(due, people, merges)
        found |= {order.permit.key: replace(found[order.permit.key], reason=merges[order.permit.key].reason) for order in due}
        return due

    def _give_back(self, orders: Sequence[Order[Change]], people: Mapping[str, Person], merges: Mapping[str, Merge]) -> None:
        """Without permits: it undoes what began under them, and no stop may come between. What came of it the next look tells."""
        if orders:
            self._client.call(written(_UPDATE, [self._changed(order, people, merges) for order in orders]))

    def _change(self, orders: Sequence[Order[Change]], people: Mapping[str, Person], merges: Mapping[str, Merge]) -> list[Receipt]:
        return self._write(_UPDATE, orders, lambda order: self._changed(order, people, merges))

    def _changed(self, order: Order[Change], people: Mapping[str, Person], merges: Mapping[str, Merge]) -> Input:
        person = people[address(order)]
        return Input(person.id, {"id": person.id, "properties": self._with_tags_added(merges[order.permit.key], person)})

    def _write(self, path: str, orders: Sequence[Order[Change]], one: Callable[[Order[Change]], Input]) -> list[Receipt]:
        inputs = {order.permit.key: one(order) for order in orders}

        def call(batch: Sequence[Order[Change]]) -> Result:
            asked = written(path, [inputs[order.permit.key] for order in batch])
            return judged(self._client.call(asked, [order.permit for order in batch]))

        def parts(answer: Answer, batch: Sequence[Order[Change]]) -> list[Receipt]:
            return told(answer, {inputs[order.permit.key].mark: order.permit.key for order in batch}, "email")

        return list(in_batches(orders, MOST, fits, call, parts))

    def _merge(self, change: Change, person: Person) -> Merge:
        return merge(change, self._wanted(change, person), self._by_ours(person))

    def _given_back(self, change: Change, person: Person) -> Merge:
        return overwritten(change, self._wanted(change, person), self._by_ours(person))

    def _by_ours(self, person: Person) -> dict[str, Sequence[Version]]:
        ours = {theirs: ours for ours, theirs in self._fields.theirs_by_ours.items()}
        return {ours.get(name, name): versions for name, versions in person.history.items()}

    def _wanted(self, change: Change, person: Person | None) -> dict[str, str]:
        if change.kind is not Kind.UPDATE:
            return {}
        wanted = {name: as_text(value) for name, value in change.values.items()}
        if "tags" in wanted:
            wanted["tags"] = with_tags(person.values.get(self._fields.theirs("tags"), "") if person else "", change.values["tags"])
        return wanted

    def _with_tags_added(self, merge: Merge, person: Person) -> dict[str, str]:
        """A value that begins with a semicolon is added to a property of checkboxes, whatever else is ticked meanwhile."""
        entries, name = self._entries(merge.write), self._fields.theirs("tags")
        held = person.values.get(name, "")
        if "tags" in merge.write and not held:
            entries[name] = f";{merge.write['tags']}"
        elif "tags" in merge.write and f"{merge.write['tags']};".startswith(f"{held};"):
            entries[name] = f";{merge.write['tags'].removeprefix(held).lstrip(';')}"
        return entries

    def _entries(self, write: Mapping[str, str]) -> dict[str, str]:
        return {self._fields.theirs(name): value for name, value in write.items()}


def person_of(record: Mapping[str, Any], app: str) -> Person:
    """A record of HubSpot, read. Values that are not set are absent."""
    values = record.get("properties") or {}
    histories = record.get("propertiesWithHistory") or {}
    versions = {
        name: sorted((_version(one, app) for one in each), key=lambda one: one.at, reverse=True) for name, each in histories.items()
    }
    return Person(str(record.get("id", "")), {name: str(value) for name, value in values.items() if value is not None}, versions)


def _version(told: Mapping[str, Any], app: str) -> Version:
    by = told.get("updatedByUserId")
    ours = told.get("sourceType") == "INTEGRATION" and bool(app) and str(told.get("sourceId")) == app
    return Version(as_text(told.get("value")), _instant(told.get("timestamp")), ours, "" if by is None else str(by))


def _instant(told: Any) -> datetime:
    """What can't be read counts as the newest: better kept than overwritten."""
    try:
        return datetime.fromisoformat(str(told)).astimezone(UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def _who(order: Order[Change]) -> dict[str, str]:
    contact = order.payload.contact
    first, last = names(contact.name)
    known = {"email": address(order), "firstname": first, "lastname": last}
    return {name: value for name, value in known.items() if value}


def _guarded(change: Change) -> bool:
    return change.decided is not None or bool(change.yielding)
