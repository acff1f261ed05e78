"""A ledger that comes back from a backup has forgotten what was sent: nothing may go out twice for that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from offswitch import Decision, Facts, Plan, days, finish, hours, send
from offswitch.events import CheckStarted, FormSubmitted, Replied
from offswitch.journey.journey import Journey
from offswitch.ledger.open import open_ledger
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Answer, Work
from offswitch.project.recovery import loss_of
from offswitch.testing.fakes import FakeMailer
from offswitch.worklist.hand import Deed, do
from offswitch.worklist.query import worklist
from tests.act.conftest import MakeRig
from tests.act.journeys import booking, echo, ring, tour
from tests.act.rig import Rig
from tests.project.backups import MARIAM, KnowingMailer, accepted, backup, ledger_of, put_back, surveyed

PEOPLE = ("mona", "omar", "sara")
short_cut = Journey("short_cut", starts_on=FormSubmitted, goal=CheckStarted)


@short_cut.step
def begin(lead: Facts) -> Decision:  # noqa: ARG001 - everybody goes the same way
    return Plan(send("hello"), then=detour, after=days(9), or_when={Replied: offer})


@short_cut.step
def detour(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(then=offer)


@short_cut.step
def offer(lead: Facts) -> Decision:  # noqa: ARG001
    return Plan(send("more"), then=finish("complete"))


def restored(rig: Rig, *, lost: tuple[timedelta, ...] = (hours(49),)) -> list[str]:
    """Three people have their first letter when the backup is made; what goes out afterwards is forgotten. What has arrived."""
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    copy = backup(rig)
    for wait in lost:
        rig.run(tour, wait)
    put_back(rig, copy)
    return rig.sent_keys()


def answer_all(rig: Rig, *journeys: Journey) -> int:
    """As things are: who has it, has it."""
    count = 0
    for journey in journeys or (tour,):
        with rig.desk(journey) as desk:
            for item in worklist(desk):
                has_it = any(key.startswith(f"{item.entry_id}\x1f{item.step}\x1f{item.visit}\x1f") for key in rig.sent_keys())
                truth = "got-it" if has_it else "did-not"
                do(desk, item.id, Deed(MARIAM, truth if truth in item.outcomes else item.outcomes[0]))
                count += 1
    return count


def test_nothing_is_sent_or_handed_over_and_everybody_is_told_what_to_do(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    arrived = restored(rig)
    report = rig.run(tour)
    assert rig.sent_keys() == arrived
    assert rig.states(tour) == ["waiting"] * 3
    assert any("offswitch reconcile" in text for _, text in report.notices)
    with rig.desk(tour) as desk, rig.ledger.read() as book:
        halt = desk.switchboard.look(book).halt
    assert halt is not None
    assert (halt.answer, halt.rule) == (Answer.HOLD, "restored")


def test_not_even_after_weeks_does_it_become_peoples_work(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    restored(rig)
    rig.switch(tour, "off")
    rig.run(tour, days(20))
    with rig.desk(tour) as desk:
        assert worklist(desk) == []


def test_what_people_had_already_says_that_it_may_have_been_done(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("reply", kind="message.replied", who="mona")
    rig.run(tour)
    copy = backup(rig)
    answer_all(rig)
    put_back(rig, copy)
    rig.run(tour)
    with rig.desk(tour) as desk:
        assert [item.why.rpartition(". ")[2] for item in worklist(desk)] == [
            "May have been done already, before the ledger was restored: make sure first"
        ]


def test_events_stay_stored_and_afterwards_are_peoples(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    restored(rig)
    rig.submit("lina")
    rig.run(tour)
    assert len(rig.entries(tour)) == 3
    accepted(rig, tour)
    rig.run(tour)
    assert rig.entry(tour, "lina").state is State.WORKLIST
    rig.submit("nour", at=rig.clock.advance(hours(1)))
    rig.run(tour)
    assert rig.sent()[-1] == "nour"


def test_after_accepting_every_step_that_may_have_been_done_is_a_question(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    arrived = restored(rig)
    rig.run(tour)
    accepted(rig, tour)
    rig.run(tour)
    assert rig.sent_keys() == arrived
    assert {entry.work for entry in rig.entries(tour)} == {Work.UNKNOWN}
    assert answer_all(rig) == 3
    rig.run(tour)
    assert rig.states(tour) == ["finished"] * 3
    assert rig.sent_keys() == arrived


def two_days_apart(rig: Rig) -> None:
    """In the lost time one of two people gets the second letter; the other's is due before the loss is noticed."""
    rig.submit("mona")
    rig.run(tour)
    rig.clock.advance(hours(9))
    rig.submit("omar")
    rig.run(tour)
    copy = backup(rig)
    rig.run(tour, hours(40))
    put_back(rig, copy)
    rig.run(tour, hours(40))
    assert rig.sent() == ["mona", "omar", "mona"]


