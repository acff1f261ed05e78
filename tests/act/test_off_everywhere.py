"""Off by whatever hand, of whatever part, for a moment or a fortnight: pending work is people's, and nothing is done twice."""

from __future__ import annotations

from collections import Counter

import pytest

from offswitch import days, hours
from offswitch.act.run import run
from offswitch.metrics.account import Account, account
from offswitch.model.entry import State
from offswitch.model.verdict import Work
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import pair, tour
from tests.act.rig import Rig

WHOLE = ("policy file", "company file", "command", "automatic", "stop file", "flow's stop file", "environment")
PARTS = ("channel", "connector", "step", "step in the file")


def stop(rig: Rig, how: str) -> None:
    """Off."""
    match how:
        case "policy file":
            rig.switch(tour, "off")
        case "company file":
            rig.company(switch="off")
        case "stop file" | "flow's stop file":
            rig.settings.stop_file("tour" if "flow" in how else "").touch()
        case "environment":
            object.__setattr__(rig.settings, "stop", "1")
        case "step in the file":
            rig.policy(tour, steps="100%", more=f"{rig._said['tour']['more']}\nsteps: {{hello: {{switch: off}}}}")
        case _:
            scope, name = ROWS.get(how, ("flow", "tour"))
            with rig.ledger.write() as book:
                book.stops.add(scope, name, reason="", by="omar", at=rig.clock.now(), automatic=how == "automatic")


ROWS = {"channel": ("channel", "email"), "connector": ("connector", "fake"), "step": ("step", "tour/hello")}


def items(rig: Rig) -> list[str]:
    with rig.desk(tour) as desk:
        return sorted(item.reach.partition("@")[0] for item in worklist(desk))


def counted(rig: Rig) -> Account:
    with rig.ledger.read() as book, rig.desk(tour) as desk:
        return account(book, tour, desk.switchboard.look(book), rig.clock.now())


def rig_with(rig_of: MakeRig, more: str) -> Rig:
    rig = rig_of(tour)
    rig.policy(tour, more=more)
    rig.approve(tour)
    return rig


@pytest.mark.parametrize(
    ("how", "when_off"), [*((how, "hand_over") for how in (*WHOLE, *PARTS)), *((how, "hold") for how in ("command", "channel", "step"))]
)
def test_off_hands_over_or_holds_what_is_due(rig_of: MakeRig, how: str, when_off: str) -> None:
    rig = rig_with(rig_of, f"when_off: {when_off}")
    ROWS["connector"] = ("connector", rig.mailer.name)
    rig.submit_all("mona", "huda")
    stop(rig, how)
    rig.run(tour)
    assert rig.sent() == []
    assert items(rig) == (["huda", "mona"] if when_off == "hand_over" else [])
    assert counted(rig).lost == 0
    rig.run(tour, hours(25))  # nothing is held in silence for longer than a day
    assert (rig.sent(), items(rig)) == ([], ["huda", "mona"])


def test_each_step_has_its_own_way_of_being_off(rig_of: MakeRig) -> None:
    rig = rig_with(rig_of, "when_off: hand_over\nsteps: {more: {when_off: hold}}")
    rig.submit("mona")
    rig.run(tour, hours(1))
    rig.submit("huda")
    rig.policy(tour, more="when_off: hand_over\nsteps: {more: {when_off: hold, switch: off}, hello: {switch: off}}")
    rig.run(tour, days(2))
    assert items(rig) == ["huda"]


@pytest.mark.parametrize("how", ["policy file", "channel"])
def test_off_and_on_fifty_times_sends_everything_once(rig_of: MakeRig, how: str) -> None:
    rig = rig_with(rig_of, "")
    rig.run(tour)
    with rig.desk(tour) as desk:
        for turn in range(50):
            stop(rig, how)
            if turn % 10 == 0:
                rig.submit(f"p{turn}")
            if turn % 10 in (0, 1, 6):
                run(desk)
                assert len(rig.sent()) == turn // 10 + (turn % 10 > 3)
                assert [item.step for item in worklist(desk)].count("hello") == (turn % 10 < 3)
            rig.switch(tour, "on")
            with rig.ledger.write() as book:
                book.stops.end("channel", "email", by="omar", at=rig.clock.now())
            if turn % 10 in (0, 1, 6):
                assert "hello" not in {item.step for item in worklist(desk)}
            if turn % 10 in (3, 9):
                run(desk)
    assert Counter(rig.sent()) == {f"p{turn}": 1 for turn in range(0, 50, 10)}
    with rig.ledger.read() as book:
        assert book.stops.unreleased("tour") == []


