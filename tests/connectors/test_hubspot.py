"""HubSpot: one person per address, each note and task once, and what people write there stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.crm.hubspot import Hubspot
from offswitch.act.ports import Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome
from offswitch.testing.connector_contract import CrmContract, OtherSide
from offswitch.testing.fakes import OpenGuard, make_permit
from offswitch.testing.fault_contract import FailingProvider
from offswitch.testing.http_server import Asked, At, Fault
from tests.connectors.fakes.hubspot import FakeHubspot
from tests.connectors.hubspot_rig import LONG_AGO, MONA, hubspot_at, hubspot_before, order, outcomes, write

PERFORMED, RETRY, REJECTED, BROKEN = Outcome.PERFORMED, Outcome.RETRY, Outcome.REJECTED, Outcome.BROKEN


@pytest.fixture
def fake() -> Iterator[FakeHubspot]:
    made = FakeHubspot()
    yield made
    assert made.misfits == []


@pytest.fixture
def hubspot(fake: FakeHubspot) -> Iterator[Hubspot]:
    with hubspot_before(fake) as made:
        yield made


class TestContract(CrmContract):
    @pytest.fixture
    def other_side(self, fake: FakeHubspot, hubspot: Hubspot) -> OtherSide:
        return OtherSide(hubspot, fake.held)


def test_an_update_makes_the_person_and_changes_only_what_it_names(hubspot: Hubspot, fake: FakeHubspot) -> None:
    assert outcomes(write(hubspot, order(stage="lead"))) == [PERFORMED]
    fake.edit(MONA, company="Bayan")
    assert outcomes(write(hubspot, order("k2", city="Doha", tags=["new"]), order("k3", tags="warm"))) == [PERFORMED] * 2
    kept = fake.person(MONA).properties
    assert kept["company"] == "Bayan"
    assert hubspot.read([MONA.upper()]) == {MONA.upper(): {"name": "Mona Haddad", "stage": "lead", "city": "Doha", "tags": ["new", "warm"]}}
    assert len(fake.objects["contacts"]) == 1


@pytest.mark.parametrize("times", range(1, 6))
def test_however_often_an_effect_is_run_it_is_there_once(hubspot: Hubspot, fake: FakeHubspot, times: int) -> None:
    note, task = order("e1/go/1/note:n", kind=Kind.NOTE, text="hi"), order("e1/go/1/task:t", kind=Kind.TASK, title="Call", due="2026-12-01")
    for _ in range(times):
        assert outcomes(write(hubspot, order(stage="lead"), note, task)) == [PERFORMED] * 3
    assert [len(fake.objects[kind]) for kind in ("contacts", "notes", "tasks")] == [1, 1, 1]
    assert len(fake.person(MONA).history["lifecyclestage"]) == 1
    (made,) = fake.objects["tasks"].values()
    assert (made.to, made.properties["hs_timestamp"]) == ([fake.person(MONA).id], "2026-12-01T00:00:00.000Z")


def test_a_note_reads_as_it_was_written(hubspot: Hubspot, fake: FakeHubspot) -> None:
    write(hubspot, order(kind=Kind.NOTE, text="score < 3 & rising\nأهلًا"))
    (made,) = fake.objects["notes"].values()
    assert made.properties["hs_note_body"] == "score &lt; 3 &amp; rising<br>أهلًا"


def test_a_task_that_somebody_finished_stays_finished(hubspot: Hubspot, fake: FakeHubspot) -> None:
    write(hubspot, order("t", kind=Kind.TASK, title="Call"))
    (made,) = fake.objects["tasks"].values()
    made.properties |= {"hs_task_status": "COMPLETED", "hs_task_subject": "Called"}
    write(hubspot, order("t", kind=Kind.TASK, title="Call"))
    assert (made.properties["hs_task_status"], made.properties["hs_task_subject"]) == ("COMPLETED", "Called")


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.NOTE, Kind.TASK])
def test_a_lost_answer_and_a_repeat_leave_one_object(fake: FakeHubspot, kind: Kind, at_once: None) -> None:  # noqa: ARG001
    values = {Kind.UPDATE: {"city": "Doha"}, Kind.NOTE: {"text": "hi"}, Kind.TASK: {"title": "Call"}}[kind]
    with FailingProvider(fake, Fault(At.BODY, end="cut", kept=True)) as server, hubspot_at(server.url) as hubspot:
        assert outcomes(write(hubspot, order(kind=kind, **values)))[0] in {Outcome.UNKNOWN, PERFORMED}
    with hubspot_before(fake) as hubspot:
        assert outcomes(write(hubspot, order(kind=kind, **values))) == [PERFORMED]
    assert len(fake.objects["contacts"]) == 1
    assert len(fake.held()) == (kind is not Kind.UPDATE)


def test_one_bad_value_does_not_hold_the_others_back(hubspot: Hubspot, fake: FakeHubspot) -> None:
    orders = [order(str(number), f"p{number}@example.com", stage=stage) for number, stage in enumerate(("lead", "nonsense", "lead"))]
    receipts = write(hubspot, *orders)
    assert outcomes(receipts) == [PERFORMED, REJECTED, PERFORMED]
    assert "example.com" not in " ".join(receipt.reason for receipt in receipts)
    assert len(fake.objects["contacts"]) == 2


def test_a_property_that_hubspot_lacks_is_our_fault_and_nobody_elses(hubspot: Hubspot, fake: FakeHubspot) -> None:
    assert outcomes(write(hubspot, *(order(str(number), f"p{number}@example.com", shoe=42) for number in range(3)))) == [BROKEN] * 3
    assert fake.objects["contacts"] == {}


def test_a_search_that_lags_makes_no_second_contact(fake: FakeHubspot) -> None:
    fake.lag = timedelta(hours=1)
    asked: list[str] = []
    fake.before = lambda one: asked.append(one.path)
    with hubspot_before(fake) as one, hubspot_before(fake) as other:
        assert outcomes([*write(one, order(city="Doha")), *write(other, order(stage="lead"))]) == [PERFORMED] * 2
    assert len(fake.objects["contacts"]) == 1
    assert not any(path.endswith("/search") for path in asked)


def test_tags_that_somebody_adds_meanwhile_stay(hubspot: Hubspot, fake: FakeHubspot) -> None:
    fake.edit(MONA, offswitch_tags="donor")

    def before(asked: Asked) -> None:
        if asked.path.endswith("/update"):
            fake.edit(MONA, offswitch_tags="donor;friend")

    fake.before = before
    write(hubspot, order(tags=["warm", "donor"]))
    assert hubspot.read([MONA])[MONA]["tags"] == ["donor", "friend", "warm"]


def test_many_things_about_many_people_go_together(fake: FakeHubspot) -> None:
    kinds = {Kind.UPDATE: {"city": "Doha"}, Kind.NOTE: {"text": "hi"}, Kind.TASK: {"title": "Call"}}
    orders = [order(f"{n}{kind}", f"p{n}@example.com", kind, **values) for n in range(15) for kind, values in kinds.items()]
    calls: list[str] = []
    fake.before = lambda asked: calls.append(asked.path)
    with hubspot_before(fake) as hubspot:
        assert set(outcomes(write(hubspot, *orders))) == {PERFORMED}
    assert [len(fake.objects[kind]) for kind in ("contacts", "notes", "tasks")] == [15, 15, 15]
    assert len(calls) < 15


def test_250_people_are_250_contacts(hubspot: Hubspot, fake: FakeHubspot) -> None:
    assert set(outcomes(write(hubspot, *(order(str(n), f"p{n}@example.com", city="Doha") for n in range(250))))) == {PERFORMED}
    assert len(fake.objects["contacts"]) == 250


def test_a_second_address_is_the_same_person(hubspot: Hubspot, fake: FakeHubspot) -> None:
    fake.edit("other@example.com", hs_additional_emails=MONA)
    assert outcomes(write(hubspot, order(city="Doha"))) == [PERFORMED]
    assert len(fake.objects["contacts"]) == 1
    assert hubspot.read([MONA])[MONA]["city"] == "Doha"


def test_what_somebody_set_after_we_decided_stays(hubspot: Hubspot, fake: FakeHubspot) -> None:
    fake.edit(MONA, lifecyclestage="customer", city="")
    (receipt,) = write(hubspot, order(stage="lead", city="Doha", told={"decided": LONG_AGO}))
    assert (receipt.outcome, receipt.reason) == (PERFORMED, "kept what somebody else set: stage")
    assert fake.person(MONA).properties["lifecyclestage"] == "customer"
    (receipt,) = write(hubspot, order("k2", stage="lead", told={"decided": datetime.now(UTC) + timedelta(minutes=1)}))
    assert (receipt.outcome, fake.person(MONA).properties["lifecyclestage"]) == (PERFORMED, "lead")


def test_a_field_that_belongs_to_people_is_only_filled(hubspot: Hubspot, fake: FakeHubspot) -> None:
    fake.edit(MONA, lifecyclestage="customer")
    (receipt,) = write(hubspot, order(stage="lead", city="Doha", told={"yielding": frozenset({"stage", "city"})}))
    assert (receipt.outcome, receipt.reason) == (PERFORMED, "kept what somebody else set: stage")
    assert hubspot.read([MONA])[MONA] == {"name": "", "stage": "customer", "city": "Doha"}


def test_what_somebody_set_between_our_look_and_our_write_is_given_back(hubspot: Hubspot, fake: FakeHubspot) -> None:
    fake.edit(MONA, company="Bayan")

    def before(asked: Asked) -> None:
        if asked.path.endswith("/update"):
            fake.edit(MONA, lifecyclestage="customer")

    fake.before = before
    (receipt,) = write(hubspot, order(stage="lead", told={"decided": LONG_AGO}))
    assert fake.person(MONA).properties["lifecyclestage"] == "customer"
    assert (receipt.outcome, receipt.reason) == (PERFORMED, "kept what somebody else set: stage")


def test_a_stop_right_after_our_write_does_not_keep_us_from_giving_back(hubspot: Hubspot, fake: FakeHubspot) -> None:
    fake.edit(MONA, company="Bayan")
    guard = OpenGuard()

    def before(asked: Asked) -> None:
        if asked.path.endswith("/update") and not guard.objection():
            fake.edit(MONA, lifecyclestage="customer")
            guard.objection = lambda: "stopped"  # type: ignore[method-assign]

    fake.before = before
    change = order(stage="lead", told={"decided": LONG_AGO})
    write(hubspot, Order(make_permit("e1/go/1/update:x", guard=guard), change.payload))
    assert fake.person(MONA).properties["lifecyclestage"] == "customer"
