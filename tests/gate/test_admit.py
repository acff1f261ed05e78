"""Who enters, and in whose lane; who is inside a rollout."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.gate.admit import Trigger, admit
from offswitch.gate.bucket import WHOLE, bucket
from offswitch.gate.standing import Standing
from offswitch.model.verdict import Admission, Lane
from offswitch.policy.share import Share
from tests.gate.cases import NOW, Outside, Rollout, Rung, Stop, Switch, policy_of, standing_of

PEOPLE = [f"contact-{n}" for n in range(20_000)]
PPM = st.integers(0, WHOLE)


def trigger_of(contact_id: str = "c", **over: Any) -> Trigger:
    return Trigger(**{"contact_id": contact_id, "at": NOW, "now": NOW, **over})


def rollout_of(*rungs: Rung, outside: Outside = Outside.WORKLIST, **over: Any) -> Standing:
    return standing_of(policy=policy_of(rollout=Rollout(steps=rungs, salt="s", outside=outside), **over))


def inside(standing: Standing, contact_id: str, **over: Any) -> bool:
    return admit(standing, trigger_of(contact_id, **over)).lane is Lane.MACHINE


def test_who_fits_enters_in_the_machine_s_lane() -> None:
    assert admit(standing_of(), trigger_of()) == Admission(Lane.MACHINE)


@pytest.mark.parametrize(
    ("standing", "rule"),
    [
        (standing_of(Stop("flow", "welcome", "welcome.yaml")), "stop"),
        (standing_of(Stop("company", "", "environment")), "stop"),
        (standing_of(unapproved="changed"), "approval"),
        (standing_of(trouble="broken"), "policy"),
        (standing_of(trouble="broken", trouble_settled=True), "stop"),
        (Standing("welcome", None), "policy"),
    ],
)
def test_while_the_machine_may_not_people_get_it_for_now(standing: Standing, rule: str) -> None:
    admission = admit(standing, trigger_of())
    assert (admission.lane, admission.rule, admission.final) == (Lane.PEOPLE, rule, False)


def test_who_was_here_before_does_not_enter_even_while_off() -> None:
    for standing in (standing_of(), standing_of(Stop("company", "", "x")), Standing("welcome", None)):
        assert admit(standing, trigger_of(before="was in this flow before")).lane is None


@pytest.mark.parametrize(("outside", "lane"), [(Outside.WORKLIST, Lane.PEOPLE), (Outside.NONE, None)])
def test_outside_the_rollout_is_final(outside: Outside, lane: Lane | None) -> None:
    admission = admit(rollout_of(Rung(ppm=0), outside=outside), trigger_of())
    assert (admission.lane, admission.rule, admission.final) == (lane, "rollout", True)


@pytest.mark.parametrize(("age", "lane"), [(72, Lane.MACHINE), (72.001, Lane.PEOPLE), (-1, Lane.MACHINE)])
def test_an_old_trigger_goes_to_people_for_good(age: float, lane: Lane) -> None:
    admission = admit(standing_of(), trigger_of(at=NOW - timedelta(hours=age)))
    assert admission.lane is lane
    assert admission.final is (lane is Lane.PEOPLE)


def test_a_closing_flow_admits_nobody_for_the_machine() -> None:
    admission = admit(standing_of(policy=policy_of(switch=Switch.CLOSING)), trigger_of())
    assert (admission.lane, admission.final) == (Lane.PEOPLE, True)


def test_a_number_of_contacts_is_filled_by_arrival_from_below_the_next_share() -> None:
    standing = rollout_of(Rung(contacts=50), Rung(ppm=50_000), Rung(ppm=WHOLE))
    share = rollout_of(Rung(ppm=50_000))
    first = [name for name in PEOPLE if inside(standing, name, inside=49)]
    assert first == [name for name in PEOPLE if inside(share, name)]
    assert not any(inside(standing, name, inside=50) for name in first[:50])


def test_a_number_of_contacts_alone_takes_whoever_comes_first() -> None:
    assert all(inside(rollout_of(Rung(contacts=3)), name, inside=2) for name in PEOPLE[:100])


@pytest.mark.parametrize("rung", [2, 3, 99])
def test_a_rung_beyond_the_ladder_is_the_last_one(rung: int) -> None:
    assert inside(rollout_of(Rung(ppm=0), Rung(ppm=1), Rung(ppm=WHOLE)), "c", rung=rung)


@given(st.text(min_size=1), PPM, PPM)
def test_who_is_inside_a_share_is_inside_every_larger_one(contact_id: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert not inside(rollout_of(Rung(ppm=small)), contact_id) or inside(rollout_of(Rung(ppm=large)), contact_id)


def test_who_waits_for_another_flow_is_outside_the_rollout_however_far_it_goes() -> None:
    for outside, lane in ((Outside.WORKLIST, Lane.PEOPLE), (Outside.NONE, None)):
        admission = admit(rollout_of(Rung(ppm=WHOLE), outside=outside), trigger_of(turn="waits for thanks: it is off"))
        assert admission == Admission(lane, "rollout", "waits for thanks: it is off", final=True)


def holding_out(ppm: int, salt: str = "s") -> Standing:
    return standing_of(policy=policy_of(rollout=Rollout(steps=(Rung(ppm=WHOLE),), salt=salt, holdout=Share(ppm))))


def test_the_holdout_never_enters_whatever_the_rung_and_the_lane() -> None:
    held_out = admit(holding_out(WHOLE), trigger_of())
    assert held_out == Admission(None, "holdout", "never enters, for comparison", final=True)
    off = replace(holding_out(WHOLE), stops=(Stop("flow", "welcome", "welcome.yaml"),))
    assert admit(off, trigger_of()) == held_out
    assert admit(holding_out(0), trigger_of()).lane is Lane.MACHINE


@given(st.text(min_size=1), PPM, PPM)
def test_a_holdout_that_shrinks_or_grows_keeps_its_people(contact_id: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert not inside(holding_out(large), contact_id) or inside(holding_out(small), contact_id)


def test_who_is_held_out_has_nothing_to_do_with_who_is_in_the_rollout_first() -> None:
    first = [name for name in PEOPLE if inside(rollout_of(Rung(ppm=100_000)), name)]
    held_out = [name for name in first if not inside(holding_out(50_000), name)]
    assert 0.03 < len(held_out) / len(first) < 0.07


@given(st.text(min_size=1), st.text())
def test_a_bucket_is_a_whole_number_below_a_million_and_always_the_same(contact_id: str, salt: str) -> None:
    assert 0 <= bucket(salt, contact_id) == bucket(salt, contact_id) < WHOLE


def test_nobody_without_an_id_has_a_bucket() -> None:
    with pytest.raises(ValueError, match="no bucket"):
        bucket("s", "")


def chi_square(places: list[int], cells: int) -> float:
    expected = len(places) / cells
    counts = [0] * cells
    for place in places:
        counts[place * cells // WHOLE] += 1
    return sum((count - expected) ** 2 / expected for count in counts)


def test_buckets_are_evenly_spread() -> None:
    assert chi_square([bucket("welcome", name) for name in PEOPLE], 100) < 148.2  # 99 degrees of freedom, p = 0.001


def test_the_buckets_of_two_flows_have_nothing_to_do_with_each_other() -> None:
    in_one = [name for name in PEOPLE if bucket("welcome", name) < 100_000]
    assert chi_square([bucket("donor_thanks", name) for name in in_one], 20) < 43.8  # 19 degrees of freedom, p = 0.001


def test_the_bucket_never_changes_between_versions() -> None:
    assert [bucket("welcome", name) for name in ("c1", "c2", "منى")] == [628053, 493690, 296411]
