"""Off, in the middle of a batch too; and on again without a burst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from offswitch import days, hours
from offswitch.act.ports import Order
from offswitch.act.run import run
from offswitch.messages.letter import Letter
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.receipt import Receipt
from offswitch.model.verdict import Lane, Work
from offswitch.testing.fakes import FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import Rig

STOPS = ("flow file", "company file", "stop file", "flow's stop file", "ledger", "ledger, automatic", "approval", "broken file")


def stop(rig: Rig, how: str) -> None:
    match how:
        case "flow file":
            rig.switch(tour, "off")
        case "company file":
            rig.company(switch="off")
        case "stop file":
            rig.settings.stop_file().touch()
        case "flow's stop file":
            rig.settings.stop_file("tour").touch()
        case "approval":
            (rig.settings.policies / "approvals" / "tour.yaml").unlink()
        case "broken file":
            rig.save(rig.policy_path(tour), rig.policy_path(tour).read_text("utf-8")[:40])
        case _:
            with rig.ledger.write() as book:
                book.stops.add("flow", "tour", reason="", by="omar", at=rig.clock.now(), automatic="automatic" in how)


class Stopping(FakeMailer):
    """Somebody stops the flow after the seventh letter, while the eighth is on its way to the gate."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.rig: Rig

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        for order in orders:
            if len(self.journal) == 7:
                stop(self.rig, self.how)
            yield self._receipt(order.permit, order.payload)


@pytest.mark.parametrize("how", STOPS)
def test_a_stop_in_the_middle_of_a_batch_stops_before_the_next_letter(rig_of: MakeRig, how: str) -> None:
    mailer = Stopping(how)
    rig = mailer.rig = rig_of(tour, mailer=mailer)
    rig.submit_all(*(f"p{n:03}" for n in range(120)))
    rig.run(tour)
    assert len(rig.sent()) == 7
    assert rig.effects(tour, Stage.RESERVED) == rig.effects(tour, Stage.UNKNOWN) == []
    assert rig.crm.journal == []
    for _ in range(3):
        rig.run(tour, timedelta(minutes=1))
    assert len(rig.sent()) == 7


@pytest.mark.parametrize("how", STOPS)
def test_whatever_stops_it_nothing_goes_out_and_nobody_is_lost(rig_of: MakeRig, how: str) -> None:
    rig = rig_of(tour)
    rig.submit("before")
    rig.run(tour)
    stop(rig, how)
    rig.submit("during")
    for _ in range(3):
        rig.run(tour, days(1))
    assert rig.sent() == ["before"]
    assert rig.states(tour) == ["waiting", "waiting"]
    assert {entry.lane for entry in rig.entries(tour)} == {Lane.MACHINE}


def test_off_and_on_again_leaves_no_trace(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n}" for n in range(5)))
    rig.switch(tour, "off")
    rig.run(tour)
    before = rig.entries(tour)
    for to in ("on", "off", "on", "off"):
        rig.switch(tour, to)
        with rig.ledger.read() as book:
            assert book.work.of_entries([entry.id for entry in before]) == {}
    rig.run(tour)
    assert rig.entries(tour) == before
    rig.switch(tour, "on")
    rig.run(tour)
    assert len(rig.sent()) == 5


@pytest.mark.parametrize(("waiting", "goes_on"), [(50, True), (51, False)])
def test_only_a_little_goes_on_by_itself(rig_of: MakeRig, waiting: int, *, goes_on: bool) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit_all(*(f"p{n}" for n in range(waiting)))
    rig.run(tour)
    rig.switch(tour, "on")
    for _ in range(3):
        rig.run(tour, timedelta(minutes=1))
    assert len(rig.sent()) == (waiting if goes_on else 0)
    with rig.ledger.read() as book:
        assert (not book.stops.periods("tour")) is goes_on


def test_a_person_s_word_lets_the_rest_go_on(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit_all(*(f"p{n}" for n in range(60)))
    rig.run(tour)
    rig.switch(tour, "on")
    rig.run(tour)
    with rig.ledger.write() as book:
        book.stops.close_periods("tour", book.stops.periods("tour"), "mariam@bayan.example", rig.clock.now())
    rig.run(tour)
    assert len(rig.sent()) == 60


def test_a_flow_that_waits_for_a_word_goes_on_when_little_is_left(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit_all(*(f"p{n}" for n in range(51)))
    rig.run(tour)
    rig.switch(tour, "on")
    rig.run(tour)
    rig.submit("goal", kind="check.started", who="p0")
    rig.run(tour)
    rig.run(tour)
    assert len(rig.sent()) == 50


def test_on_in_the_middle_of_a_pass_waits_for_the_next_one(rig_of: MakeRig) -> None:
    """The letters of this pass were not written: the next one writes and sends them."""
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    with rig.desk(tour) as desk:
        rig.run(tour)
        rig.switch(tour, "on")
        run(desk)
    rig.run(tour)
    assert rig.sent() == ["mona"]


def test_what_is_too_late_after_a_long_pause_is_for_review(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.switch(tour, "off")
    rig.run(tour)
    rig.switch(tour, "on")
    rig.run(tour, days(3) + hours(1))
    assert (rig.sent(), rig.entry(tour).state, rig.entry(tour).work) == ([], State.WORKLIST, Work.LATE)


def test_a_stopped_step_lets_the_others_go_on(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.policy(tour, more="steps: {more: {switch: off}}")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.run(tour, days(2))
    assert (rig.sent(), rig.entry(tour).step) == (["mona"], "more")


def test_a_stop_of_another_flow_is_not_ours(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    rig.switch(echo, "off")
    rig.settings.stop_file("echo").touch()
    with rig.ledger.write() as book:
        book.stops.add("flow", "echo", reason="", by="omar", at=rig.clock.now())
    rig.submit("mona")
    rig.run(tour)
    rig.run(echo)
    assert rig.sent_keys() == [f"{rig.entry(tour).id}\x1fhello\x1f1\x1fsend:hello"]


@pytest.mark.parametrize(("value", "stops"), [("1", True), ("yes", True), ("tour", True), ("echo,tour", True), ("0", False), ("", False)])
def test_the_environment_stops_processes_that_start_with_it(rig_of: MakeRig, value: str, *, stops: bool) -> None:
    rig = rig_of(tour)
    object.__setattr__(rig.settings, "stop", value)
    rig.submit("mona")
    rig.run(tour)
    assert (rig.sent() == []) is stops


def test_a_closing_flow_finishes_those_inside(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("inside")
    rig.run(tour)
    rig.switch(tour, "closing")
    rig.submit("late")
    rig.run(tour)
    rig.run(tour, days(2))
    assert rig.sent() == ["inside", "inside"]
    assert rig.entry(tour, "late").lane is Lane.PEOPLE
