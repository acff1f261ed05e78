"""The drill's people: all pairs of factors, the same for the same seed, and events for any journey."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from itertools import pairwise
from random import Random

from offswitch import Decision, Event, Facts, Journey, Plan, event, finish, send
from offswitch.drill.made import asked_of, payload, waits_for
from offswitch.drill.pairs import all_pairs, pairs_of
from offswitch.drill.people import FACTORS, START, STRANGERS, make_few, make_population
from offswitch.model.event import Happened
from tests.act.journeys import booking, gifts, tour


@event("test.bought")
class Bought(Event):
    """Somebody bought something."""

    order_id: str
    amount: float = 0
    tier: str = ""


shop = Journey("shop", starts_on=Bought, goal=Bought, about="order_id", again="per_subject")


@shop.step
def thank(buyer: Facts) -> Decision:
    order = buyer.event(Bought)
    if order.tier == "gold" or buyer.contact.get("rank") == "major":
        return finish("in person")
    return Plan(send("hello"), then=finish("small" if order.amount < 1234 else "large"))


def test_every_pair_of_values_meets_in_somebody() -> None:
    rows = all_pairs(FACTORS, Random(1))
    met = set().union(*(pairs_of(row) for row in rows))
    names = list(FACTORS)
    wanted = {((a, x), (b, y)) for i, a in enumerate(names) for b in names[i + 1 :] for x in FACTORS[a] for y in FACTORS[b]}
    assert wanted <= met
    assert len(rows) <= 60


def test_one_seed_makes_the_same_people_and_another_one_others() -> None:
    assert make_population(tour, 80, 7, None) == make_population(tour, 80, 7, None)
    assert make_population(tour, 80, 7, None) != make_population(tour, 80, 8, None)


def test_a_population_has_as_many_as_were_asked_for_and_six_strangers() -> None:
    people = make_population(tour, 80, 7, None).people
    assert sum(one.number < STRANGERS for one in people) == 80
    assert sum(one.number >= STRANGERS for one in people) == 6


def test_every_event_can_be_read_by_its_own_kind() -> None:
    """Whatever journey it is: the data fits the dataclass."""
    for journey in (tour, booking, gifts, shop):
        kinds = [journey.starts_on, *journey.exits, *([journey.goal] if journey.goal else [])]
        for seed, kind in enumerate(kinds * 5):
            data = payload(kind, Random(seed), START, asked=asked_of(journey), subject="s1", about=journey.about, form=None)
            typed = Happened("x", kind.kind, START, "c", data).typed(kind)
            assert journey.about not in {field.name for field in fields(kind)} or getattr(typed, journey.about) == "s1"


def test_both_sides_of_every_comparison_get_people() -> None:
    asked = asked_of(shop)
    made = [payload(Bought, Random(n), START, asked=asked, subject="s", about="order_id", form=None) for n in range(60)]
    assert {1234, 1235} <= {data["amount"] for data in made}
    assert "gold" in {data["tier"] for data in made}
    assert asked.words["rank"] == ("major",)


def test_what_ends_a_wait_is_read_from_the_journey() -> None:
    assert waits_for(tour) == ("message.replied",)


def test_nobody_does_two_things_within_the_minutes_that_a_death_costs() -> None:
    times = sorted({one.at.minute for one in make_few(tour, 16, 7, None).script if one.kind != "drill.knocked"})
    assert all(later - earlier >= 10 for earlier, later in pairwise(times))
    assert all(one.at < START + timedelta(days=20) for one in make_few(tour, 16, 7, None).script)
