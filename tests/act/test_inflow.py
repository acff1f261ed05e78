"""What becomes of a trigger that came while the flow could not take it."""

from __future__ import annotations

import pytest

from offswitch import days, hours
from offswitch.metrics.account import account
from offswitch.model.verdict import Lane
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig

WAYS = ("admit", "{admit_if_fresh: 72h}", "worklist", "ignore")


def rig_with(rig_of: MakeRig, inflow: str) -> Rig:
    rig = rig_of(tour)
    rig.policy(tour, more=f"inflow: {inflow}\nlate: {{after: 366d, then: review}}")
    rig.approve(tour)
    rig.run(tour)
    return rig


def answers(rig: Rig) -> list[tuple[str, str, str]]:
    with rig.ledger.read() as book:
        return [(row.outcome, row.rule, row.reason) for row in book.events.all_outcomes()]


OFF = "flow tour is off (tour.yaml)"
MISSED = "came while the flow was off"
OLD = "the trigger is too old to be acted on unseen"
LOOKED_AT_WHILE_OFF = [
    ("admit", 1, ("people", "stop", OFF), 1),
    ("admit", 200, ("people", "stop", OFF), 1),
    ("{admit_if_fresh: 72h}", 1, ("people", "stop", OFF), 1),
    ("{admit_if_fresh: 72h}", 73, ("people", "inflow", OLD), 0),
    ("worklist", 1, ("people", "inflow", MISSED), 0),
    ("ignore", 1, ("no", "inflow", MISSED), 0),
]


@pytest.mark.parametrize(("inflow", "age", "answer", "sent"), LOOKED_AT_WHILE_OFF)
def test_looked_at_while_off(rig_of: MakeRig, inflow: str, age: int, answer: tuple[str, str, str], sent: int) -> None:
    rig = rig_with(rig_of, inflow)
    rig.switch(tour, "off")
    rig.run(tour)
    rig.submit("mona", at=rig.clock.now() - hours(age))
    rig.run(tour, hours(1))
    assert answers(rig) == [answer]
    rig.switch(tour, "on")
    rig.run(tour)
    assert len(rig.sent()) == sent


@pytest.mark.parametrize(
    ("inflow", "answer"),
    [
        ("admit", ("machine", "", "")),
        ("{admit_if_fresh: 72h}", ("machine", "", "")),
        ("worklist", ("people", "inflow", MISSED)),
        ("ignore", ("no", "inflow", MISSED)),
    ],
)
def test_stored_while_off_and_looked_at_when_it_is_on_again(rig_of: MakeRig, inflow: str, answer: tuple[str, str, str]) -> None:
    """No worker ran between: the off period tells that it came while the flow was off."""
    rig = rig_with(rig_of, inflow)
    rig.switch(tour, "off")
    rig.run(tour)
    rig.clock.advance(hours(1))
    rig.submit("mona")
    rig.switch(tour, "on")
    rig.run(tour, hours(1))
    assert answers(rig) == [answer]


@pytest.mark.parametrize("inflow", WAYS)
def test_what_comes_before_and_after_enters_as_ever(rig_of: MakeRig, inflow: str) -> None:
    rig = rig_with(rig_of, inflow)
    rig.submit("before")
    rig.run(tour)
    for to in ("off", "on"):
        rig.switch(tour, to)
        rig.run(tour, hours(1))
    rig.clock.advance(hours(1))
    rig.submit("after")
    rig.run(tour)
    assert rig.sent() == ["before", "after"]


@pytest.mark.parametrize("inflow", ["worklist", "ignore"])
def test_a_stop_of_a_part_is_no_time_off(rig_of: MakeRig, inflow: str) -> None:
    rig = rig_with(rig_of, inflow)
    with rig.ledger.write() as book:
        book.stops.add("channel", "sms", reason="", by="omar", at=rig.clock.now())
    rig.run(tour)
    rig.submit("mona")
    rig.run(tour, hours(1))
    assert rig.sent() == ["mona"]


@pytest.mark.parametrize("inflow", WAYS)
def test_a_second_form_of_the_same_person_is_one_of_them(rig_of: MakeRig, inflow: str) -> None:
    rig = rig_with(rig_of, inflow)
    rig.switch(tour, "off")
    rig.run(tour)
    for number in range(3):
        rig.submit(f"form {number}", who="mona")
        rig.submit(f"form {number}", who="mona")
    rig.run(tour, hours(1))
    assert len(answers(rig)) == 3
    assert len(rig.entries(tour)) == (0 if inflow == "ignore" else 1)


@pytest.mark.parametrize("inflow", WAYS)
def test_goals_and_exits_count_whatever_the_policy_does_with_triggers(rig_of: MakeRig, inflow: str) -> None:
    rig = rig_with(rig_of, inflow)
    rig.submit_all("mona", "huda")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.run(tour)
    rig.submit("goal", kind="check.started", who="mona")
    rig.submit("left", kind="test.left", who="huda")
    rig.run(tour, days(3))
    assert rig.states(tour) == ["exited", "finished"]


@pytest.mark.parametrize("inflow", WAYS)
def test_the_account_of_a_fortnight_off_balances(rig_of: MakeRig, inflow: str) -> None:
    rig = rig_with(rig_of, inflow)
    rig.switch(tour, "off")
    for day in range(0, 14, 2):
        rig.submit_all(f"one of day {day}".replace(" ", "-"), f"other-{day}")
        rig.run(tour, days(2))
    rig.switch(tour, "on")
    rig.run(tour)
    with rig.ledger.read() as book, rig.desk(tour) as desk:
        counts = account(book, tour, desk.switchboard.look(book), rig.clock.now())
    assert (counts.events, counts.lost) == (14, 0)
    assert counts.refused == ({MISSED: 14} if inflow == "ignore" else {})
    assert (counts.entered == 0) is (inflow == "ignore")
    assert all(entry.lane is Lane.PEOPLE for entry in rig.entries(tour)) is (inflow in ("worklist", "ignore"))
