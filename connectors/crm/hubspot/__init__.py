"""HubSpot: people by e-mail address, with properties, tags, notes and tasks (CRM v3), by the token of a private app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.crm.hubspot.account import Account, hold
from connectors.crm.hubspot.activities import KINDS, Activities
from connectors.crm.hubspot.batch import MOST, MOST_WITH_HISTORY, results
from connectors.crm.hubspot.contacts import WHO, Contacts, Person
from connectors.crm.hubspot.edits import begun, cursor_of, edits_of, onward, page
from connectors.http import Answer, Client, HttpSettings, Service
from connectors.register.fields import FieldPairs, fields_of
from connectors.register.orders import address, all_alike, apart, leaves_a_key, refusal, sorted_out
from connectors.settings import connected
from offswitch.act.ports import Change, Edit, Edits, Order
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.entry import shown
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Outcome, Receipt

SERVICE = Service("hubspot", calls=100, seconds=10, hold=hold)  # private apps: 100 in 10 s on the smallest plan


class HubspotSettings(HttpSettings):
    """`fields` pairs our names with HubSpot's: those are read, and watched for what people change.

    A stage must be the internal name of an option; HubSpot lets `lifecyclestage` only go forward, so a stage that may go back
    needs a property of its own. All values are texts. Tags live in a property of type "multiple checkboxes" whose options
    exist. `app_id` is the private app's, by which HubSpot's history tells our writes from others'; HubSpot is asked where it
    is empty. `make_properties`: may the property `offswitch_key`, by which a note or a task is written once, be made?
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_HUBSPOT_")

    base_url: str = "https://api.hubapi.com"
    token: SecretStr = Field(min_length=1)
    fields: FieldPairs = "stage=lifecyclestage, tags=offswitch_tags"
    app_id: str = ""
    make_properties: bool = False


def connect() -> Hubspot:
    """The account of OFFSWITCH_HUBSPOT_TOKEN."""
    return connected(HubspotSettings, Hubspot)


class Hubspot:
    """A HubSpot account. Of a field that people change, HubSpot's history tells who set it when, to the millisecond."""

    name = "hubspot"
    guarantee = Guarantee.NATURAL_UPSERT
    limits = "50 changes a call, looked at before and after; 100 calls in 10 seconds; calls of the day by the plan"

    def __init__(self, settings: HubspotSettings) -> None:
        token = settings.token
        self._fields = fields_of(settings.fields)
        self._client = Client(SERVICE, settings, lambda: {"Authorization": f"Bearer {token.get_secret_value()}"})
        self._account = Account(self._client, token, settings.app_id, makes=settings.make_properties)
        self._contacts = Contacts(self._client, self._account, self._fields)
        self._activities = Activities(self._client, self._account)

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order. Whoever HubSpot doesn't know is made."""
        for some in apart(orders, MOST_WITH_HISTORY):
            found = self._perform(some)
            yield from (found[order.permit.key] for order in some)

    def look_up(self, key: str) -> Receipt | None:
        """Did this note or task arrive? None for changes of a person, which leave no key, and when HubSpot can't be asked."""
        name = shown(key)
        for kind in KINDS.values() if leaves_a_key(key) else ():
            there = self._activities.there(kind, [name])
            if not isinstance(there, dict):
                return None
            if name in there:
                return Receipt(key, Outcome.PERFORMED, reference=there[name])
        return Receipt(key, Outcome.RETRY) if leaves_a_key(key) else None

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The fields of the setting, and `name`, by the addresses as they were asked for. Raises Retryable, Permanent."""
        known: dict[str, Person] = {}
        asked = sorted({canonical_email(email) for email in emails})
        for start in range(0, len(asked), MOST):
            found = self._contacts.find(asked[start : start + MOST], list(self._fields.theirs_by_ours.values()))
            if not isinstance(found, dict):
                raise refusal(found)
            known |= found
        return {email: self._facts(known[canonical_email(email)]) for email in emails if canonical_email(email) in known}

    def edits(self, cursor: str) -> Edits:
        """What others than this private app set in the fields of the setting. Raises Retryable, Permanent, ValueError."""
        now = datetime.now(UTC)
        place = begun(cursor_of(cursor, now), now)
        answer = self._client.call(page(place))
        if not isinstance(answer, Answer):
            raise refusal(answer)
        records = results(answer)
        people = self._changed([str(one.get("id", "")) for one in records])
        found = [edit for person in people for edit in edits_of(person, self._fields, datetime.fromisoformat(place.since))]
        following, more = onward(place, records)
        return Edits(sorted(found, key=_when), str(following), more)

    def diagnose(self) -> Iterator[Finding]:
        """The token, its scopes, what is left of the day, and the properties."""
        yield from self._account.diagnose(list(self._fields.theirs_by_ours.values()))

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _perform(self, orders: Sequence[Order[Change]]) -> dict[str, Receipt]:
        work = sorted_out(orders)
        if not work.fit:
            return work.receipts
        people = self._contacts.of(work.fit)
        if not isinstance(people, dict):
            return work.receipts | all_alike(work.fit, people)
        updates = [order for order in work.fit if order.payload.kind not in KINDS]
        found = work.receipts | self._contacts.update(updates, people)
        for kind in KINDS:
            found |= self._write_down(kind, [order for order in work.fit if order.payload.kind is kind], people)
        return found

    def _write_down(self, kind: Kind, orders: Sequence[Order[Change]], people: Mapping[str, Person]) -> dict[str, Receipt]:
        """Notes or tasks; a person whom HubSpot doesn't know is made first."""
        ids = {order.permit.key: people[address(order)].id for order in orders if address(order) in people}
        made = {one.key: one for one in self._contacts.enter([order for order in orders if order.permit.key not in ids])}
        ids |= {key: one.reference for key, one in made.items() if one.outcome is Outcome.PERFORMED}
        known = [order for order in orders if order.permit.key in ids]
        return made | (self._activities.write(kind, known, ids) if known else {})

    def _changed(self, ids: Sequence[str]) -> list[Person]:
        fields = list(self._fields.theirs_by_ours.values())
        found = self._contacts.by_id(ids, fields) if ids else []
        if not isinstance(found, list):
            raise refusal(found)
        return found

    def _facts(self, person: Person) -> dict[str, Any]:
        facts = self._fields.ours(person.values)
        if "tags" in facts:
            facts["tags"] = sorted(filter(None, str(facts["tags"]).split(";")))
        return {"name": " ".join(filter(None, (person.values.get(name, "") for name in WHO[2:]))), **facts}


def _when(edit: Edit) -> datetime:
    return edit.at
