"""HubSpot as an account: limits, the property that makes notes and tasks unique, who we are there, and its own SDK as the judge."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import hubspot as sdk
import pytest
from hubspot.crm import contacts

from offswitch.model.action import Kind
from offswitch.model.finding import Level
from offswitch.model.receipt import Outcome
from offswitch.testing.http_server import ScriptedHttpServer
from tests.connectors.fakes.hubspot import APP, TOKEN, FakeHubspot
from tests.connectors.hubspot_rig import MONA, hubspot_at, hubspot_before, order, outcomes, write
from tests.connectors.hubspot_sdk import misfits


@pytest.fixture(autouse=True)
def _pauses_of_this_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pause of hours is kept by address, and the next test may get the same port."""
    monkeypatch.setenv("OFFSWITCH_HOME", str(tmp_path))


def test_the_daily_limit_holds_writes_for_hours_and_is_asked_once() -> None:
    fake = FakeHubspot()
    fake.calls_left = 0
    with ScriptedHttpServer(answer=fake.answer) as server, hubspot_at(server.url) as hubspot:
        receipts = [*write(hubspot, order(city="Doha")), *write(hubspot, order(city="Doha"))]
        assert len(server.asked) == 1
    assert outcomes(receipts) == [Outcome.RETRY] * 2
    assert all(receipt.retry_at and receipt.retry_at > datetime.now(UTC) + timedelta(hours=2) for receipt in receipts)


def test_the_limit_by_seconds_holds_for_ten() -> None:
    fake = FakeHubspot()
    fake.slow_down = 1
    with hubspot_before(fake) as hubspot:
        (receipt,) = write(hubspot, order(city="Doha"))
    assert receipt.retry_at is not None
    assert timedelta(seconds=8) < receipt.retry_at - datetime.now(UTC) <= timedelta(seconds=10)


def test_without_the_property_no_note_is_written_and_the_receipt_says_what_to_do() -> None:
    fake = FakeHubspot(keyed=False)
    with hubspot_before(fake) as hubspot:
        (receipt,) = write(hubspot, order(kind=Kind.NOTE, text="hi"))
    assert (receipt.outcome, fake.held()) == (Outcome.BROKEN, [])
    assert "offswitch_key" in receipt.reason
    assert "offswitch doctor" in receipt.reason


def test_a_property_without_unique_values_is_not_trusted() -> None:
    fake = FakeHubspot()
    fake.properties["notes"]["offswitch_key"]["hasUniqueValue"] = False
    with hubspot_before(fake) as hubspot:
        assert outcomes(write(hubspot, order(kind=Kind.NOTE, text="hi"))) == [Outcome.BROKEN]
    assert fake.held() == []


def test_the_property_is_made_where_that_is_allowed() -> None:
    fake = FakeHubspot(keyed=False)
    with hubspot_before(fake, make_properties=True) as hubspot:
        assert outcomes(write(hubspot, order(kind=Kind.NOTE, text="hi"))) == [Outcome.PERFORMED]
    assert fake.properties["notes"]["offswitch_key"]["hasUniqueValue"] is True
    assert fake.misfits == []


@pytest.mark.parametrize("keyed", [True, False])
def test_the_doctor_finds_what_is_lacking(keyed: bool) -> None:
    with hubspot_before(FakeHubspot(keyed=keyed)) as hubspot:
        found = {finding.about: finding for finding in hubspot.diagnose()}
    assert {found[about].level for about in ("hubspot token", "hubspot calls")} == {Level.FINE}
    assert found["hubspot notes"].level is (Level.FINE if keyed else Level.TROUBLE)
    assert bool(found["hubspot notes"].todo) is not keyed


def test_an_app_that_is_named_is_not_asked_for() -> None:
    fake = FakeHubspot()
    with ScriptedHttpServer(answer=fake.answer) as server, hubspot_at(server.url, app_id=APP) as hubspot:
        write(hubspot, order(city="Doha"))
        assert not any("private-apps" in asked.path for asked in server.asked)


def test_the_doctor_names_properties_that_are_not_there() -> None:
    with hubspot_before(FakeHubspot(), fields="stage=nowhere") as hubspot:
        said = [finding.said for finding in hubspot.diagnose() if finding.about == "hubspot contacts"]
    assert said == ["there is no property nowhere"]


def test_the_doctor_knows_a_bad_token_and_does_not_show_it() -> None:
    with ScriptedHttpServer(answer=FakeHubspot().answer) as server, hubspot_at(server.url, token="wrong-canary") as hubspot:
        (finding,) = hubspot.diagnose()
    assert finding.level is Level.TROUBLE
    assert "canary" not in str(finding)


def test_notes_and_tasks_can_be_looked_up_and_changes_can_not() -> None:
    with hubspot_before(FakeHubspot()) as hubspot:
        write(hubspot, order("e1/go/1/note:n", kind=Kind.NOTE, text="hi"))
        asked = ("e1\x1fgo\x1f1\x1fnote:n", "e2\x1fgo\x1f1\x1fnote:n", "e1\x1fgo\x1f1\x1fupdate:city")
        found = [receipt and receipt.outcome for receipt in map(hubspot.look_up, asked)]
    assert found == [Outcome.PERFORMED, Outcome.RETRY, None]


def test_the_sdk_reads_what_the_stand_in_answers() -> None:
    fake = FakeHubspot()
    fake.edit(MONA, city="Doha")
    with ScriptedHttpServer(answer=fake.answer) as server:
        client = sdk.Client.create(access_token=TOKEN)
        api = client.crm.contacts.batch_api
        api.api_client.configuration.host = server.url
        one = {"id": MONA, "idProperty": "email", "properties": {"city": "Riyadh"}, "objectWriteTraceId": "1"}
        bad = {**one, "id": "b@example.com", "properties": {"lifecyclestage": "nonsense"}, "objectWriteTraceId": "2"}
        made = api.upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one, bad]))
        asked = contacts.BatchReadInputSimplePublicObjectId(
            id_property="email", inputs=[{"id": MONA}], properties=["city"], properties_with_history=["city"]
        )
        read = api.read(asked)
    assert (made.num_errors, made.results[0].object_write_trace_id) == (1, "1")
    assert [version.value for version in read.results[0].properties_with_history["city"]] == ["Riyadh", "Doha"]


@pytest.mark.parametrize("wrong", [{"id": "1"}, {"id": "1", "properties": {"a": 1}}, {"id": "1", "properties": {}, "idproperty": "email"}])
def test_the_judge_sees_what_is_missing_mistyped_or_unknown(wrong: dict[str, object]) -> None:
    assert misfits("/crm/v3/objects/contacts/batch/upsert", {"inputs": [wrong]})
