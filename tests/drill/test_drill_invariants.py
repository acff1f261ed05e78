"""Each invariant finds what it is there for, and says nothing when all is well."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from offswitch.drill.invariants.allowed import limits_kept, obeyed
from offswitch.drill.invariants.conserved import ROUNDS, conserved, ended, neighbours
from offswitch.drill.invariants.figures import figures
from offswitch.drill.invariants.off import off_is_off
from offswitch.drill.invariants.once import by_hand, doubts, once
from offswitch.drill.invariants.storm import Resumed, no_storm
from offswitch.drill.people import STRANGERS, Population
from offswitch.drill.stand import Stand, Where
from offswitch.drill.world import World
from offswitch.testing.fakes import FrozenClock
from tests.drill.looks import NOON, FakeTruth, Scene, person

HOUR = timedelta(hours=1)


def test_one_acceptance_for_each_key_is_well() -> None:
    scene = Scene()
    scene.mail(accepted=False, outcome="retry")
    scene.mail()
    scene.mail(visit=2)
    assert not [*once(scene.look())]


def test_a_second_acceptance_of_a_key_is_found() -> None:
    scene = Scene()
    scene.mail()
    scene.mail()
    (found,) = once(scene.look())
    assert found.what == "p1@people.example got send:hello 2 times"


def test_a_key_that_lacks_the_visit_is_found() -> None:
    scene = Scene()
    mail = scene.mail()
    object.__setattr__(mail, "key", "e1\x1fhello\x1fsend:hello")
    assert "does not name" in next(iter(once(scene.look()))).what


def test_mail_after_it_was_done_by_hand_is_found_and_mail_before_is_not() -> None:
    before, after = Scene(), Scene()
    before.mail()
    before.deed()
    after.deed()
    after.mail()
    assert not [*by_hand(before.look())]
    assert "after it was done by hand" in next(iter(by_hand(after.look()))).what


def test_a_person_is_asked_about_real_doubts_alone() -> None:
    for outcome, broken in (("unknown", 0), ("died", 0), ("performed", 1)):
        scene = Scene()
        scene.mail(outcome=outcome)
        scene.deed("got-it", kind="unknown", sends=())
        assert len([*doubts(scene.look())]) == broken


def test_mail_between_off_and_on_is_found() -> None:
    scene = Scene()
    scene.mail()
    scene.world.switch("a file", "flow tour", off=True)
    scene.mail(visit=2)
    scene.world.switch("a file", "flow tour", off=False)
    scene.mail(visit=3)
    (found,) = off_is_off(scene.look())
    assert "while flow tour was off (a file)" in found.what


def test_a_step_that_is_off_stops_that_step_alone() -> None:
    scene = Scene()
    scene.world.switch("one step", "step hello", off=True)
    scene.mail(step="other")
    assert not [*off_is_off(scene.look())]
    scene.mail(step="hello")
    assert len([*off_is_off(scene.look())]) == 1


def test_somebody_who_came_in_and_is_nowhere_is_found() -> None:
    scene = Scene()
    scene.hear()
    scene.world.passes["tour"] = [NOON]
    assert [one.what for one in conserved(scene.look())] == ["p1@people.example did form.submitted and is nowhere"]


def test_somebody_whom_no_pass_could_see_yet_is_not_missed() -> None:
    scene = Scene()
    scene.hear()
    assert not [*conserved(scene.look())]


def test_somebody_for_whom_the_flow_is_not_is_not_missed() -> None:
    scene = Scene(truth=FakeTruth(turned_away_=True))
    scene.hear()
    scene.world.passes["tour"] = [NOON]
    assert not [*conserved(scene.look())]


def test_an_entry_that_is_over_for_the_ledger_and_not_for_the_world_is_found() -> None:
    scene = Scene()
    scene.row(state="finished", reason="complete")
    scene.stands["e1"] = Stand(1, "t", Where.HERE, "hello", 1, NOON, open=("hello",))
    assert "waits at hello, but the ledger says finished" in next(iter(conserved(scene.look()))).what


def test_an_entry_that_should_have_ended_and_one_that_is_stuck_are_found() -> None:
    scene = Scene()
    scene.row("e1")
    scene.row("e2", due=NOON - HOUR)
    scene.stands["e1"] = Stand(1, "t", Where.OVER, "hello", reason="goal reached")
    scene.stands["e2"] = Stand(2, "t", Where.HERE, "hello", 1, NOON, open=("hello",))
    first, second = ended(scene.look())
    assert "should be over (goal reached)" in first.what
    assert "nothing happens" in second.what


def test_a_round_of_the_neighbour_that_is_missing_is_found() -> None:
    scene = Scene(World(Population((person(STRANGERS),), ()), FrozenClock(NOON)))
    scene.hear("drill.knocked", who=STRANGERS)
    for step, visit in ROUNDS[:3]:
        scene.mail(to=STRANGERS, step=step, visit=int(visit))
    assert [one.what for one in neighbours(scene.look())] == [
        f"p{STRANGERS}@people.example never got the neighbour's 'ask' for the 1. time"
    ]
    scene.deed("skip", who=STRANGERS, step="ask")
    assert not [*neighbours(scene.look())]


def test_marketing_without_a_yes_and_any_mail_to_a_bounced_address_is_found() -> None:
    for truth, message, broken in (
        ({}, "hello", 0),
        ({"agreed_": False}, "hello", 1),
        ({"agreed_": False}, "receipt", 0),
        ({"suppressed_": True}, "receipt", 1),
    ):
        scene = Scene()
        vars(scene.truth).update(truth)
        scene.mail(message=message)
        assert len([*obeyed(scene.look())]) == broken


def test_more_mail_than_the_cap_allows_is_found_whoever_sent_the_first() -> None:
    for first in ("machine", "hand", "nobody"):
        scene = Scene()
        if first == "machine":
            scene.mail(message="receipt", at=NOON - HOUR)
        elif first == "hand":
            scene.deed()
        scene.mail(visit=2, at=NOON + HOUR)
        assert len([*limits_kept(scene.look())]) == (first != "nobody")


def test_marketing_at_night_is_found_and_service_mail_is_not() -> None:
    scene = Scene()
    scene.mail(at=NOON + 11 * HOUR)
    scene.mail(at=NOON + 11 * HOUR, to=2, entry="e2", message="receipt")
    (found,) = limits_kept(scene.look())
    assert "quiet hours" in found.what


def test_a_burst_after_a_stop_is_found() -> None:
    for minutes, broken in ((1, 1), (40, 0)):
        scene = Scene()
        waited = {(f"e{n}", "hello", "1"): NOON for n in range(3)}
        for n in range(3):
            scene.mail(entry=f"e{n}", at=NOON + n * timedelta(minutes=minutes))
        assert len([*no_storm(scene.look(), [Resumed("a file", 0, NOON, waited)])]) == broken


def test_a_stale_message_that_nobody_looked_at_is_found() -> None:
    scene = Scene()
    scene.mail()
    waited = {("e1", "hello", "1"): NOON - timedelta(days=10)}
    assert "nobody looked first" in next(iter(no_storm(scene.look(), [Resumed("a file", 0, NOON, waited)]))).what
    scene.deed("approve")
    assert not [*no_storm(scene.look(), [Resumed("a file", 0, NOON, waited)])]


def test_figures_that_can_not_be_counted_again_are_found() -> None:
    scene = Scene(said=SimpleNamespace(entered=0, sent=2, sent_by_hand=0, unknown=0))
    scene.mail()
    assert [one.what for one in figures(scene.look())] == ["sent by the machine: reported 2, counted 1"]