def test_what_did_not_go_out_is_sent_after_a_person_says_so(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    two_days_apart(rig)
    accepted(rig, tour)
    rig.run(tour)
    assert answer_all(rig) == 2
    rig.run(tour)
    assert rig.sent() == ["mona", "omar", "mona", "omar"]


def test_a_provider_that_can_be_asked_leaves_no_question_and_nobody_is_lost(rig_of: MakeRig) -> None:
    rig = rig_of(tour, mailer=KnowingMailer())
    two_days_apart(rig)
    flow = accepted(rig, tour).flows["tour"]
    assert (flow.open, flow.found(Outcome.PERFORMED)) == (0, 1)
    rig.run(tour)
    assert rig.sent() == ["mona", "omar", "mona", "omar"]
    assert rig.states(tour) == ["finished"] * 2
    assert [one.reference for one in rig.effects(tour) if one.rule == "restored"] == ["asked"]


def test_steps_that_lie_further_on_are_asked_about_when_their_day_comes(rig_of: MakeRig) -> None:
    rig = rig_of(ring)
    rig.submit("mona")
    rig.run(ring)
    copy = backup(rig)
    rig.run(ring, days(1))
    rig.run(ring, days(1))
    put_back(rig, copy)
    accepted(rig, ring)
    asked = 0
    for _ in range(8):
        rig.run(ring, hours(12))
        asked += answer_all(rig, ring)
    assert asked == 2
    assert len(rig.sent_keys()) == len(set(rig.sent_keys())) == 3
    assert rig.states(ring) == ["finished"]


def test_a_step_that_a_forgotten_reply_may_have_led_to_is_asked_about_on_every_other_way_there(rig_of: MakeRig) -> None:
    rig = rig_of(short_cut)
    rig.submit("mona")
    rig.run(short_cut)
    copy = backup(rig)
    rig.submit("reply", kind="message.replied", who="mona")
    rig.run(short_cut)
    put_back(rig, copy)
    rig.run(short_cut)
    accepted(rig, short_cut)
    for _ in range(3):
        rig.run(short_cut, days(5))
    assert rig.sent() == ["mona", "mona"]
    assert (rig.entry(short_cut).step, rig.entry(short_cut).work) == ("offer", Work.UNKNOWN)


def test_who_was_not_due_in_the_lost_time_is_not_asked_about(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*PEOPLE)
    rig.run(tour)
    copy = backup(rig)
    rig.submit("lina")
    rig.run(tour, hours(1))
    put_back(rig, copy)
    rig.run(tour)
    accepted(rig, tour)
    rig.run(tour, days(2))
    assert rig.states(tour) == ["finished"] * 3
    assert len(rig.sent_keys()) == len(set(rig.sent_keys())) == 7


def test_a_fresh_ledger_in_the_place_of_the_old_one_is_no_clean_slate(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.submit("mona")
    rig.run(echo)
    rig.close()
    ledger_of(rig).unlink()
    open_ledger(rig.settings.ledger_url).close()
    rig.submit("mona")
    report = rig.run(echo)
    assert rig.sent() == ["mona"]
    assert any("not the ledger that this machine worked with" in text for _, text in report.notices)
    accepted(rig, echo)
    rig.run(echo)
    assert (rig.sent(), rig.entry(echo).state) == (["mona"], State.WORKLIST)


def test_accepting_says_who_and_why_and_what_was_lost(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    restored(rig)
    seen = accepted(rig, tour)
    assert (seen.people, seen.flows["tour"].due) == (3, 3)
    with rig.ledger.read() as book:
        assert book.recoveries.lost_until() == seen.until
        assert ("went on with a restored ledger: the disk died", MARIAM) in [(row.what, row.by) for row in book.audit.rows()]


def test_a_journey_with_times_of_its_own_is_asked_about_by_these_times(rig_of: MakeRig) -> None:
    rig = rig_of(booking)
    for name, wait in (("soon", days(2)), ("late", days(9))):
        call = rig.clock.now() + wait
        rig.submit(name, kind="booking.created", booking_id=name, starts_at=call.isoformat(), ends_at=(call + hours(1)).isoformat())
    rig.run(booking)
    copy = backup(rig)
    rig.run(booking, days(1))
    put_back(rig, copy)
    rig.run(booking, hours(1))
    assert [risk.visit.entry.subject for risk in surveyed(rig, booking).flows["booking"].risks] == ["soon"]
    accepted(rig, booking)
    rig.run(booking, days(8))
    assert len(rig.sent_keys()) == len(set(rig.sent_keys())) == 2
    assert len(rig.effects(booking, Stage.UNKNOWN)) == 1


@pytest.mark.slow
@given(
    before=st.lists(st.integers(0, 30), max_size=4),
    lost=st.lists(st.integers(0, 30), min_size=1, max_size=5),
    after=st.lists(st.integers(0, 40), max_size=4),
    replies=st.sets(st.integers(0, 9)),
    asked=st.booleans(),
)
@settings(max_examples=4, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_lost_no_key_is_sent_twice(
    rig_of: MakeRig, before: list[int], lost: list[int], after: list[int], replies: set[int], asked: bool
) -> None:
    rig = rig_of(tour, ring, mailer=KnowingMailer() if asked else FakeMailer())
    rig.submit_all(*PEOPLE)

    def work(waits: list[int], first: int) -> None:
        for turn, wait in enumerate(waits, first):
            if turn in replies:
                rig.submit(f"reply {turn}", kind="message.replied", who=PEOPLE[turn % 3])
            rig.clock.advance(hours(wait))
            for journey in (tour, ring):
                rig.run(journey)
            if turn in replies:
                answer_all(rig, tour, ring)

    work([0, *before], 0)
    copy = backup(rig)
    work(lost, 3)
    put_back(rig, copy)
    for journey in (tour, ring):
        rig.run(journey)
    if loss_of(rig.project):
        accepted(rig, tour, ring)
    work([0, *after, 60, 60, 60], 6)
    assert len(rig.sent_keys()) == len(set(rig.sent_keys()))
