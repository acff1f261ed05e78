"""Workers that die, freeze or come too late."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from offswitch import days
from offswitch.act.collect import collect
from offswitch.act.desk import Desk
from offswitch.act.ports import Order
from offswitch.act.run import Pass, run
from offswitch.failpoints import watched
from offswitch.messages.letter import Letter
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Work
from offswitch.testing.fakes import FakeMailer
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig

LAPSE = timedelta(minutes=2)


class Killed(BaseException):
    """Ends a worker as a signal would: nothing more is written."""


def die(rig: Rig, point: str, *, then: Callable[[Desk], None] = lambda _: None) -> None:
    """A worker that dies at this point; what it leaves stays as it is."""

    def reach(name: str, _at: str) -> None:
        if name == point:
            raise Killed

    with watched(reach), pytest.raises(Killed):
        until_death(rig, then)


def until_death(rig: Rig, then: Callable[[Desk], None]) -> None:
    with rig.desk(tour) as desk:
        one = Pass(desk)
        one.start()
        one.collect()
        try:
            one.advance()
        finally:
            then(desk)


@pytest.mark.parametrize("point", ["before claim", "after claim", "after intent", "after accept", "before record", "after record"])
def test_a_death_at_any_point_loses_nobody_and_sends_nothing_twice(rig_of: MakeRig, point: str) -> None:
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n:02}" for n in range(60)))
    die(rig, point)
    rig.run(tour, LAPSE)
    doubts = [one.entry_id for one in rig.effects(tour, Stage.UNKNOWN)]
    assert len(doubts) <= (point == "after accept")
    assert len(rig.sent()) == len(set(rig.sent())) == 60
    assert rig.states(tour) == ["waiting"] * (60 - len(doubts)) + ["worklist"] * len(doubts)


def test_before_the_lease_is_over_nobody_takes_anything(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    die(rig, "after claim")
    rig.run(tour, timedelta(seconds=59))
    assert rig.sent() == []
    rig.run(tour, timedelta(seconds=2))
    assert rig.sent() == ["mona"]


def test_without_its_marks_everything_that_a_dead_worker_reserved_is_in_doubt(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n:02}" for n in range(60)))
    die(rig, "after intent", then=lambda desk: desk.marks.path.unlink())
    rig.run(tour, LAPSE)
    assert len(rig.effects(tour, Stage.UNKNOWN)) == 50
    assert {entry.work for entry in rig.entries(tour) if entry.state is State.WORKLIST} == {Work.UNKNOWN}
    assert len(rig.sent()) == 10


@pytest.mark.parametrize(("kind", "reason"), [("check.started", "goal reached"), ("test.left", "left")])
def test_a_doubt_never_wakes_an_entry_that_is_over(rig_of: MakeRig, kind: str, reason: str) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    die(rig, "after intent", then=lambda desk: desk.marks.begun(0))
    rig.submit("end", kind=kind, who="mona")
    rig.clock.advance(LAPSE)
    with rig.desk(tour) as desk:
        collect(desk)
    rig.run(tour)
    assert (rig.entry(tour).reason, rig.entry(tour).work) == (reason, None)
    assert len(rig.effects(tour, Stage.UNKNOWN)) == 1


def test_a_provider_that_can_be_asked_ends_the_doubt(rig_of: MakeRig) -> None:
    class Knowing(FakeMailer):
        def look_up(self, key: str) -> Receipt | None:
            return Receipt(key, Outcome.PERFORMED, reference="seen")

    rig = rig_of(tour, mailer=Knowing())
    rig.submit("mona")
    die(rig, "after intent", then=lambda desk: desk.marks.begun(0))
    rig.run(tour, LAPSE)
    assert (rig.entry(tour).step, rig.sent()) == ("more", [])
    assert rig.effects(tour, Stage.PERFORMED)[0].reference == "seen"


def test_a_provider_that_fails_when_asked_leaves_the_doubt_to_people(rig_of: MakeRig) -> None:
    class Failing(FakeMailer):
        def look_up(self, key: str) -> Receipt | None:
            raise ConnectionError(key)

    rig = rig_of(tour, mailer=Failing())
    rig.submit("mona")
    rig.submit("omar")
    die(rig, "after intent", then=lambda desk: desk.marks.begun(0))
    rig.run(tour, LAPSE)
    assert rig.states(tour) == ["waiting", "worklist"]
    assert len(rig.sent()) == 1


def test_a_worker_that_wakes_after_its_lease_changes_nothing(rig_of: MakeRig) -> None:
    """Another one has taken over while it was frozen, after its letters had left."""
    rig = rig_of(tour)

    class Freezing(FakeMailer):
        frozen = False

        def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
            yield from super().perform(orders)
            if not self.frozen:
                self.frozen = True
                rig.run(tour, LAPSE)

    rig.project.mailer = rig.mailer = Freezing()
    rig.submit_all(*(f"p{n:02}" for n in range(60)))
    report = rig.run(tour)
    assert ("lost lease", "another worker has taken this batch over") in report.notices
    assert len(rig.sent()) == len(set(rig.sent())) == 60
    assert rig.effects(tour, Stage.UNKNOWN) == rig.effects(tour, Stage.RESERVED) == []
    assert {entry.step for entry in rig.entries(tour)} == {"more"}


def test_who_reached_the_goal_after_the_batch_was_claimed_gets_nothing(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    done: list[bool] = []

    class Busy(FakeMailer):
        """While the first window goes out, everybody starts the checklist."""

        def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
            yield from super().perform(orders)
            if not done:
                done.append(True)
                for n in range(120):
                    rig.submit(f"goal{n}", kind="check.started", who=f"p{n:03}")
                with rig.desk(tour) as other:
                    while collect(other):
                        pass

    rig.project.mailer = rig.mailer = Busy()
    rig.submit_all(*(f"p{n:03}" for n in range(120)))
    rig.run(tour)
    assert len(rig.sent()) == 50
    assert {entry.reason for entry in rig.entries(tour)} == {"goal reached"}


def test_what_a_person_took_after_the_batch_was_claimed_is_theirs(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    with rig.desk(tour) as desk:
        one = Pass(desk)
        one.start()
        one.collect()

        def taken(point: str) -> None:
            if point == "after claim":
                with rig.ledger.write() as book:
                    book.entries.put(replace(rig.entry(tour), taken_by="lina@bayan.example"))

        with monkeypatch.context() as patch:
            patch.setattr("offswitch.act.advance.reach", taken)
            one.advance()
    assert (rig.sent(), rig.entry(tour).taken_by) == ([], "lina@bayan.example")
    rig.run(tour, days(1))
    assert rig.sent() == []


def test_a_pinned_plan_outlives_a_change_of_text(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=FakeMailer({"mona@example.com": [Outcome.RETRY]}))
    rig.submit("mona")
    rig.run(tour)
    rig.letter(tour, "hello", purpose="marketing")
    rig.approve(tour)
    rig.run(tour, timedelta(hours=2))
    assert rig.sent() == ["mona"]


def test_a_pinned_plan_outlives_a_change_of_code(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(tour, mailer=FakeMailer({"mona@example.com": [Outcome.RETRY]}))
    rig.submit("mona")
    rig.run(tour)
    changed = tour.steps["answer"]
    monkeypatch.setitem(tour.steps, "hello", type(changed)("tour", "hello", changed.decide))
    rig.run(tour, timedelta(hours=2))
    assert (rig.sent(), rig.entry(tour).step) == (["mona"], "more")


def test_an_entry_at_a_step_that_is_gone_is_held_with_the_reason(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    monkeypatch.delitem(tour.steps, "more")
    rig.clock.advance(days(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("offswitch.project.project.onward", lambda *_: {})
        rig.run(tour)
    assert (rig.entry(tour).state, rig.entry(tour).reason) == (State.HELD, "the step 'more' is not in the flow any more")


def test_a_worker_that_lives_on_ends_what_it_left_itself(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    with rig.desk(tour) as desk:
        with monkeypatch.context() as patch:
            patch.setattr("offswitch.act.advance.gather", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                run(desk)
        rig.clock.advance(LAPSE)
        run(desk)
    assert rig.sent() == ["mona"]
