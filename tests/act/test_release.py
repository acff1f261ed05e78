"""On again without a burst: what waited is let go so many at a time, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from offswitch import days, hours
from offswitch.act import advance
from offswitch.act.explain import explain
from offswitch.act.run import Pass
from offswitch.failpoints import watched
from offswitch.journey.journey import Journey
from offswitch.model.entry import Entry, State
from offswitch.model.verdict import Work
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import echo, tour
from tests.act.rig import START, Rig

RAMP = "on_resume: {release: 10 per hour, without_asking: 1000}"


def backlog(rig: Rig, people: int, more: str = RAMP, flow: Journey = tour) -> None:
    """So many forms came while the flow was off."""
    rig.policy(flow, more=more)
    rig.approve(flow)
    rig.switch(flow, "off")
    rig.submit_all(*(f"p{n:03}" for n in range(people)))
    rig.run(flow)
    rig.clock.advance(hours(1))


def sent_in(rig: Rig, passes: int, every: timedelta, flow: Journey = tour) -> list[int]:
    """How many letters each pass sends."""
    counts = []
    for _ in range(passes):
        before = len(rig.sent())
        rig.run(flow)
        counts.append(len(rig.sent()) - before)
        rig.clock.advance(every)
    return counts


@pytest.fixture
def rig(rig_of: MakeRig) -> Rig:
    return rig_of(tour)


@pytest.mark.parametrize(("people", "turns"), [(9, [9, 0]), (10, [10, 0]), (11, [10, 1]), (35, [10, 10, 10, 5, 0])])
def test_what_waited_goes_out_so_many_at_a_time(rig: Rig, people: int, turns: list[int]) -> None:
    backlog(rig, people)
    rig.switch(tour, "on")
    assert sent_in(rig, len(turns), hours(1)) == turns


def test_the_order_is_that_of_the_due_times(rig: Rig) -> None:
    rig.policy(tour, more="on_resume: {release: 3 per hour, without_asking: 1000}")
    rig.approve(tour)
    rig.switch(tour, "off")
    names = [f"p{n}" for n in range(5)]
    for name in names:
        rig.submit_all(name)
        rig.run(tour, timedelta(minutes=1))
    rig.switch(tour, "on")
    sent_in(rig, 2, hours(1))
    assert rig.sent() == names


@pytest.mark.parametrize("minutes", [25, 90])
def test_no_window_holds_more_than_the_policy_says_however_often_a_pass_comes(rig: Rig, minutes: int) -> None:
    backlog(rig, 25)
    rig.switch(tour, "on")
    counts = sent_in(rig, 150 // minutes + 3, timedelta(minutes=minutes))
    window = -(-60 // minutes)
    assert sum(counts) == 25
    assert max(sum(counts[n : n + window]) for n in range(len(counts))) == 10


def test_a_night_without_workers_is_no_reason_for_a_burst(rig: Rig) -> None:
    backlog(rig, 45)
    rig.switch(tour, "on")
    assert [*sent_in(rig, 1, hours(14)), *sent_in(rig, 4, hours(1))] == [10, 10, 10, 10, 5]


def test_quiet_hours_don_t_pile_a_release_up_for_the_morning(rig: Rig) -> None:
    rig.company(quiet='"19:00-09:00"')
    for name in ("hello", "more"):
        rig.letter(tour, name, purpose="marketing")
    backlog(rig, 75)  # 13:00 in Riyadh
    rig.switch(tour, "on")
    assert sent_in(rig, 6, hours(1)) == [10] * 6
    rig.clock.advance(hours(14))  # 09:00
    assert sent_in(rig, 2, hours(1)) == [10, 5]


def test_a_long_release_drops_nobody(rig_of: MakeRig) -> None:
    """What the release costs doesn't count towards `max_defer`, and makes nobody late."""
    rig = rig_of(echo)
    rig.company(quiet='"21:00-09:00"')
    rig.letter(echo, "hello", purpose="marketing")
    backlog(rig, 3, "on_resume: {release: 1 per 6d, without_asking: 1000}\nlate: {after: 24h, then: review}", echo)
    rig.switch(echo, "on")
    turns = sent_in(rig, 2, days(6), echo)
    rig.clock.advance(hours(9))  # the third one's turn comes at night
    assert (*turns, *sent_in(rig, 2, hours(12), echo)) == (1, 1, 0, 1)


def test_the_late_ones_go_to_review_at_once_and_take_nobody_s_place(rig: Rig) -> None:
    backlog(rig, 15)
    rig.clock.advance(days(3))
    rig.submit_all("fresh")
    rig.switch(tour, "on")
    assert sent_in(rig, 1, hours(1)) == [1]
    late = [entry for entry in rig.entries(tour) if entry.state is State.WORKLIST]
    assert (len(late), {entry.work for entry in late}) == (15, {Work.LATE})


