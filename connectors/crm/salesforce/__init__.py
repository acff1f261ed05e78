"""Salesforce: contacts or leads by e-mail address, with their fields and tasks (REST), by the token of a connected app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.crm.salesforce.calls import query
from connectors.crm.salesforce.edits import cursor_of, edit_of, onward, page
from connectors.crm.salesforce.org import diagnose
from connectors.crm.salesforce.people import People, Person, Records
from connectors.crm.salesforce.session import Session, hold
from connectors.crm.salesforce.tasks import Tasks
from connectors.http import HttpSettings, Service
from connectors.register.fields import FieldPairs, fields_of
from connectors.register.orders import Failed, address, addresses, all_alike, apart, leaves_a_key, refusal, sorted_out
from connectors.settings import connected
from offswitch.act.ports import Change, Edits, Order
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.entry import shown
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Outcome, Receipt

SERVICE = Service("salesforce", calls=100, seconds=10, hold=hold)  # Salesforce counts by the day; this spares the other apps of the org
_TOGETHER = 50  # people in one query: their addresses stand in its URL
_LINES = (Kind.NOTE, Kind.TASK)


class SalesforceSettings(HttpSettings):
    """`base_url` is the org's own address (My Domain). With a `refresh_token` its user is who we are, else that of the app.

    `fields` pairs our names with Salesforce's: those are read, and watched for what people change. `external_id` is a unique text
    field of people and of activities. `company` is what a lead gets that has none. `history`: is field history kept for `fields`?
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_SALESFORCE_")

    base_url: str = "https://login.salesforce.com"
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    person: Literal["Contact", "Lead"] = "Contact"
    external_id: str = Field(default="Offswitch_Key__c", pattern=r"^[A-Za-z]\w*__c$")
    fields: FieldPairs = "stage=Offswitch_Stage__c, tags=Offswitch_Tags__c"
    company: str = "[not provided]"
    history: bool = False


def connect() -> Salesforce:
    """The org of OFFSWITCH_SALESFORCE_BASE_URL."""
    return connected(SalesforceSettings, Salesforce)


class Salesforce:
    """A Salesforce org. With field history what people set is known for each field, else for each record: see `limits`."""

    name = "salesforce"
    guarantee = Guarantee.NATURAL_UPSERT
    limits = "25 changes or 200 new people and tasks a call; edits known by field with field history, else by record"

    def __init__(self, settings: SalesforceSettings) -> None:
        credentials = {
            "client_id": SecretStr(settings.client_id),
            "client_secret": settings.client_secret,
            "refresh_token": settings.refresh_token,
        }
        self._session = Session(SERVICE, settings, credentials)
        fields = fields_of(settings.fields)
        self._records = Records(settings.person, settings.external_id, fields, settings.history, settings.company)
        self._people = People(self._session, self._records)
        self._tasks = Tasks(self._session, settings.external_id)

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order. Whoever Salesforce doesn't know is made."""
        for some in apart(orders, _TOGETHER):
            work = sorted_out(some)
            found = work.receipts | self._people.update([order for order in work.fit if order.payload.kind not in _LINES])
            for kind in _LINES:
                found |= self._write_down([order for order in work.fit if order.payload.kind is kind])
            yield from (found[order.permit.key] for order in some)

    def look_up(self, key: str) -> Receipt | None:
        """Did this note or task arrive? None for changes of a person, which leave no key, and when Salesforce can't be asked."""
        there = self._tasks.there([shown(key)]) if leaves_a_key(key) else None
        if not isinstance(there, dict):
            return None
        found = there.get(shown(key), "")
        return Receipt(key, Outcome.PERFORMED if found else Outcome.RETRY, reference=found)

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The fields of the setting, and `name`, by the addresses as they were asked for. Raises Retryable, Permanent.

        Of several records with one address none is read: which of them is meant can't be told.
        """
        known: dict[str, Person] = {}
        asked = sorted({canonical_email(email) for email in emails})
        for start in range(0, len(asked), _TOGETHER):
            found = self._people.find(asked[start : start + _TOGETHER], list(self._records.fields.theirs_by_ours.values()))
            if not isinstance(found, dict):
                raise refusal(found)
            known |= {email: person for email, person in found.items() if not person.twice}
        return {email: self._facts(known[canonical_email(email)]) for email in emails if canonical_email(email) in known}

    def edits(self, cursor: str) -> Edits:
        """What others than our user set in the fields of the setting. Raises Retryable, Permanent, ValueError."""
        place = cursor_of(cursor, datetime.now(UTC))
        entered = self._session.enter()  # who we are must be known before others can be told from us
        if isinstance(entered, Failed):
            raise refusal(entered)
        found = query(self._session, page(place, self._records, self._session.me))
        if not isinstance(found, list):
            raise refusal(found)
        following, more = onward(place, self._records, found)
        return Edits([edit for one in found if (edit := edit_of(one, self._records)) is not None], str(following), more)

    def diagnose(self) -> Iterator[Finding]:
        """The log-in, the calls that are left, and the fields."""
        yield from diagnose(self._session, self._records)

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _write_down(self, orders: Sequence[Order[Change]]) -> dict[str, Receipt]:
        """Notes or tasks; a person whom Salesforce doesn't know is made first."""
        people = self._people.find(addresses(orders), ()) if orders else {}
        if not isinstance(people, dict):
            return all_alike(orders, people)
        found = {order.permit.key: _twice(order.permit.key) for order in orders if _is_twice(people.get(address(order)))}
        ids = {order.permit.key: people[address(order)].id for order in orders if address(order) in people}
        found |= {one.key: one for one in self._people.enter([order for order in orders if order.permit.key not in ids])}
        ids |= {key: one.reference for key, one in found.items() if one.outcome is Outcome.PERFORMED}
        refused = {key for key, one in found.items() if one.outcome is not Outcome.PERFORMED}
        known = [order for order in orders if order.permit.key in ids and order.permit.key not in refused]
        return found | (self._tasks.write(known, ids) if known else {})

    def _facts(self, person: Person) -> dict[str, Any]:
        facts = self._records.fields.ours(person.record)
        if "tags" in facts:
            facts["tags"] = sorted(filter(None, str(facts["tags"]).split(";")))
        return {"name": str(person.record.get("Name") or ""), **facts}


def _twice(key: str) -> Receipt:
    return Receipt(key, Outcome.REJECTED, "Salesforce has several records of this person: merge them")


def _is_twice(person: Person | None) -> bool:
    return person is not None and person.twice