def test_a_fortnight_off_ends_without_a_storm(rig_of: MakeRig) -> None:
    rig = rig_with(rig_of, "on_resume: {release: 3 per hour, without_asking: 1000}\nlate: {after: 72h, then: review}")
    rig.submit("before")
    rig.run(tour)
    rig.switch(tour, "off")
    for day in range(14):
        rig.submit_all(f"a{day}", f"b{day}")
        if day % 3 == 0:
            rig.run(tour)
        rig.clock.advance(days(1))
    rig.switch(tour, "on")
    turns = []
    for _ in range(4):
        before = len(rig.sent())
        rig.run(tour)
        turns.append(len(rig.sent()) - before)
        rig.clock.advance(hours(1))
    assert max(turns) == 3
    assert {name[1:] for name in rig.sent()} - {"efore"} <= {"10", "11", "12", "13"}
    late = [entry for entry in rig.entries(tour) if entry.work in (Work.LATE, Work.BY_HAND)]
    assert late
    one = counted(rig)
    assert (one.events, one.lost, one.entered) == (29, 0, 29)


def deed(outcome: str, **more: object) -> Deed:
    return Deed("lina", outcome, **more)  # type: ignore[arg-type]


BY_HAND = {
    "done": deed("done"),
    "done, a part": deed("done", only=("send:hello",)),
    "done, the other part": deed("done", only=("note:note",)),
    "skipped": deed("skip", note="answered by phone"),
    "taken": deed("take"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_what_people_did_or_hold_is_not_sent_when_it_is_on_again(rig_of: MakeRig, what: str) -> None:
    rig = rig_of(pair)
    rig.switch(pair, "off")
    rig.submit_all("mona", "huda")
    rig.run(pair)
    with rig.desk(pair) as desk:
        mine = next(item for item in worklist(desk) if item.reach.startswith("mona"))
        do(desk, mine.id, BY_HAND[what])
    rig.switch(pair, "on")
    for _ in range(3):
        rig.run(pair, hours(1))
    assert rig.sent().count("huda") == 2
    assert rig.sent().count("mona") == 0
    assert max(Counter(rig.sent_keys()).values()) == 1


def test_given_back_it_is_the_machine_s_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    with rig.desk(tour) as desk:
        name = worklist(desk)[0].id
        do(desk, name, deed("take"))
    rig.switch(tour, "on")
    rig.run(tour)
    assert (rig.sent(), items(rig)) == ([], ["mona"])
    with rig.desk(tour) as desk:
        do(desk, name, deed("give-back"))
    rig.run(tour)
    assert rig.sent() == ["mona"]


def test_what_was_taken_while_off_can_be_done_after_on_and_is_done_once(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    with rig.desk(tour) as desk:
        name = worklist(desk)[0].id
        do(desk, name, deed("take"))
    rig.switch(tour, "on")
    rig.run(tour)
    with rig.desk(tour) as desk:
        do(desk, name, deed("done"))
    rig.run(tour)
    assert (rig.sent(), rig.entry(tour).step) == ([], "more")


def test_approved_while_off_waits_for_on_and_is_sent_once(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.letter(tour, "hello", decides="offer")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.run(tour)
    with rig.desk(tour) as desk:
        do(desk, worklist(desk)[0].id, deed("approve"))
    rig.run(tour, hours(1))
    assert rig.sent() == []
    rig.switch(tour, "on")
    for _ in range(2):
        rig.run(tour, hours(1))
    assert rig.sent() == ["mona"]


def test_a_closing_flow_that_goes_off_and_closes_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("inside")
    rig.run(tour)
    for to in ("closing", "off", "closing"):
        rig.switch(tour, to)
        rig.submit(f"while-{to}-{len(rig.entries(tour))}")
        rig.run(tour)
    rig.run(tour, days(2))
    assert rig.sent().count("inside") == 2
    assert Counter(entry.state for entry in rig.entries(tour))[State.WORKLIST] >= 2
    assert counted(rig).lost == 0
