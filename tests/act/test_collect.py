"""Who enters and in whose lane, when events meet switches and rollouts."""

from __future__ import annotations

from datetime import timedelta

from offswitch import days, hours
from offswitch.gate.bucket import bucket
from offswitch.model.entry import State
from offswitch.model.verdict import Lane
from tests.act.conftest import MakeRig
from tests.act.journeys import tour
from tests.act.rig import Rig

NEXT = timedelta(minutes=1)


def answers(rig: Rig) -> dict[str, tuple[str, str, str]]:
    """What the flow made of each event: outcome, rule, reason."""
    with rig.ledger.read() as book:
        return {row.event_id.removeprefix("test:"): (row.outcome, row.rule, row.reason) for row in book.events.all_outcomes()}


def test_while_off_people_enter_and_the_machine_goes_on_with_them(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit("mona")
    rig.run(tour)
    assert answers(rig)["mona"][:2] == ("people", "stop")
    assert (rig.entry(tour).lane, rig.entry(tour).state, rig.sent()) == (Lane.MACHINE, State.WAITING, [])
    rig.switch(tour, "on")
    rig.run(tour)
    assert rig.sent() == ["mona"]


def test_outside_the_rollout_stays_with_people_after_the_ramp_went_up(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.policy(tour, steps="0%")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.policy(tour, steps="100%")
    rig.approve(tour)
    rig.run(tour, NEXT)
    assert (rig.entry(tour).lane, rig.entry(tour).lane_reason, rig.sent()) == (Lane.PEOPLE, "outside the rollout", [])


def test_outside_the_rollout_may_mean_not_at_all(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.policy(tour, steps="0%", outside="none")
    rig.approve(tour)
    rig.submit("mona")
    rig.run(tour)
    assert (rig.entries(tour), answers(rig)["mona"]) == ([], ("no", "rollout", "outside the rollout"))


def test_lowering_the_rollout_never_cuts_off_those_inside(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("mona")
    rig.run(tour)
    rig.policy(tour, steps="0%")
    rig.approve(tour)
    rig.run(tour, days(2))
    assert rig.sent() == ["mona", "mona"]


def test_a_form_that_waited_too_long_goes_to_people(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.run(tour)
    rig.submit("old")
    rig.clock.advance(hours(73))
    rig.submit("fresh")
    rig.submit("stale", at=rig.clock.now() - hours(73))
    rig.run(tour)
    lanes = {who: rig.entry(tour, who).lane for who in ("old", "fresh", "stale")}
    assert lanes == {"old": Lane.PEOPLE, "fresh": Lane.MACHINE, "stale": Lane.PEOPLE}
    assert rig.sent() == ["fresh"]


def test_a_flow_that_never_had_a_valid_policy_leaves_events_stored(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    good = rig.policy_path(tour).read_text("utf-8")
    rig.save(rig.policy_path(tour), "switch: on\n")
    rig.submit("mona")
    rig.run(tour)
    assert (rig.entries(tour), answers(rig)) == ([], {})
    rig.save(rig.policy_path(tour), good)
    rig.run(tour, NEXT)
    assert rig.sent() == ["mona"]


def test_a_broken_file_admits_by_the_last_valid_one(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.run(tour)
    rig.save(rig.policy_path(tour), "switch: on\n")
    rig.submit("mona")
    rig.run(tour, days(1))
    assert (rig.states(tour), answers(rig)["mona"][0], rig.sent()) == (["waiting"], "people", [])


def test_two_forms_of_one_person_are_one_entry(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("one", who="mona")
    rig.submit("two", who="MONA")
    rig.run(tour)
    assert {key: answer[0] for key, answer in answers(rig).items()} == {"one": "machine", "two": "joined"}
    assert rig.sent() == ["mona"]


def test_a_goal_before_the_trigger_is_no_entry_and_no_obstacle(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("goal", kind="check.started", who="mona")
    rig.submit("form", who="mona")
    rig.run(tour)
    assert (rig.states(tour), rig.sent()) == (["waiting"], ["mona"])


def test_an_event_and_its_end_in_one_breath_send_nothing(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("form", who="mona")
    rig.submit("goal", kind="check.started", who="mona")
    rig.run(tour)
    assert (rig.entry(tour).reason, rig.sent()) == ("goal reached", [])


def test_more_events_than_one_chunk_are_all_taken_in_one_pass(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.switch(tour, "off")
    rig.submit_all(*(f"p{n}" for n in range(510)))
    assert rig.run(tour).total("entered for people") == 510
    assert len(rig.entries(tour)) == 510


def test_the_contacts_of_a_rung_are_counted_across_passes(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    path = rig.policy_path(tour)
    rig.save(path, path.read_text("utf-8").replace('["100%"]', "[{contacts: 3}, 100%]"))
    rig.approve(tour)
    for n in range(5):
        rig.submit(f"p{n}")
        rig.run(tour)
    assert len(rig.sent()) == 3
    assert sorted(entry.lane.value for entry in rig.entries(tour)) == ["machine"] * 3 + ["people"] * 2


def test_a_flow_that_is_new_here_begins_with_what_is_fresh(rig_of: MakeRig) -> None:
    rig = rig_of(tour)
    rig.submit("last year")
    rig.clock.advance(days(300))
    rig.approve(tour)
    rig.submit("yesterday", who="mona")
    rig.run(tour, hours(24))
    assert (rig.sent(), list(answers(rig))) == (["mona"], ["yesterday"])


def test_a_broken_file_shuffles_nobody_into_the_rollout(rig_of: MakeRig) -> None:
    """S0-06: what is kept of the last valid file sorts people into the same buckets."""
    rig = rig_of(tour)
    rig.policy(tour, steps="50%")
    rig.approve(tour)
    rig.run(tour)
    whole = rig.policy_path(tour).read_text("utf-8")
    rig.save(rig.policy_path(tour), whole[:40])
    rig.submit_all(*(f"p{n}" for n in range(40)))
    rig.run(tour, timedelta(minutes=1))
    rig.save(rig.policy_path(tour), whole)
    rig.run(tour)
    outside = [bucket("tour", entry.contact_id) >= 500_000 for entry in rig.entries(tour)]
    assert [entry.lane is Lane.PEOPLE for entry in rig.entries(tour)] == outside
    assert 0 < len(rig.sent()) == outside.count(False) < 40
