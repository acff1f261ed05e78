"""Two workers and a person at one record: whoever comes first or between, one object with the newest values."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.crm.salesforce import Salesforce
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome
from offswitch.testing.http_server import ScriptedHttpServer
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.hubspot_rig import LONG_AGO, MONA, order
from tests.connectors.salesforce_rig import salesforce_at
from tests.connectors.test_hubspot_together import Event, at_requests


def orders() -> list[Order[Change]]:
    """Made anew each time: permits last half a minute."""
    return [
        order("1", stage="subscriber", told={"decided": LONG_AGO}),
        order("2", kind=Kind.NOTE, text="hi"),
        order("3", stage="lead", city="Doha", told={"decided": LONG_AGO + timedelta(days=1)}),
    ]


@contextmanager
def workers(fake: FakeSalesforce) -> Iterator[tuple[Salesforce, Salesforce]]:
    with (
        ScriptedHttpServer(answer=fake.answer) as server,
        salesforce_at(server.url, fake, history=True) as one,
        salesforce_at(server.url, fake, history=True) as other,
    ):
        yield one, other


def work(salesforce: Salesforce) -> None:
    """As the engine does: what is to be tried again is."""
    for one in orders():
        assert any([receipt.outcome for receipt in salesforce.perform([one])] == [Outcome.PERFORMED] for _ in range(5))


@given(
    there=st.booleans(),
    other_at=st.integers(1, 12),
    edits=st.lists(st.tuples(st.integers(2, 12), st.sampled_from(["Offswitch_Stage__c", "MailingCity"])), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_two_workers_and_a_person_end_in_one_object_with_the_newest_values(
    there: bool, other_at: int, edits: list[tuple[int, str]]
) -> None:
    fake = FakeSalesforce(history=True)
    newest = {"Offswitch_Stage__c": "lead", "MailingCity": "Doha"}
    theirs = {"Offswitch_Stage__c": "customer", "MailingCity": "Riyadh"}

    def person(name: str) -> None:
        if any(one.get("Email") == MONA for one in fake.objects["Contact"].values()):
            newest[name] = theirs[name]
            fake.edit(MONA, **{name: theirs[name]})

    with workers(fake) as (one, other):
        if there:
            fake.edit(MONA, Department="Giving")
        events: dict[int, list[Event]] = {other_at: [lambda: work(other)]}
        for at, name in edits:
            events.setdefault(at, []).append(partial(person, name))
        fake.before = at_requests(events)
        work(one)
    assert (len(fake.objects["Contact"]), len(fake.held())) == (1, 1)
    kept = fake.person(MONA)
    assert {name: kept[name] for name in newest} == newest
    assert kept.get("Department", "") == ("Giving" if there else "")
