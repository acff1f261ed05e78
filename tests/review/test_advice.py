from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flows.donor_thanks import donor_thanks
from flows.welcome import welcome
from offswitch.journey.graph import Graph, graph_of
from offswitch.journey.node import Node
from offswitch.messages.front_matter import Front
from offswitch.messages.library import Library
from offswitch.review.advice import advice

ROOT = Path(__file__).parents[2]


def front(ask: int = 0, *, purpose: str = "marketing", proof: str = "") -> Front:
    return Front("s", purpose, "v", ask, proof=proof)


def line_of(*steps: tuple[str, int]) -> Graph:
    """A journey of these steps, each with the days before the next one; every step sends a message of its own name."""
    names = [name for name, _ in steps]
    nodes = {}
    for at, (name, wait) in enumerate(steps):
        after = names[at + 1 : at + 2]
        onward = tuple((step, timedelta(days=wait)) for step in after)
        nodes[name] = Node(name, at + 1, 1, (name,), tuple(after), (), (), (), (), (), counts=False, onward=onward)
    return Graph("f", "flows/f.py", names[0], nodes)


def told(graph: Graph, **fronts: Front) -> list[str]:
    return [one.what for one in advice(graph, fronts)]


def test_four_messages_in_seven_days_are_remarked_and_three_are_not() -> None:
    fronts = {name: front() for name in "abcd"}
    assert told(line_of(("a", 2), ("b", 2), ("c", 2), ("d", 1)), **fronts) == ["up to 4 messages in seven days, from step 'a' on"]
    assert told(line_of(("a", 2), ("b", 2), ("c", 3), ("d", 1)), **fronts) == []


def test_service_mail_does_not_crowd_anybody() -> None:
    fronts = {name: front(purpose="service") for name in "abcd"}
    assert told(line_of(("a", 1), ("b", 1), ("c", 1), ("d", 1)), **fronts) == []


def test_asking_for_much_on_the_first_days_is_remarked() -> None:
    assert told(line_of(("a", 2), ("b", 1)), a=front(), b=front(3, proof="p")) == [
        "'b' asks for much (level 3 of 4) as early as 2 d after the beginning"
    ]
    assert told(line_of(("a", 3), ("b", 1)), a=front(), b=front(3, proof="p")) == []


def test_a_promise_with_nothing_behind_it_is_remarked() -> None:
    assert told(line_of(("a", 9), ("b", 1)), a=front(), b=front(4)) == [
        "'b' asks for much (level 4 of 4) and names nothing that stands behind it"
    ]


def test_a_circle_is_counted_once() -> None:
    node = Node("a", 1, 1, ("a",), ("a",), (), (), (), (), (), counts=True, onward=(("a", timedelta(hours=1)),))
    assert told(Graph("f", "f.py", "a", {"a": node}), a=front()) == []


def test_the_shipped_journeys_are_well_spaced() -> None:
    library = Library(ROOT / "messages")
    for journey in (welcome, donor_thanks):
        graph = graph_of(journey)
        assert advice(graph, {name: library.front(journey.name, name) for name in graph.messages}) == ()
