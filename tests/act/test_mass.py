"""One approver, two approvers, and an approval that is over: in whole passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offswitch.policy.approvals import load_approval, path_of, save_approval
from tests.act.conftest import MakeRig
from tests.act.journeys import echo
from tests.act.rig import Rig

OMAR = "omar@bayan.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rig_with(rig_of: MakeRig, more: str, by: str = OMAR) -> Rig:
    rig = rig_of(echo)
    rig.policy(echo, more=more)
    rig.approve(echo, by)
    return rig


def signed(rig: Rig, **otherwise: Any) -> None:
    """The same approval with something else in it, by its own hand."""
    given = load_approval(rig.settings.policies, "echo")
    assert given is not None
    save_approval(rig.settings.policies, "echo", replace(given, **otherwise))


def test_one_yes_is_good_for_so_many_a_day_and_the_second_one_lets_the_rest_go_within_the_hour(rig_of: MakeRig) -> None:
    rig = rig_with(rig_of, "mass: 3 per day\nmax_defer: 2h\nlate: {after: 1h, then: skip}")
    rig.submit_all(*(f"p{n}" for n in range(8)))
    report = rig.run(echo)
    assert len(rig.sent()) == 3
    assert ("mass echo", "echo: more than 3 per day: a second person has to approve, see `offswitch plan echo`") in report.notices
    for _ in range(5):
        rig.run(echo, HOUR)
    assert (len(rig.sent()), rig.states(echo).count("waiting")) == (3, 5)
    for _ in range(19):
        rig.run(echo, HOUR)
    assert len(rig.sent()) == 6
    rig.approve(echo, f"{OMAR}, lina@bayan.example")
    rig.run(echo, HOUR)
    assert (len(rig.sent()), set(rig.states(echo))) == (8, {"finished"})


def test_an_approval_ends_and_is_then_one_that_is_missing(rig_of: MakeRig) -> None:
    rig = rig_with(rig_of, "approved_for: 10d")
    with rig.desk(echo) as desk, rig.ledger.read() as book:
        assert not desk.switchboard.look(book).remarks
        rig.clock.advance(4 * DAY)
        ends = "the approval ends on 2025-03-13: read the plan again, `offswitch plan echo`"
        assert (desk.switchboard.look(book).remarks, desk.switchboard.look(book).expiring) == ((ends,), ends)
        rig.clock.advance(6 * DAY)
        late = desk.switchboard.look(book)
        assert late.unapproved == "approved on 2025-03-03 for 10d: read the plan again, `offswitch plan echo`"
        assert not late.unapproved_long
        rig.clock.advance(5 * HOUR)
        assert desk.switchboard.look(book).unapproved_long
    rig.submit("mona")
    rig.run(echo)
    assert rig.sent() == []
    rig.approve(echo)
    rig.run(echo)
    assert rig.sent() == ["mona"]


@pytest.mark.parametrize(("growth", "stops"), [("0%", True), ("any", False)])
def test_an_approval_is_outgrown_by_many_more_people_than_its_plan_showed(rig_of: MakeRig, growth: str, stops: bool) -> None:
    rig = rig_with(rig_of, f"approved_growth: {growth}", f"{OMAR}, lina@bayan.example")
    signed(rig, audience=2)
    rig.submit_all(*(f"p{n:03}" for n in range(103)))
    rig.run(echo, HOUR)
    with rig.desk(echo) as desk, rig.ledger.read() as book:
        said = desk.switchboard.look(book).unapproved
    words = "approved for 2 people, and 103 have entered since: read the plan again, `offswitch plan echo`"
    assert said == (words if stops else "")


@pytest.mark.parametrize("slip", [("by: ", "by: eve@bayan.example, "), ("2025-03-03T", "2025-03-04T"), ('audience: "0"', 'audience: "9"')])
def test_an_approval_that_was_changed_by_hand_lets_nothing_out(rig_of: MakeRig, slip: tuple[str, str]) -> None:
    rig = rig_with(rig_of, "")
    path = path_of(rig.settings.policies, "echo")
    rig.save(path, path.read_text("utf-8").replace(*slip, 1))
    rig.submit("mona")
    rig.run(echo)
    assert rig.sent() == []
    with rig.desk(echo) as desk, rig.ledger.read() as book:
        assert "was changed by hand: its seal doesn't fit" in desk.switchboard.look(book).unapproved


@pytest.mark.parametrize("day", ["2099-01-01", "9999-12-31"])
def test_an_approval_of_a_day_that_has_not_come_lets_nothing_out_and_breaks_nothing(rig_of: MakeRig, day: str) -> None:
    rig = rig_with(rig_of, "")
    signed(rig, on=day)
    rig.submit("mona")
    rig.run(echo)
    with rig.desk(echo) as desk, rig.ledger.read() as book:
        assert desk.switchboard.look(book).unapproved.startswith(f"approved on {day}, a day that has not come")
    assert rig.sent() == []
