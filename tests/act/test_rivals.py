"""Two flows want the same person: groups, priorities, and the order of passes that must not matter."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from offswitch.journey.journey import Journey
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, ring, tour
from tests.act.rig import Rig

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ORDERS = list(permutations((echo, ring, tour)))


def ranked(rig: Rig, more: dict[Journey, str]) -> None:
    for journey, lines in more.items():
        rig.letter(journey, "hello", purpose="marketing")
        rig.policy(journey, more=lines)
        rig.approve(journey)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(journey.name for journey in order))
def test_s0_23_the_order_of_passes_does_not_change_who_wins(rig_of: MakeRig, order: tuple[Journey, ...]) -> None:
    rig = rig_of(echo, ring, tour)
    rig.company(caps="1 per day")
    ranked(rig, {echo: "priority: 40", ring: "priority: 60", tour: "priority: 50"})
    rig.submit("mona")
    for journey in (echo, ring, tour):  # everybody is inside before anything is sent
        rig.switch(journey, "off")
        rig.run(journey)
    for journey in (echo, ring, tour):
        rig.switch(journey, "on")
    for journey in order:
        rig.run(journey, MINUTE)
    assert [key.split("\x1f")[1] for key in rig.sent_keys()] == ["lap"]


def test_who_gives_way_says_to_whom_and_goes_on_after_it(rig_of: MakeRig) -> None:
    rig = rig_of(echo, tour)
    rig.company(caps="1 per day")
    ranked(rig, {echo: "", tour: "priority: 60"})
    rig.submit("mona")
    rig.switch(tour, "off")
    rig.run(tour)
    rig.switch(tour, "on")
    rig.run(echo)
    entry = rig.entry(echo)
    assert (entry.rule, entry.reason) == ("priority", "the flow tour goes first; room for 1 under 1 per day")
    rig.run(tour)
    rig.run(echo, HOUR)
    assert rig.entry(echo).rule == "cap"
    for _ in range(4):
        rig.run(echo, DAY)
        rig.run(tour)
    assert [key.split("\x1f")[1] for key in rig.sent_keys()] == ["hello", "more", "greeting"]


def test_a_flow_of_the_same_group_does_not_take_whom_another_one_has(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    ranked(rig, {tour: "exclusive_group: education", echo: "exclusive_group: education"})
    rig.submit("mona")
    rig.run(tour)
    report = rig.run(echo)
    assert rig.entries(echo) == []
    assert report.total("not entered") == 1
    with rig.ledger.read() as book:
        rows = [(row.outcome, row.rule, row.reason) for row in book.events.all_outcomes() if row.flow == "echo"]
    assert rows == [("no", "exclusive group", "is in the flow tour of the same group")]


def test_a_group_is_free_again_when_the_other_has_ended(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    ranked(rig, {tour: "exclusive_group: education", echo: "exclusive_group: education"})
    rig.submit("mona")
    rig.run(echo)
    rig.submit("mona again", who="mona")
    rig.run(tour)
    assert rig.states(tour) == ["waiting"]


def test_a_higher_priority_enters_and_the_lower_one_waits_until_it_is_through(rig_of: MakeRig) -> None:
    rig = rig_of(tour, ring)
    ranked(rig, {tour: "exclusive_group: education\npriority: 70", ring: "exclusive_group: education"})
    rig.submit("mona")
    rig.run(ring)
    rig.run(tour)
    assert (rig.states(ring), rig.states(tour)) == (["waiting"], ["waiting"])
    rig.run(ring, DAY)
    entry = rig.entry(ring)
    assert (entry.rule, entry.reason) == ("group", "the flow tour of the group education goes first")
    assert entry.due == rig.clock.now() + HOUR
    rig.submit("goal", who="mona", kind="check.started")
    rig.run(tour)
    assert rig.states(tour) == ["finished"]
    assert len(rig.sent()) == 2


def test_a_broken_file_keeps_its_place_among_the_others(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    ranked(rig, {tour: "exclusive_group: education", echo: "exclusive_group: education"})
    rig.submit("mona")
    rig.run(tour)
    rig.save(rig.policy_path(tour), rig.policy_path(tour).read_text() + "priority: [\n")
    rig.run(echo)
    assert rig.entries(echo) == []


def test_without_a_priority_or_a_group_nobody_has_rivals(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    for journey, rivals in ((tour, 0), (echo, 0)):
        with rig.desk(journey) as desk, rig.ledger.read() as book:
            assert len(desk.switchboard.look(book).rivals) == rivals
    rig.policy(echo, more="priority: 51")
    for journey, rivals in ((tour, 1), (echo, 1)):
        with rig.desk(journey) as desk, rig.ledger.read() as book:
            assert len(desk.switchboard.look(book).rivals) == rivals
