"""Salesforce: one record per person, each note and task once, and what people write there stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.crm.salesforce import Salesforce
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import CrmContract, OtherSide
from offswitch.testing.fault_contract import FailingProvider
from offswitch.testing.http_server import Asked, At, Fault
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.hubspot_rig import LONG_AGO, MONA, order, outcomes, write
from tests.connectors.salesforce_rig import salesforce_at, salesforce_before

PERFORMED, RETRY, REJECTED, BROKEN = Outcome.PERFORMED, Outcome.RETRY, Outcome.REJECTED, Outcome.BROKEN
HISTORY = [False, True]


@pytest.fixture
def fake() -> FakeSalesforce:
    return FakeSalesforce()


@pytest.fixture
def salesforce(fake: FakeSalesforce) -> Iterator[Salesforce]:
    with salesforce_before(fake) as made:
        yield made


class TestContract(CrmContract):
    @pytest.fixture
    def other_side(self, fake: FakeSalesforce, salesforce: Salesforce) -> OtherSide:
        return OtherSide(salesforce, fake.held)


def test_an_update_makes_the_person_and_changes_only_what_it_names(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    assert outcomes(write(salesforce, order(stage="lead"))) == [PERFORMED]
    fake.edit(MONA, Department="Giving")
    assert outcomes(write(salesforce, order("k2", city="Doha", tags=["new"], level=3), order("k3", tags="warm"))) == [PERFORMED] * 2
    kept = fake.person(MONA)
    assert (kept["Department"], kept["Level__c"]) == ("Giving", 3)
    assert salesforce.read([MONA.upper()])[MONA.upper()] == {
        "name": "Mona Haddad",
        "stage": "lead",
        "city": "Doha",
        "tags": ["new", "warm"],
        "level": 3,
    }


@pytest.mark.parametrize("times", range(1, 6))
def test_however_often_an_effect_is_run_it_is_there_once(salesforce: Salesforce, fake: FakeSalesforce, times: int) -> None:
    note, task = order("e1/go/1/note:n", kind=Kind.NOTE, text="hi"), order("e1/go/1/task:t", kind=Kind.TASK, title="Call", due="2026-12-01")
    for _ in range(times):
        assert outcomes(write(salesforce, order(stage="lead"), note, task)) == [PERFORMED] * 3
    assert [len(fake.objects[kind]) for kind in ("Contact", "Task")] == [1, 2]
    made = {one["Subject"]: (one["Status"], one["WhoId"]) for one in fake.objects["Task"].values()}
    assert made == {"hi": ("Completed", fake.person(MONA)["Id"]), "Call": ("Not Started", fake.person(MONA)["Id"])}


def test_a_task_that_somebody_closed_stays_closed(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    write(salesforce, order("t", kind=Kind.TASK, title="Call"))
    (made,) = fake.objects["Task"].values()
    made |= {"Status": "Completed", "Subject": "Called"}
    assert outcomes(write(salesforce, order("t", kind=Kind.TASK, title="Call"))) == [PERFORMED]
    assert (made["Status"], made["Subject"]) == ("Completed", "Called")


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.NOTE, Kind.TASK])
def test_a_lost_answer_and_a_repeat_leave_one_object(fake: FakeSalesforce, kind: Kind, at_once: None) -> None:  # noqa: ARG001
    values = {Kind.UPDATE: {"city": "Doha"}, Kind.NOTE: {"text": "hi"}, Kind.TASK: {"title": "Call"}}[kind]
    with FailingProvider(fake, Fault(At.BODY, end="cut", kept=True)) as server, salesforce_at(server.url, fake) as salesforce:
        assert outcomes(write(salesforce, order(kind=kind, **values)))[0] in {Outcome.UNKNOWN, PERFORMED}
    fake.url = ""
    with salesforce_before(fake) as salesforce:
        assert outcomes(write(salesforce, order(kind=kind, **values))) == [PERFORMED]
    assert (len(fake.objects["Contact"]), len(fake.held())) == (1, kind is not Kind.UPDATE)


def test_one_bad_value_does_not_hold_the_others_back(salesforce: Salesforce) -> None:
    orders = [order(str(number), f"p{number}@example.com", stage=stage) for number, stage in enumerate(("lead", "nonsense", "lead"))]
    receipts = write(salesforce, *orders)
    assert outcomes(receipts) == [PERFORMED, REJECTED, PERFORMED]
    assert "example.com" not in " ".join(receipt.reason for receipt in receipts)


def test_a_field_that_the_org_lacks_is_our_fault(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    assert outcomes(write(salesforce, order(shoe=42))) == [BROKEN]
    assert fake.objects["Contact"] == {}


def test_several_records_of_one_person_are_for_somebody_to_merge(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    for _ in range(2):
        fake.edit("else@example.com")
        list(fake.objects["Contact"].values())[-1]["Email"] = MONA
    receipts = write(salesforce, order(stage="lead"), order("n", kind=Kind.NOTE, text="hi"))
    assert outcomes(receipts) == [REJECTED] * 2
    assert "merge" in receipts[0].reason
    assert fake.held() == []


def test_what_the_duplicate_rules_of_the_org_refuse_is_for_somebody_to_merge(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    fake.blocked.add(MONA)
    (receipt,) = write(salesforce, order(stage="lead"))
    assert (receipt.outcome, "DUPLICATES_DETECTED" in receipt.reason) == (REJECTED, True)


def test_long_addresses_fit_into_the_address_of_a_query(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    orders = [order(f"e{n}/go/1/note:n", f"{'م' * 90}{n}@{'x' * 60}.example", Kind.NOTE, text="hi") for n in range(50)]
    assert set(outcomes(write(salesforce, *orders))) == {PERFORMED}
    assert (len(fake.objects["Contact"]), len(fake.held())) == (50, 50)


def test_a_locked_record_is_tried_again_later(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    fake.edit(MONA)
    fake.locked = 1
    assert outcomes([*write(salesforce, order(stage="lead")), *write(salesforce, order(stage="lead"))]) == [RETRY, PERFORMED]


def test_whoever_is_found_by_address_gets_our_key(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    fake.edit(MONA)
    write(salesforce, order(stage="lead"))
    assert fake.person(MONA)["Offswitch_Key__c"] == MONA


@pytest.mark.parametrize("history", HISTORY)
def test_what_somebody_set_after_we_decided_stays(history: bool) -> None:
    fake = FakeSalesforce(history=history)
    fake.edit(MONA)
    fake.edit(MONA, Offswitch_Stage__c="customer")
    with salesforce_before(fake, history=history) as salesforce:
        (receipt,) = write(salesforce, order(stage="lead", city="Doha", told={"decided": LONG_AGO}))
        kept = fake.person(MONA)
        assert (receipt.outcome, receipt.reason) == (PERFORMED, "kept what somebody else set: stage")
        assert (kept["Offswitch_Stage__c"], kept["MailingCity"]) == ("customer", "Doha")
        later = order("k2", stage="lead", told={"decided": datetime.now(UTC) + timedelta(minutes=5)})
        assert outcomes(write(salesforce, later)) == [PERFORMED]
    assert fake.person(MONA)["Offswitch_Stage__c"] == "lead"


def test_a_field_that_belongs_to_people_is_only_filled(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    fake.edit(MONA, Offswitch_Stage__c="customer")
    (receipt,) = write(salesforce, order(stage="lead", city="Doha", told={"yielding": frozenset({"stage", "city"})}))
    assert (receipt.outcome, receipt.reason) == (PERFORMED, "kept what somebody else set: stage")
    assert (fake.person(MONA)["Offswitch_Stage__c"], fake.person(MONA)["MailingCity"]) == ("customer", "Doha")


def test_who_is_edited_between_our_look_and_our_write_is_looked_at_again(salesforce: Salesforce, fake: FakeSalesforce) -> None:
    fake.edit(MONA)
    once = iter([{"Offswitch_Stage__c": "customer"}])

    def before(asked: Asked) -> None:
        for values in once if fake.writes(asked) else ():
            fake.edit(MONA, **values)

    fake.before = before
    (receipt,) = write(salesforce, order(stage="lead", told={"decided": LONG_AGO}))
    assert fake.person(MONA)["Offswitch_Stage__c"] == "customer"
    assert (receipt.outcome, receipt.reason) == (PERFORMED, "kept what somebody else set: stage")


def test_a_lead_needs_a_company(fake: FakeSalesforce) -> None:
    with salesforce_before(fake, person="Lead", fields="stage=Status, city=City") as salesforce:
        assert outcomes(write(salesforce, order(stage="Open", city="Doha"))) == [PERFORMED]
    (made,) = fake.objects["Lead"].values()
    assert (made["Company"], made["Status"]) == ("[not provided]", "Open")