def test_why_says_what_it_waits_for(rig: Rig) -> None:
    backlog(rig, 15)
    rig.switch(tour, "on")
    rig.run(tour)
    entry = next(entry for entry in rig.entries(tour) if entry.rule)
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        said = explain(desk, book, entry.contact_id)[0]
    assert (said["rule"], said["reason"]) == ("release", "15 waited for the end of a stop: 10 per hour go out")
    assert (entry.due, entry.since) == (START + hours(2), START)
    assert entry.put_off == entry.ramp == hours(1)


def test_a_goal_or_an_exit_doesn_t_wait_for_its_turn(rig: Rig) -> None:
    backlog(rig, 15)
    rig.switch(tour, "on")
    rig.run(tour)
    one, other, *_ = (rig.address(entry.contact_id).partition("@")[0] for entry in rig.entries(tour) if entry.rule)
    rig.submit("goal", kind="check.started", who=one)
    rig.submit("left", kind="test.left", who=other)
    rig.run(tour)
    assert [rig.entry(tour, who).state.value for who in (one, other)] == ["finished", "exited"]


def test_off_again_in_the_middle_shows_people_when_all_was_due(rig: Rig) -> None:
    backlog(rig, 25)
    rig.switch(tour, "on")
    rig.run(tour)
    rig.switch(tour, "off")
    for _ in range(2):  # before a pass has seen it, and after
        with rig.desk(tour) as desk:
            items = [item for item in worklist(desk) if item.step == "hello"]
        assert (len(items), {item.due for item in items}) == (15, {START})
        rig.run(tour)
    assert {entry.put_off for entry in rig.entries(tour)} == {timedelta(0)}


def test_on_again_after_that_begins_anew(rig: Rig) -> None:
    backlog(rig, 25)
    rig.switch(tour, "on")
    rig.run(tour)
    for to in ("off", "on"):
        rig.clock.advance(timedelta(minutes=90))
        rig.switch(tour, to)
        rig.run(tour)
    assert (len(rig.sent()), sent_in(rig, 2, hours(1))) == (20, [0, 5])
    assert Counter(rig.sent()).most_common(1)[0][1] == 1


def test_a_stop_of_a_part_is_released_too(rig: Rig) -> None:
    rig.policy(tour, more=f"steps: {{hello: {{switch: off}}}}\n{RAMP}")
    rig.approve(tour)
    rig.submit_all(*(f"p{n:03}" for n in range(25)))
    rig.run(tour)
    assert rig.sent() == []
    rig.policy(tour, more=f"steps: {{hello: {{switch: on}}}}\n{RAMP}")
    assert sent_in(rig, 3, hours(1)) == [10, 10, 5]


def test_several_workers_share_one_release(rig: Rig) -> None:
    backlog(rig, 25)
    rig.switch(tour, "on")
    with rig.desk(tour) as one, rig.desk(tour) as other:
        passes = [Pass(one), Pass(other)]
        for each in passes:
            each.start()
        for each in passes:
            each.collect()
        for _ in range(3):
            for each in passes:
                each.advance()
    assert len(rig.sent()) == 10


def test_what_a_worker_had_claimed_while_off_waits_for_its_turn(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds all of them when somebody lets the flow go on: none of its windows sends beyond the release."""
    monkeypatch.setattr(advance, "WINDOW", 5)
    backlog(rig, 25)
    released: list[Entry] = []

    def on_behind_its_back(point: str, _at: str) -> None:
        if point == "after claim" and not released:
            rig.switch(tour, "on")
            rig.run(tour)
            released.extend(entry for entry in rig.entries(tour) if entry.rule == "release")

    with watched(on_behind_its_back):
        rig.run(tour)
    rig.run(tour)
    assert (len(released), len(rig.sent())) == (15, 10)


@pytest.mark.parametrize("point", ["before claim", "after claim"])
def test_nobody_begins_anything_before_the_backlog_has_been_let_go(rig: Rig, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    """Somebody says `on` in the middle of a pass: it sends nothing, the next one begins the release."""
    monkeypatch.setattr(advance, "WINDOW", 5)
    backlog(rig, 25)

    def on(reached: str, _at: str) -> None:
        if reached == point:
            rig.switch(tour, "on")
            with rig.ledger.write() as book:
                book.stops.close_periods("tour", book.stops.periods("tour"), "mariam", rig.clock.now())

    with watched(on):
        rig.run(tour)
    assert rig.sent() == []
    assert sent_in(rig, 3, hours(1)) == [10, 10, 5]


def test_other_flows_know_nothing_of_it(rig_of: MakeRig) -> None:
    rig = rig_of(tour, echo)
    backlog(rig, 25)
    rig.switch(tour, "on")
    rig.run(tour)
    rig.run(echo)
    assert len(rig.sent()) == 10 + 25
