"""A dry run decides what a live flow of the same project does: the same messages to the same people at the same times."""

from __future__ import annotations

from datetime import timedelta

from offswitch.ledger.shadow import Would
from offswitch.model.verdict import Work
from tests.act.journeys import pair, tour
from tests.act.rig import Rig
from tests.shadow.conftest import MakeTwins
from tests.shadow.pair import decided, work_off

HOUR = timedelta(hours=1)


def public(rig: Rig, day: int) -> None:
    """Somebody new, somebody who reaches the goal, somebody who replies, somebody who wants no more of this."""
    rig.submit(f"late{day}", who=f"late{day}")
    rig.submit(f"goal{day}", kind="check.started", who=f"p{day}")
    rig.submit(f"reply{day}", kind="message.replied", who=f"p{day + 5}")
    rig.submit(f"no{day}", kind="contact.unsubscribed", who=f"late{day - 1}")


def test_a_dry_run_sends_in_shadow_what_a_live_flow_sends_whatever_people_do_by_hand_meanwhile(twins_of: MakeTwins) -> None:
    twins = twins_of(tour)
    for rig in twins.both():
        rig.company(quiet='"20:00-08:00"', caps="1 per 3d")
        rig.letter(tour, "hello", purpose="marketing")
        rig.submit_all(*(f"p{n}" for n in range(8)))
    twins.live.approve(tour)
    for day in range(4):
        for rig in twins.both():
            public(rig, day)
        twins.go_on(8 * HOUR, 2)
        work_off(twins.live, tour)
        work_off(twins.dry, tour, kinds=(Work.BY_HAND, Work.STEP) if day != 2 else (Work.STEP,))
        twins.go_on(8 * HOUR)
    live, dry = twins.sent()
    assert live == dry
    assert {step for _, step, *_ in live} == {"hello", "more"}
    assert twins.dry.sent() == []
    assert {row.rule for row in decided(twins.dry, tour) if row.what is Would.DEFER} >= {"cap", "quiet hours"}


def test_rollout_rate_and_plans_of_several_actions_are_the_same_in_shadow(twins_of: MakeTwins) -> None:
    twins = twins_of(pair)
    for rig in twins.both():
        rig.policy(pair, outside="none", more="limits: {rate: 4 per hour}")
        path = rig.policy_path(pair)
        rig.save(path, path.read_text("utf-8").replace('["100%"]', "[{contacts: 5}, 100%]"))
        rig.submit_all(*(f"p{n}" for n in range(8)))
    twins.live.approve(pair)
    twins.go_on(HOUR / 2, 7)
    live, dry = twins.sent()
    assert live == dry
    assert len({who for who, *_ in live}) == 5
    assert len(live) == 15
    refused = [row.rule for row in decided(twins.dry, pair) if row.what is Would.REFUSE]
    assert refused == ["rollout"] * 3
