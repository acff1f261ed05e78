"""Two workers and a person at one contact: whoever comes first or between, one object with the newest values."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.crm.hubspot import Hubspot
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome
from offswitch.testing.http_server import Asked, ScriptedHttpServer
from tests.connectors.fakes.hubspot import FakeHubspot
from tests.connectors.hubspot_rig import LONG_AGO, MONA, hubspot_at, order

Event = Callable[[], object]


def orders() -> list[Order[Change]]:
    """Made anew each time: permits last half a minute."""
    return [
        order("1", stage="subscriber", told={"decided": LONG_AGO}),
        order("2", kind=Kind.NOTE, text="hi"),
        order("3", stage="lead", city="Doha", told={"decided": LONG_AGO + timedelta(days=1)}),
    ]


@contextmanager
def workers(fake: FakeHubspot, count: int) -> Iterator[list[Hubspot]]:
    with ExitStack() as stack:
        server = stack.enter_context(ScriptedHttpServer(answer=fake.answer))
        yield [stack.enter_context(hubspot_at(server.url)) for _ in range(count)]


def work(hubspot: Hubspot) -> None:
    """As the engine does: what is to be tried again is."""
    for one in orders():
        assert any([receipt.outcome for receipt in hubspot.perform([one])] == [Outcome.PERFORMED] for _ in range(5))


def at_requests(events: dict[int, list[Event]]) -> Callable[[Asked], None]:
    """Before the request of each number, something else happens first."""
    count = iter(range(10_000))

    def before(_: Asked) -> None:
        for event in events.pop(next(count), []):
            event()

    return before


@given(
    there=st.booleans(),
    other_at=st.integers(1, 12),
    edits=st.lists(st.tuples(st.integers(2, 12), st.sampled_from(["lifecyclestage", "city"])), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_two_workers_and_a_person_end_in_one_object_with_the_newest_values(
    there: bool, other_at: int, edits: list[tuple[int, str]]
) -> None:
    fake = FakeHubspot()
    newest = {"lifecyclestage": "lead", "city": "Doha"}
    theirs = {"lifecyclestage": "customer", "city": "Riyadh"}

    def person(name: str) -> None:
        newest[name] = theirs[name]
        fake.edit(MONA, **{name: theirs[name]})

    with workers(fake, 2) as (one, other):
        if there:
            fake.edit(MONA, company="Bayan")
        events: dict[int, list[Event]] = {other_at: [lambda: work(other)]}
        for at, name in edits:
            events.setdefault(at, []).append(partial(person, name))
        fake.before = at_requests(events)
        work(one)
    assert len(fake.objects["contacts"]) == 1
    assert len(fake.held()) == 1
    kept = fake.person(MONA).properties
    assert {name: kept[name] for name in newest} == newest
    assert kept.get("company", "") == ("Bayan" if there else "")
