from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from offswitch.forecast.forecast import Forecast
from offswitch.model.verdict import Work
from tests.act.journeys import tour
from tests.act.rig import Rig
from tests.forecast.real_days import foreseen, foreseen_by_day, live, sent_by_day

EVERY = timedelta(hours=12)
STEPS = '10%", "50%", "100%'
SOON = "hold: 24h, matures_after: 24h, min_matured: 2"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "project", tour)
    yield made
    made.close()


def climbing(rig: Rig, guardrails: str = "guardrails: {complaint: 0.1%}", more: str = "") -> None:
    """A rollout of three steps that goes up by itself."""
    rig.policy(tour, steps=STEPS, more=f"{guardrails}\n{more}")
    path = rig.policy_path(tour)
    rig.save(path, path.read_text("utf-8").replace("rollout: {", f"rollout: {{{SOON}, "))
    rig.approve(tour)
    rig.submit_all(*(f"p{number:03}" for number in range(60)))


def dates(forecast: Forecast) -> list[str]:
    return ["now" if step.now else str(step.on or step.waits[0]) for step in forecast.steps]


def test_the_rollout_goes_up_on_the_day_on_which_it_really_does(rig: Rig) -> None:
    climbing(rig)
    forecast = foreseen(rig, tour, 6, every=EVERY)
    assert foreseen_by_day(forecast)
    live(rig, 6, tour, every=EVERY)
    assert foreseen_by_day(forecast) == sent_by_day(rig, tour)
    with rig.ledger.read() as book:
        rung, since = book.history.rung("tour"), book.history.rung_since("tour")
    assert since is not None
    assert dates(forecast)[: rung + 1][-1] == str(since.date())


def test_without_guardrails_only_a_person_steps_up(rig: Rig) -> None:
    climbing(rig, guardrails="")
    assert dates(foreseen(rig, tour, 6, every=EVERY)) == ["now", "person", ""]


def test_more_work_than_people_can_take_over_keeps_it_down(rig: Rig) -> None:
    climbing(rig, more="capacity: 1 minutes per day")
    forecast = foreseen(rig, tour, 6, every=EVERY)
    assert dates(forecast) == ["now", "capacity", ""]
    assert forecast.crowded[0].date == forecast.days[0].date


def test_whoever_is_outside_is_written_to_by_people(rig: Rig) -> None:
    climbing(rig)
    first = foreseen(rig, tour, 1, every=timedelta(hours=4)).days[0]
    assert first.mails + first.items[Work.BY_HAND] == 60
    assert first.by_hand == first.items[Work.BY_HAND] > 30


def test_a_guardrail_sees_twice_the_harm_on_the_day_on_which_enough_has_gone_out(rig: Rig) -> None:
    rig.policy(tour, more="guardrails: {bounce: 50%}")
    rig.approve(tour)
    rig.submit_all(*(f"p{number:03}" for number in range(60)))
    sight = foreseen(rig, tour, 3, every=EVERY).sights[0]
    assert 0 < sight.sends <= 60
    assert (str(sight.on), sight.days) == ("2025-03-03", 1)
    rig.policy(tour, more="guardrails: {bounce: 1%}")
    rig.approve(tour)
    assert foreseen(rig, tour, 3, every=EVERY).sights[0].on is None
