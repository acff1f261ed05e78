"""A HubSpot connector before a stand-in, and orders for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.crm.hubspot import Hubspot, HubspotSettings
from offswitch.act.ports import Change, Crm, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome, Receipt
from offswitch.testing.fakes import make_change, make_contact, make_permit
from offswitch.testing.http_server import ScriptedHttpServer
from tests.connectors.fakes.hubspot import TOKEN, FakeHubspot

MONA = "mona@example.com"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = "stage=lifecyclestage, city, tags=offswitch_tags"


@contextmanager
def hubspot_before(fake: FakeHubspot, **more: Any) -> Iterator[Hubspot]:
    with ScriptedHttpServer(answer=fake.answer) as server, hubspot_at(server.url, **more) as made:
        yield made


@contextmanager
def hubspot_at(url: str, **more: Any) -> Iterator[Hubspot]:
    told: dict[str, Any] = {"base_url": url, "token": TOKEN, "fields": FIELDS, "deadline": 10, "read_timeout": 5}
    made = Hubspot(HubspotSettings(**told | more))
    try:
        yield made
    finally:
        made.close()


def order(key: str = "e1/go/1/update:x", email: str = MONA, kind: Kind = Kind.UPDATE, told: Any = None, **values: Any) -> Order[Change]:
    """`told`: what else the change says of itself."""
    change = make_change(kind=kind, contact=make_contact(email=email), values=values, external_id=key, **(told or {}))
    return Order(make_permit(key, recipient=email), change)


def write(crm: Crm, *orders: Order[Change]) -> list[Receipt]:
    return list(crm.perform(orders))


def outcomes(receipts: list[Receipt]) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]
