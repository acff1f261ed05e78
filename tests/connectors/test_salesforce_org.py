"""Salesforce as an org: the token, the limits of the day, the fields that are needed, and a client that we did not write."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce as Client

from offswitch.model.action import Kind
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.http_server import Asked, ScriptedHttpServer
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.hubspot_rig import MONA, order, outcomes, write
from tests.connectors.salesforce_rig import salesforce_at, salesforce_before


@pytest.fixture(autouse=True)
def _pauses_of_this_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pause of an hour is kept by address, and the next test may get the same port."""
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))


@pytest.fixture
def fake() -> FakeSalesforce:
    return FakeSalesforce()


def test_a_token_that_ran_out_is_asked_for_anew_once(fake: FakeSalesforce) -> None:
    with salesforce_before(fake) as salesforce:
        write(salesforce, order(city="Doha"))
        fake.tokens.clear()
        assert outcomes(write(salesforce, order(city="Riyadh"))) == [Outcome.PERFORMED]
    assert (fake.log_ins, fake.person(MONA)["MailingCity"]) == (2, "Riyadh")


def test_a_token_that_is_never_good_is_asked_for_no_more_than_twice(fake: FakeSalesforce) -> None:
    fake.before = lambda _: fake.tokens.clear()
    with salesforce_before(fake) as salesforce:
        assert outcomes(write(salesforce, order(city="Doha"))) == [Outcome.BROKEN]
    assert fake.log_ins == 2


def test_no_token_goes_to_a_host_that_is_not_salesforces(fake: FakeSalesforce) -> None:
    for url in ("https://salesforce.com.evil.example", "http://bayan.my.salesforce.com", "https://evilsalesforce.com"):
        fake.url = url
        with ScriptedHttpServer(answer=fake.answer) as server, salesforce_at(server.url, fake) as salesforce:
            (receipt,) = write(salesforce, order(city="Doha"))
        assert (receipt.outcome, [asked.path for asked in server.asked]) == (Outcome.BROKEN, ["/services/oauth2/token"])


def test_a_wrong_secret_is_our_fault_and_is_not_shown(fake: FakeSalesforce) -> None:
    with salesforce_before(fake, client_secret="wrong-canary") as salesforce:
        (receipt,) = write(salesforce, order(city="Doha"))
        (finding,) = salesforce.diagnose()
    assert (receipt.outcome, finding.level) == (Outcome.BROKEN, Level.TROUBLE)
    assert "canary" not in receipt.reason + str(finding)


def test_a_refresh_token_is_used_where_there_is_one(fake: FakeSalesforce) -> None:
    asked: list[Asked] = []
    fake.before = asked.append
    with salesforce_before(fake, refresh_token="again") as salesforce:
        write(salesforce, order(city="Doha"))
    assert b"grant_type=refresh_token" in asked[0].body
    assert b"refresh_token=again" in asked[0].body


def test_the_limit_of_the_day_holds_writes_and_is_no_lack_of_rights(fake: FakeSalesforce) -> None:
    fake.calls_left = 0
    with salesforce_before(fake) as salesforce:
        receipts = [*write(salesforce, order(city="Doha")), *write(salesforce, order(city="Doha"))]
    assert outcomes(receipts) == [Outcome.RETRY] * 2
    assert all(receipt.retry_at and receipt.retry_at > datetime.now(UTC) + timedelta(minutes=50) for receipt in receipts)


@pytest.mark.parametrize("keyed", [True, False])
def test_the_doctor_finds_what_is_lacking(keyed: bool) -> None:
    with salesforce_before(FakeSalesforce(keyed=keyed)) as salesforce:
        found = {finding.about: finding for finding in salesforce.diagnose()}
    assert found["salesforce log-in"].level is found["salesforce calls"].level is Level.FINE
    assert {found[f"salesforce {kind}"].level for kind in ("Contact", "Task")} == {Level.FINE if keyed else Level.TROUBLE}
    assert bool(found["salesforce Task"].todo) is not keyed
    assert found["salesforce history"].level is Level.ADVICE


def test_the_doctor_names_fields_that_are_not_there(fake: FakeSalesforce) -> None:
    with salesforce_before(fake, fields="stage=Nowhere__c") as salesforce:
        said = [finding.said for finding in salesforce.diagnose() if finding.about == "salesforce Contact"]
    assert said == ["can't write Nowhere__c"]


def test_notes_and_tasks_can_be_looked_up_and_changes_can_not(fake: FakeSalesforce) -> None:
    with salesforce_before(fake) as salesforce:
        write(salesforce, order("e1/go/1/task:t", kind=Kind.TASK, title="Call"))
        asked = ("e1\x1fgo\x1f1\x1ftask:t", "e2\x1fgo\x1f1\x1ftask:t", "e1\x1fgo\x1f1\x1fupdate:city")
        found = [receipt and receipt.outcome for receipt in map(salesforce.look_up, asked)]
    assert found == [Outcome.PERFORMED, Outcome.RETRY, None]


def test_an_address_with_a_quote_is_no_query(fake: FakeSalesforce) -> None:
    odd = "o'neil') or email != (' \\@example.com"
    fake.edit(MONA)
    with salesforce_before(fake) as salesforce:
        assert salesforce.read([odd]) == {}
        assert outcomes(write(salesforce, order(email="o'neil@example.com", city="Cork"))) == [Outcome.PERFORMED]
        assert salesforce.read(["o'neil@example.com"])["o'neil@example.com"]["city"] == "Cork"


def test_simple_salesforce_reads_what_the_stand_in_answers(fake: FakeSalesforce, tls: SSLContext, certificate: Path) -> None:
    fake.tokens.add("t")
    fake.edit(MONA, MailingCity="Doha")
    with ScriptedHttpServer(answer=fake.answer, tls=tls) as server, requests.Session() as session:
        session.trust_env, session.verify = False, str(certificate)
        client: Any = Client(instance_url=server.url, session_id="t", version="61.0", session=session)
        (found,) = client.query("SELECT Id, Email, MailingCity FROM Contact WHERE Email IN ('mona@example.com')")["records"]
        record = {"attributes": {"type": "Contact"}, "Offswitch_Key__c": "b@example.com", "LastName": "B"}
        upserted = client.restful(
            "composite/sobjects/Contact/Offswitch_Key__c", method="PATCH", json={"allOrNone": False, "records": [record]}
        )
        call = {
            "method": "PATCH",
            "url": f"/services/data/v61.0/sobjects/Contact/{found['Id']}",
            "referenceId": "r0",
            "body": {"LastName": "H"},
        }
        told = client.restful("composite", method="POST", json={"compositeRequest": [call]})
        limits, described = client.restful("limits"), client.restful("sobjects/Contact/describe")
    assert limits["DailyApiRequests"]["Max"] == 15000
    assert {one["name"] for one in described["fields"]} > {"Email", "Offswitch_Key__c"}
    assert (found["MailingCity"], upserted[0]["created"], told["compositeResponse"][0]["httpStatusCode"]) == ("Doha", True, 204)
