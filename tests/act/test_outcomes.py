"""How an attempt ended, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from offswitch import days
from offswitch.act.desk import RETRY_AFTER
from offswitch.act.ports import Order
from offswitch.act.run import run
from offswitch.messages.letter import Letter
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Work
from offswitch.testing.fakes import Answer, FakeCrm, FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, pair, tour

MONA = "mona@example.com"
SECOND = timedelta(seconds=1)


class Breaking(FakeMailer):
    """Breaks down at the third order: before or after the letter has left."""

    def __init__(self, *, gone: bool) -> None:
        super().__init__()
        self.gone, self.broke = gone, False

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        for n, order in enumerate(orders):
            if n == 2 and not self.broke:
                self.broke = True
                if self.gone:
                    self._receipt(order.permit, order.payload)
                raise RuntimeError("out of memory")
            yield self._receipt(order.permit, order.payload)


def mailer(*answers: Answer | Outcome) -> FakeMailer:
    return FakeMailer({MONA: list(answers)})


def test_a_retry_waits_longer_each_time_and_sends_once(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=mailer(*[Outcome.RETRY] * 5))
    rig.submit("mona")
    rig.run(tour)
    waits = []
    for _ in range(5):
        entry = rig.entry(tour)
        assert (entry.state, entry.rule) == (State.HELD, "connector")
        waits.append(entry.due - rig.clock.now())
        assert rig.run(tour, waits[-1] - SECOND).total("retry") == 0
        rig.run(tour, SECOND)
    assert waits == [*RETRY_AFTER, RETRY_AFTER[-1]]
    assert (rig.sent(), rig.entry(tour).state) == (["mona"], State.WAITING)
    assert [(one.state, one.tries) for one in rig.effects(tour) if one.action == "send:hello"] == [(Stage.PERFORMED, 6)]


def test_a_doubtful_letter_is_a_work_item_and_never_sent_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=mailer(Answer(Outcome.UNKNOWN, "cut", kept=True)))
    rig.submit("mona")
    report = rig.run(tour)
    assert ("unknown outcomes", "there are messages of which nobody knows whether they arrived") in report.notices
    for _ in range(3):
        rig.run(tour, days(3))
    assert (rig.entry(tour).state, rig.entry(tour).work, rig.sent()) == (State.WORKLIST, Work.UNKNOWN, ["mona"])
    assert [one.state for one in rig.effects(tour)] == [Stage.UNKNOWN]


def test_a_refused_address_gets_nothing_any_more_from_any_flow(rig_of: MakeRig) -> None:
    rig = rig_of(tour, pair, mailer=mailer(Answer(Outcome.REJECTED, "no such address", address_refused=True)))
    rig.submit("mona")
    rig.run(tour)
    rig.run(pair)
    rig.run(tour, days(2))
    assert rig.sent() == []
    assert [(rig.entry(flow).state, rig.entry(flow).rule) for flow in (tour, pair)] == [(State.EXITED, "suppression")] * 2


def test_a_rejected_letter_is_settled_and_the_entry_goes_on(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=mailer(Outcome.REJECTED))
    rig.submit("mona")
    rig.run(tour)
    assert (rig.entry(tour).step, [one.state for one in rig.effects(tour, Stage.FAILED)]) == ("more", [Stage.FAILED])
    rig.run(tour, days(2))
    assert [letter.subject for _, letter in rig.mailer.journal] == ["more"]


def test_a_lapsed_permit_leaves_the_letter_planned_for_the_next_pass(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=mailer(Outcome.LAPSED))
    rig.submit("mona")
    rig.run(tour)
    assert [one.state for one in rig.effects(tour)] == [Stage.PLANNED]
    assert rig.entry(tour).state is State.WAITING
    rig.run(tour)
    assert (rig.sent(), rig.entry(tour).step) == (["mona"], "more")


@pytest.mark.parametrize("gone", [False, True])
def test_a_mailer_that_breaks_down_leaves_at_most_one_letter_in_doubt(rig_of: MakeRig, *, gone: bool) -> None:
    rig = rig_of(tour, mailer=Breaking(gone=gone))
    rig.submit_all(*(f"p{n}" for n in range(6)))
    report = rig.run(tour)
    assert ("connector fake", "fake broke down: RuntimeError") in report.notices
    assert rig.states(tour).count("worklist") == gone
    for _ in range(3):
        rig.run(tour, timedelta(hours=1))
    assert len(rig.sent()) == len(set(rig.sent())) == 6


def test_receipts_in_the_wrong_order_are_never_believed(rig_of: MakeRig) -> None:
    class Confused(FakeMailer):
        def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
            yield from reversed([self._receipt(order.permit, order.payload) for order in orders])

    rig = rig_of(echo, mailer=Confused({MONA: [Outcome.UNKNOWN]}))
    rig.submit("mona")
    rig.submit("omar")
    rig.run(echo)
    assert [one.state for one in rig.effects(echo)] == [Stage.UNKNOWN, Stage.UNKNOWN]


def test_after_three_failures_a_pass_leaves_the_connector_alone(rig_of: MakeRig) -> None:
    people = [f"p{n:02}" for n in range(60)]
    rig = rig_of(tour, mailer=FakeMailer({f"{name}@example.com": [Outcome.RETRY] * 2 for name in people}))
    for name in people:
        rig.submit(name)
    report = rig.run(tour)
    assert report.total("retry") == 50  # a window that is reserved is tried
    assert report.total("hold") == 10
    assert {entry.state for entry in rig.entries(tour)} == {State.HELD}


def test_a_worker_that_lives_on_tries_a_failed_connector_again(rig_of: MakeRig) -> None:
    rig = rig_of(echo, mailer=mailer(*[Outcome.BROKEN]))
    rig.submit("mona")
    with rig.desk(echo) as desk:
        run(desk)
        for _ in range(3):
            rig.clock.advance(timedelta(hours=2))
            run(desk)
    assert rig.sent() == ["mona"]


def test_one_broken_letter_does_not_take_the_register_with_it(rig_of: MakeRig) -> None:
    rig = rig_of(pair, mailer=mailer(Outcome.BROKEN))
    rig.submit("mona")
    rig.submit("omar")
    for _ in range(4):
        rig.run(pair, timedelta(hours=1))
    assert rig.states(pair) == ["finished", "finished"]
    assert len(rig.crm.notes) == 2


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.UNKNOWN, Outcome.LAPSED, Outcome.BROKEN])
def test_a_register_write_that_may_be_repeated_is_repeated_and_stops_nobody(rig_of: MakeRig, outcome: Outcome) -> None:
    rig = rig_of(tour, crm=FakeCrm({MONA: [outcome]}, name="register"))
    rig.submit("mona")
    rig.run(tour)
    assert (rig.entry(tour).step, rig.crm.people) == ("more", {})
    rig.run(tour, timedelta(hours=1))
    assert rig.crm.people[MONA]["stage"] == "new"
    assert rig.effects(tour, Stage.PLANNED) == rig.effects(tour, Stage.UNKNOWN) == []


def test_two_hundred_waiting_writes_do_not_make_a_loop(rig_of: MakeRig) -> None:
    people = [f"p{n:03}" for n in range(205)]
    rig = rig_of(tour, crm=FakeCrm({f"{name}@example.com": [Outcome.RETRY] * 50 for name in people[:3]}, name="register"))
    for name in people:
        rig.submit(name)
    rig.run(tour)
    assert len(rig.crm.people) == 202


def test_a_receipt_is_asked_for_one_order_at_a_time(rig_of: MakeRig) -> None:
    """What a mailer that hangs in the middle has sent is on the marks, not in its memory."""
    rig = rig_of(tour)
    seen: list[Any] = []

    class Slow(FakeMailer):
        def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
            for n, order in enumerate(orders):
                seen.append([desk.marks.outcome(slot) for slot in range(n)])
                yield self._receipt(order.permit, order.payload)

    rig.project.mailer = Slow()
    rig.submit_all(*(f"p{n}" for n in range(3)))
    with rig.desk(tour) as desk:
        run(desk)
    assert seen == [[], [Outcome.PERFORMED], [Outcome.PERFORMED] * 2]
