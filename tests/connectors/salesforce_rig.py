"""A Salesforce connector before a stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.crm.salesforce import Salesforce, SalesforceSettings
from offswitch.testing.http_server import ScriptedHttpServer
from tests.connectors.fakes.salesforce import CLIENT, SECRET, FakeSalesforce

FIELDS = "stage=Offswitch_Stage__c, city=MailingCity, tags=Offswitch_Tags__c, level=Level__c"


@contextmanager
def salesforce_before(fake: FakeSalesforce, **more: Any) -> Iterator[Salesforce]:
    with ScriptedHttpServer(answer=fake.answer) as server, salesforce_at(server.url, fake, **more) as made:
        yield made


@contextmanager
def salesforce_at(url: str, fake: FakeSalesforce, **more: Any) -> Iterator[Salesforce]:
    fake.url = fake.url or url
    told: dict[str, Any] = {
        "base_url": url,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "fields": FIELDS,
        "deadline": 10,
        "read_timeout": 5,
    }
    made = Salesforce(SalesforceSettings(**told | more))
    try:
        yield made
    finally:
        made.close()
