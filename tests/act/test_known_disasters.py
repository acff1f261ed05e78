"""What went wrong for users of other products, each under the name of the report, and what happens here instead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from offswitch import days, hours, minutes
from offswitch.gate.bucket import bucket
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.verdict import Lane, Work
from tests.act.conftest import MakeRig
from tests.act.edits import NO_GREET, Edited
from tests.act.journeys import echo, gifts, tour
from tests.worklist.people import names


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Edited]:
    made = Edited(tmp_path, "mona", "omar")
    yield made
    made.rig.close()


def test_mautic_6054_a_deleted_event_does_not_process_everybody_again(flow: Edited) -> None:
    flow.pass_by(flow.old, 2)
    before = flow.rig.sent_keys()
    new = flow.edit(*NO_GREET, policy="removed_steps: {greet: {move_to: value}}")
    flow.pass_by(new, 0, 0)
    assert flow.rig.sent_keys() == before
    flow.pass_by(new, 3, 1)
    assert flow.subjects("mona") == flow.subjects("omar") == ["hello", "more", "extra"]


def test_hubspot_a_removed_delay_does_not_send_two_mails_back_to_back(flow: Edited) -> None:
    new = flow.edit(("then=greet, after=days(2)", "then=greet"))
    for _ in range(4):
        flow.rig.run(new, minutes(5))
    assert flow.subjects("mona") == ["hello"], "the due time that was set stays"
    flow.pass_by(new, 2)
    assert flow.subjects("mona") == ["hello", "more"]


def test_hubspot_a_removed_step_that_delayed_does_not_send_two_mails_back_to_back(flow: Edited) -> None:
    new = flow.edit(*NO_GREET, policy="removed_steps: {greet: {move_to: value}}")
    for _ in range(4):
        flow.rig.run(new, minutes(5))
    assert flow.subjects("mona") == ["hello"]


def test_braze_changed_percentages_reshuffle_nobody(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.policy(tour, steps="30%")
    rig.approve(tour)
    rig.submit_all(*(f"p{n}" for n in range(30)))
    rig.run(tour)
    lanes = {one.contact_id: one.lane for one in rig.entries(tour)}
    assert {who for who, lane in lanes.items() if lane is Lane.MACHINE} == {who for who in lanes if bucket("tour", who) < 300_000}
    for share in ("80%", "5%"):
        rig.policy(tour, steps=share)
        rig.approve(tour)
        rig.run(tour, hours(1))
        assert {one.contact_id: one.lane for one in rig.entries(tour)} == lanes


def test_listmonk_2070_going_on_mails_nobody_again(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit_all(*(f"p{n}" for n in range(20)))
    rig.run(tour)
    for to in ("off", "on", "off", "on"):
        rig.switch(tour, to)
        rig.run(tour, minutes(10))
    assert len(rig.sent()) == len(set(rig.sent())) == 20


def test_novu_delayed_jobs_do_not_send_after_off(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    for _ in range(3):
        rig.run(tour, days(2))
    assert rig.sent() == ["mona"]


def test_hubspot_nothing_is_silently_skipped_while_off(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.run(tour, days(2))
    assert rig.effects(tour, Stage.SKIPPED) == []
    assert (rig.entry(tour).step, names(rig, tour)) == ("more", ["mona"])
    rig.switch(tour, "on")
    rig.run(tour)
    assert rig.sent() == ["mona", "mona"]


def test_braze_what_is_overdue_after_a_stop_is_not_dropped(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.switch(tour, "off")
    rig.run(tour, days(6))
    rig.switch(tour, "on")
    rig.run(tour)
    assert (rig.entry(tour).state, rig.entry(tour).work) == (State.WORKLIST, Work.LATE)


def test_mautic_a_frozen_backlog_does_not_come_in_a_burst(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.policy(tour, more="on_resume: {without_asking: 1000, release: 10 per hour}")
    rig.approve(tour)
    rig.submit_all(*(f"p{n}" for n in range(35)))
    rig.run(tour)
    rig.switch(tour, "off")
    rig.run(tour, days(2))
    rig.switch(tour, "on")
    for hour in range(1, 5):
        rig.run(tour)
        assert len(rig.sent()) == 35 + min(10 * hour, 35)
        rig.clock.advance(hours(1))


def test_mautic_9797_entering_again_makes_one_new_entry_and_disturbs_no_other(rig_of: MakeRig) -> None:
    rig = rig_of(gifts)
    for gift, later in (("d1", 0), ("d2", 10), ("d3", 120)):
        rig.clock.advance(days(later))
        rig.submit(gift, kind="donation.succeeded", who="mona", donation_id=gift, amount=10, currency="SAR", project="wells")
        rig.run(gifts)
    assert (len(rig.entries(gifts)), rig.sent()) == (2, ["mona", "mona"])


def test_who_was_through_long_ago_does_not_enter_again_when_the_old_forms_are_read_again(rig_of: MakeRig) -> None:
    rig = rig_of(echo)
    rig.submit("mona")
    rig.run(echo)
    rig.run(echo, days(400))
    rig.submit("mona")
    rig.submit("mona once more", who="mona")
    rig.run(echo)
    assert (len(rig.entries(echo)), rig.sent()) == (1, ["mona"])


def test_braze_a_cap_is_no_calendar_day(rig_of: MakeRig) -> None:
    """One letter at 23:00 and one at 00:00 are two in an hour."""
    rig = rig_of(tour, echo)
    rig.company(caps="1 per day")
    rig.letter(echo, "hello", purpose="marketing")
    for journey in (tour, echo):
        rig.approve(journey)
    rig.clock.advance(hours(11))  # 23:00 in Riyadh
    rig.submit("mona")
    rig.run(tour)
    rig.run(echo, hours(1))
    assert rig.sent() == ["mona"]
    rig.run(echo, hours(23) + minutes(1))
    assert rig.sent() == ["mona", "mona"]


def test_braze_an_exit_counts_in_the_middle_of_a_wait(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("left", kind="test.left", who="mona")
    rig.run(tour, minutes(1))
    assert (rig.entry(tour).state, rig.entry(tour).reason) == (State.EXITED, "left")


def test_mautic_4356_who_bounced_while_waiting_is_not_tried_for_ever(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.submit("bounce", kind="message.bounced", who="mona", hard=True)
    for _ in range(4):
        rig.run(tour, timedelta(days=1))
    assert (rig.sent(), rig.entry(tour).state, rig.entry(tour).rule) == (["mona"], State.EXITED, "suppression")
