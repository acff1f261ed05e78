"""A rollout goes up by itself, one step at a time, on evidence; everything that is lacking holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from offswitch import days, hours
from offswitch.metrics.next_step import conditions
from offswitch.model.effect import MACHINE
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig

LADDER = {"steps": '50%", "80%", "100%', "outside": "worklist, min_matured: 20"}
GUARDRAILS = "guardrails: {complaint: 0.1%}"
PEOPLE = tuple(f"p{n:03}" for n in range(100))


def ladder(rig: Rig, **words: str) -> Rig:
    """A ladder, and its first step's messages, sent and matured but for a minute."""
    rig.policy(echo, **{**LADDER, "more": GUARDRAILS, **words})
    rig.approve(echo)
    rig.submit_all(*PEOPLE)
    rig.run(echo)
    rig.clock.advance(hours(48))
    return rig


def rung(rig: Rig) -> int:
    with rig.ledger.read() as book:
        return book.history.rung("echo")


def lacking(rig: Rig) -> list[str]:
    with rig.desk(echo) as desk, rig.ledger.read() as book:
        standing = desk.switchboard.look(book)
        found = list(conditions(book, echo, standing, rig.clock.now(), desk.switchboard.turn(book)))
    return [one.name for one in found if not one.met]


def test_a_step_without_harm_leads_to_the_next_one_and_says_why(rig_of: MakeRig) -> None:
    rig = ladder(rig_of(echo))
    report = rig.run(echo, timedelta(minutes=-1))
    assert (rung(rig), report.total("rollout")) == (0, 0), "a minute too early"
    report = rig.run(echo, timedelta(minutes=1))
    assert rung(rig) == 1
    why = dict(report.notices)["rollout echo"]
    assert why.startswith("echo goes up by itself to step 2, 80%: ")
    assert f"{len(rig.sent()) // 2} of {len(rig.sent())} sends" not in why
    assert "complaint 0 of" in why
    with rig.ledger.read() as book:
        assert [row.by for row in book.connection.exec_driver_sql('SELECT "by" FROM rungs')] == [MACHINE]


def test_after_downtime_it_is_one_step_and_its_hold_begins_anew(rig_of: MakeRig) -> None:
    rig = ladder(rig_of(echo))
    rig.run(echo, days(30))
    assert rung(rig) == 1
    for _ in range(3):
        rig.run(echo, hours(1))
    assert rung(rig) == 1
    assert "hold" in lacking(rig)


def test_the_last_step_waits_for_nothing_and_stays(rig_of: MakeRig) -> None:
    rig = ladder(rig_of(echo), steps="100%")
    rig.run(echo)
    assert (rung(rig), lacking(rig)) == (0, [])


NAMES = {
    "number": {"outside": "worklist, min_matured: 99"},
    "hold": {"outside": "worklist, min_matured: 20, hold: 72h"},
    "by itself": {"outside": "worklist, min_matured: 20, by_itself: no"},
    "capacity": {"more": f"{GUARDRAILS}\ncapacity: 1 minutes per day"},
    "turn": {"outside": "worklist, min_matured: 20, after: [tour]"},
}


@pytest.mark.parametrize("name", NAMES)
def test_each_condition_alone_holds_the_rollout(rig_of: MakeRig, name: str) -> None:
    rig = ladder(rig_of(echo, tour), **{key: word for key, word in NAMES[name].items() if name != "turn"})
    if name == "turn":
        rig.policy(echo, **NAMES[name])
        rig.approve(echo)
    rig.run(echo)
    assert (rung(rig), lacking(rig)) == (0, [name, *["complaint"][: name == "number"]])


def off(rig: Rig) -> None:
    rig.switch(echo, "off")


def unapproved(rig: Rig) -> None:
    (rig.settings.policies / "approvals" / "echo.yaml").unlink()


@pytest.mark.parametrize("how", [off, unapproved])
def test_while_it_is_off_or_not_approved_it_doesn_t_go_up(rig_of: MakeRig, how: Callable[[Rig], None]) -> None:
    rig = ladder(rig_of(echo))
    how(rig)
    rig.run(echo)
    assert (rung(rig), lacking(rig)) == (0, ["on"])


def test_messages_that_are_too_young_hold_it(rig_of: MakeRig) -> None:
    rig = ladder(rig_of(echo))
    rig.submit_all(*(f"q{n}" for n in range(200)))
    rig.run(echo, timedelta(minutes=-1))
    rig.run(echo, timedelta(minutes=1))
    assert (rung(rig), lacking(rig)) == (0, ["matured"])


def test_one_complaint_is_no_proof_of_harm_and_yet_holds_the_step(rig_of: MakeRig) -> None:
    rig = ladder(rig_of(echo))
    rig.submit("c", kind="message.complained", who=rig.sent()[0], consent=())
    rig.run(echo)
    assert (rung(rig), lacking(rig)) == (0, ["complaint"])


def test_without_guardrails_nothing_moves(rig_of: MakeRig) -> None:
    rig = ladder(rig_of(echo), more="")
    rig.run(echo)
    assert (rung(rig), lacking(rig)) == (0, ["by itself"])


def test_while_the_machine_does_worse_than_people_it_doesn_t_go_up(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.policy(echo, **LADDER, more=GUARDRAILS)
    rig.approve(echo)
    rig.submit_all(*PEOPLE)
    rig.run(echo)
    outside = sorted(set(PEOPLE) - set(rig.sent()))
    for who in outside[:30]:
        rig.submit(f"goal {who}", kind="check.started", who=who, consent=())
    rig.run(echo, hours(48))
    assert (rung(rig), lacking(rig)) == (0, ["conversion"])


def test_a_flow_that_waits_for_another_one_leaves_everybody_to_people(rig_of: MakeRig) -> None:
    rig = rig_of(echo, tour)
    rig.policy(echo, outside="worklist, after: [tour], stable: 7d")
    rig.approve(echo)
    rig.run(tour)
    rig.submit("mona")
    rig.run(echo)
    assert (rig.entry(echo).lane_reason, rig.sent()) == ("waits for tour: less than 7d on its last step", [])
    rig.clock.advance(days(7))
    rig.submit("noor")
    rig.run(echo)
    assert rig.sent() == ["noor"]


def test_a_later_tier_waits_for_all_earlier_ones_and_earlier_ones_for_nobody(rig_of: MakeRig) -> None:
    rig = rig_of(echo, tour)
    for journey, tier in ((echo, 2), (tour, 1)):
        rig.policy(journey, outside=f"none, tier: {tier}")
        rig.approve(journey)
    rig.submit("mona")
    rig.run(echo)
    rig.run(tour)
    assert (rig.entries(echo), rig.sent()) == ([], ["mona"])
    rig.switch(tour, "off")
    rig.submit("noor", at=rig.clock.advance(days(15)))
    rig.run(echo)
    assert rig.entries(echo) == []
