"""Whole journeys, from an event to the last letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from offswitch import Plan, days, finish, hours, send
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.plan import Step
from offswitch.model.verdict import Work
from tests.act.conftest import MakeRig
from tests.act.journeys import booking, echo, fragile, gifts, pair, ring, tour

NEXT = timedelta(minutes=1)


def test_a_journey_goes_from_its_trigger_to_its_last_letter(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    assert rig.run(tour).total("entered") == 1
    assert (rig.sent(), rig.entry(tour).step, rig.entry(tour).due) == (["mona"], "more", rig.clock.now() + days(2))
    assert rig.run(tour, days(2) - NEXT).total("performed") == 0
    assert rig.run(tour, NEXT).total("performed") == 1
    assert (rig.entry(tour).state, rig.entry(tour).reason, rig.entry(tour).ended) == (State.FINISHED, "complete", rig.clock.now())
    assert rig.crm.people["mona@example.com"]["stage"] == "new"


def test_an_event_that_was_seen_does_nothing_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    for _ in range(3):
        rig.submit("mona")
        rig.run(tour)
    assert (len(rig.entries(tour)), rig.sent()) == (1, ["mona"])


def test_a_step_that_is_visited_twice_sends_twice_and_each_visit_once(rig_of: MakeRig) -> None:
    rig = rig_of(ring)
    rig.submit("mona")
    for _ in range(5):
        rig.run(ring)
        rig.run(ring, days(1))
    assert (rig.sent(), len(set(rig.sent_keys())), rig.entry(ring).reason) == (["mona"] * 3, 3, "three laps")
    assert [key.split("\x1f")[2] for key in rig.sent_keys()] == ["1", "2", "3"]


def test_the_actions_of_a_plan_run_in_order_and_the_register_last(rig_of: MakeRig) -> None:
    rig = rig_of(pair)
    rig.submit("mona")
    rig.run(pair)
    rig.run(pair, NEXT)
    assert [letter.subject for _, letter in rig.mailer.journal] == ["hello", "more"]
    rig.run(pair, NEXT)
    assert (rig.states(pair), list(rig.crm.notes.values())) == (["finished"], ["done"])


def test_a_goal_ends_the_journey_while_it_waits(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("goal", kind="check.started", who="mona")
    rig.run(tour, days(3))
    assert (rig.entry(tour).state, rig.entry(tour).reason, rig.sent()) == (State.FINISHED, "goal reached", ["mona"])


def test_a_goal_ends_the_journey_on_the_worklist_too(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("reply", kind="message.replied", who="mona")
    rig.run(tour)
    rig.run(tour)
    assert (rig.entry(tour).state, rig.entry(tour).work) == (State.WORKLIST, Work.STEP)
    rig.submit("goal", kind="check.started", who="mona")
    rig.run(tour)
    assert rig.entry(tour).reason == "goal reached"


def test_an_exit_event_ends_the_journey_with_its_reason(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("left", kind="test.left", who="mona")
    rig.run(tour, days(3))
    assert (rig.entry(tour).state, rig.entry(tour).reason, rig.sent()) == (State.EXITED, "left", ["mona"])


def test_a_wait_ends_early_when_the_event_of_or_when_comes(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("reply", kind="message.replied", who="mona")
    rig.run(tour, hours(1))
    entry = rig.entry(tour)
    assert (entry.step, entry.state, entry.work, entry.or_when) == ("answer", State.WORKLIST, Work.STEP, {})


def test_an_event_without_a_meaning_joins_and_changes_nothing(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    before = rig.entry(tour)
    rig.submit("bounce", kind="message.bounced", who="mona", hard=False)
    assert rig.run(tour).total("joined") == 1
    assert rig.entry(tour) == before


def test_a_journey_gives_up_when_its_time_is_over(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.run(tour, days(14))
    assert (rig.entry(tour).state, rig.entry(tour).rule, rig.sent()) == (State.EXITED, "give up", ["mona"])


def test_entries_about_different_things_stand_side_by_side(rig_of: MakeRig) -> None:
    rig = rig_of(booking)
    starts = (rig.clock.now() + days(3)).isoformat()
    for name in ("b1", "b2"):
        rig.submit(name, kind="booking.created", who="mona", booking_id=name, starts_at=starts)
    rig.submit("c1", kind="booking.cancelled", who="mona", booking_id="b1")
    rig.run(booking)
    assert {entry.subject: entry.state.value for entry in rig.entries(booking)} == {"b1": "exited", "b2": "waiting"}
    rig.run(booking, days(2))
    rig.run(booking, NEXT)
    assert rig.sent() == ["mona"]


def test_per_subject_means_once_for_each_subject(rig_of: MakeRig) -> None:
    rig = rig_of(booking)
    starts = (rig.clock.now() - days(1)).isoformat()
    rig.submit("one", kind="booking.created", who="mona", booking_id="b1", starts_at=starts)
    for _ in range(3):
        rig.run(booking, NEXT)
    assert rig.states(booking) == ["finished"]
    rig.submit("again", kind="booking.created", who="mona", booking_id="b1", starts_at=starts)
    assert rig.run(booking, NEXT).total("not entered") == 1


def test_once_means_once(rig_of: MakeRig) -> None:
    rig = rig_of(fragile)
    rig.submit("mona")
    rig.run(fragile)
    rig.submit("again", who="mona")
    assert rig.run(fragile, days(400)).total("not entered") == 1
    assert len(rig.entries(fragile)) == 1


def test_days_count_from_the_end_of_the_last_entry(rig_of: MakeRig) -> None:
    rig = rig_of(gifts)
    for name, pause, entries in (("g1", 0, 1), ("g2", 89, 1), ("g3", 2, 2)):
        rig.clock.advance(days(pause))
        rig.submit(name, kind="donation.succeeded", who="mona", donation_id=name)
        rig.run(gifts)
        assert len(rig.entries(gifts)) == entries


def test_a_step_that_fails_is_a_question_about_that_entry_alone(rig_of: MakeRig) -> None:
    rig = rig_of(fragile)
    for name in ("Zero", "Nobody", "Odd", "Mona"):
        rig.submit(name, name=name)
    rig.run(fragile)
    reasons = {rig.address(entry.contact_id).split("@")[0]: entry.reason for entry in rig.entries(fragile) if entry.work is Work.TRIAGE}
    assert rig.sent() == ["Mona"]
    assert reasons["nobody"] == "not known: unheard_of"
    assert reasons["odd"] == "the step returned RuntimeError, not a decision"
    assert reasons["zero"].startswith("the step failed: ZeroDivisionError at journeys.py:")


def test_a_letter_that_lacks_something_is_a_question(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona", contact={"language": "fr"})
    rig.run(tour)
    assert (rig.entry(tour).work, rig.sent()) == (Work.TRIAGE, [])
    assert "French" in rig.entry(tour).reason


def test_a_channel_that_nothing_sends_by_is_a_question(rig_of: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else mail would go to an address that is suppressed for mail and not for the channel that was named."""
    rig = rig_of(echo)
    step = Step("echo", "greeting", lambda _: Plan(send("hello", channel="sms"), then=finish("complete")))
    monkeypatch.setitem(echo.steps, "greeting", step)
    rig.submit("mona")
    rig.submit("bounce", kind="message.bounced", who="mona", consent=())
    rig.run(echo)
    assert (rig.sent(), rig.entry(echo).reason) == ([], "nothing here can send by sms")


def test_an_event_takes_nothing_out_of_a_person_s_hands(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    with rig.ledger.write() as book:
        book.entries.put(replace(rig.entry(tour), taken_by="lina@bayan.example"))
    rig.submit("reply", kind="message.replied", who="mona")
    rig.run(tour)
    assert (rig.entry(tour).step, rig.entry(tour).taken_by) == ("more", "lina@bayan.example")


def test_who_takes_consent_back_gets_no_more_marketing(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("out", kind="contact.unsubscribed", who="mona", consent=())
    rig.run(tour, days(2))
    assert (rig.sent(), rig.entry(tour).state, rig.entry(tour).rule) == (["mona"], State.EXITED, "consent")


def test_nothing_is_left_reserved_when_a_pass_has_ended(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n}" for n in range(70)))
    rig.run(tour)
    assert rig.effects(tour, Stage.RESERVED) == []
    assert [entry.token for entry in rig.entries(tour)] == [None] * 70
    assert list((rig.settings.home / "marks").iterdir()) == []
