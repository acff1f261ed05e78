"""The end of a flow: it stands still until a stated time, then everybody leaves; until then all can be brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from offswitch import days, hours
from offswitch.act import retire as retiring
from offswitch.act.explain import explain
from offswitch.act.retire import retire, undo
from offswitch.errors import Refused
from offswitch.failpoints import watched
from offswitch.gate.standing import RETIRING
from offswitch.metrics.account import Account, account
from offswitch.model.effect import Stage
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig
from tests.act.world import Killed


@pytest.fixture
def rig(rig_of: MakeRig) -> Rig:
    """Mona waits for her second letter; Huda is due, Noor has written back, Omar's form is not looked at yet."""
    rig = rig_of(tour)
    rig.submit_all("mona", "noor")
    rig.run(tour)
    rig.submit("reply", kind="message.replied", who="noor")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.submit("huda")
    rig.run(tour)
    rig.submit("omar")
    begin(rig)
    rig.switch(tour, "on")
    return rig


def begin(rig: Rig, after: timedelta = timedelta(days=1)) -> None:
    now = rig.clock.now()
    with rig.ledger.write() as book:
        retire(book, "tour", by="mariam", agreed_by="omar", why="replaced", now=now, until=now + after)


def counted(rig: Rig) -> Account:
    with rig.ledger.read() as book, rig.desk(tour) as desk:
        return account(book, tour, desk.switchboard.look(book), rig.clock.now())


def sum_of(one: Account) -> int:
    return one.waiting + one.held + one.worklist + sum(one.finished.values()) + sum(one.exited.values())


def test_until_the_stated_time_nothing_moves_at_all(rig: Rig) -> None:
    before = rig.entries(tour), rig.effects(tour), rig.sent()
    for _ in range(5):
        rig.run(tour, hours(4))
    assert (rig.entries(tour), rig.effects(tour), rig.sent()) == before
    one = counted(rig)
    assert (one.stored, one.held, one.worklist, one.lost) == (1, 1, 1, 0)


def test_not_even_what_has_no_effect(rig_of: MakeRig) -> None:
    """Who may not get the second letter would go on without it, off or not."""
    rig = rig_of(tour)
    rig.submit("mona", consent=())
    rig.run(tour)
    begin(rig, days(5))
    before = rig.entries(tour)
    rig.run(tour, days(3))
    assert rig.entries(tour) == before


def test_its_work_is_held_and_not_handed_over(rig: Rig) -> None:
    rig.run(tour, hours(23))
    with rig.desk(tour) as desk:
        assert [item.name for item in worklist(desk) if item.step == "hello"] == []


def test_undone_in_time_everything_goes_on_as_it_was(rig: Rig) -> None:
    before = {entry.id: entry.due for entry in rig.entries(tour)}
    rig.run(tour, hours(23))
    with rig.ledger.write() as book:
        undo(book, "tour", by="lina", now=rig.clock.now())
    rig.run(tour)
    assert [rig.entry(tour, who).step for who in ("mona", "noor", "huda", "omar")] == ["more", "answer", "more", "more"]
    assert rig.entry(tour, "mona").due == before[rig.entry(tour, "mona").id]
    assert sorted(rig.sent()) == ["huda", "mona", "noor", "omar"]


def test_when_the_time_has_come_everybody_leaves(rig: Rig) -> None:
    report = rig.run(tour, days(1))
    assert report.counts["exited", "retired"] == 3
    assert {(entry.state.value, entry.rule, entry.reason) for entry in rig.entries(tour)} == {("exited", "retired", "retired")}
    one = counted(rig)
    assert (one.exited, one.refused, one.lost, sum_of(one)) == ({"retired": 3}, {"the flow is retired": 1}, 0, one.entered)
    rig.submit("later")
    rig.run(tour, hours(1))
    assert counted(rig).refused == {"the flow is retired": 2}
    assert sorted(rig.sent()) == ["mona", "noor"]


def test_who_reached_the_goal_meanwhile_has_reached_it(rig: Rig) -> None:
    rig.submit("goal", kind="check.started", who="mona")
    rig.run(tour, hours(1))
    assert rig.entry(tour, "mona").state.value == "waiting"
    rig.run(tour, days(1))
    assert rig.entry(tour, "mona").reason == "goal reached"
    assert counted(rig).exited == {"retired": 2}


def test_afterwards_it_can_t_be_undone(rig: Rig) -> None:
    rig.clock.advance(days(1))
    with rig.ledger.write() as book, pytest.raises(Refused, match="the time to undo it is over"):
        undo(book, "tour", by="lina", now=rig.clock.now())


def test_a_kill_in_the_middle_is_finished_by_whoever_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retiring, "BATCH", 1)

    def die(point: str, _at: str) -> None:
        if point == "after record":
            raise Killed

    rig.clock.advance(days(1))
    for left in (2, 1, 0):
        with watched(die), pytest.raises(Killed):
            rig.run(tour)
        one = counted(rig)
        assert (sum(one.exited.values()), one.lost, sum_of(one)) == (3 - left, 0, one.entered)
    rig.run(tour)
    with rig.ledger.read() as book:
        done = book.retirements.of("tour")
    assert done is not None
    assert done.done == rig.clock.now()


def test_what_was_on_its_way_stays_in_doubt_and_is_not_sent_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")

    def die(point: str, _at: str) -> None:
        if point == "after accept":
            raise Killed

    with watched(die), pytest.raises(Killed):
        rig.run(tour)
    begin(rig, hours(1))
    rig.run(tour, hours(2))
    assert [effect.state for effect in rig.effects(tour) if effect.counts] == [Stage.UNKNOWN]
    assert (rig.sent(), rig.entry(tour).reason) == (["mona"], "retired")


def test_people_may_go_on_with_what_they_hold(rig: Rig) -> None:
    with rig.desk(tour) as desk:
        item = next(item for item in worklist(desk) if item.step == "answer")
        do(desk, item.id, Deed("lina", "take"))
        do(desk, item.id, Deed("lina", "done"))
    assert rig.entry(tour, "noor").step == "more"


def test_why_and_the_stop_say_who_and_until_when(rig: Rig) -> None:
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        standing = desk.switchboard.look(book)
        said = explain(desk, book, rig.entry(tour, "huda").contact_id)[0]["rules"]
    words = "flow tour is off (retirement): retired by mariam and omar at 2025-03-04 09:00 UTC, until then `offswitch retire tour --undo`"
    objections = [(one["rule"], one["answer"], one["reason"]) for one in said if one["answer"] != "allow"]
    assert objections == [("retired", "hold", words)]
    assert RETIRING in standing.causes


def test_a_letter_is_never_sent_after_the_word(rig_of: MakeRig) -> None:
    """A worker in the middle of its batch stops before the next letter."""
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n}" for n in range(20)))

    def after(point: str, _at: str) -> None:
        if point == "after accept" and len(rig.sent()) == 7:
            begin(rig)

    with watched(after):
        rig.run(tour)
    assert len(rig.sent()) == 7
