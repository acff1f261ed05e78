from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from offswitch.journey.journey import Journey
from offswitch.model.effect import Stage
from offswitch.project.plan import make_plan
from offswitch.review.line import What
from tests.act.journeys import pair, ring, tour
from tests.act.rig import Rig
from tests.forecast.real_days import foreseen, foreseen_by_day, live, sent_by_day, together

EVERY = timedelta(hours=12)
PEOPLE = [f"p{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("journey", "company", "more"),
    [
        (tour, {}, ""),
        (tour, {"quiet": '"11:00-20:00"'}, ""),
        (ring, {"caps": "2 per week"}, 'max_defer: 9d\nsilence: {after: 2, slower: "2x", stop: 9}'),
        (tour, {}, "mass: 2 per day"),
        (pair, {"caps": "1 per day"}, "limits: {rate: 3 per day}\nblackouts: [{from: 2025-03-05, to: 2025-03-06, why: stocktaking}]"),
    ],
)
def test_every_day_is_as_it_really_goes(tmp_path: Path, journey: Journey, company: dict[str, str], more: str) -> None:
    rig = Rig(tmp_path / "project", journey)
    rig.company(**company)
    rig.letter(journey, "hello", purpose="marketing")
    rig.policy(journey, more=more)
    rig.approve(journey, "omar@bayan.example" if "mass" in more else "omar@bayan.example, lina@bayan.example")
    rig.submit_all(*PEOPLE)
    forecast = foreseen(rig, journey, 7, every=EVERY)
    live(rig, 7, journey, every=EVERY)
    assert foreseen_by_day(forecast) == sent_by_day(rig, journey) != {}
    over = Counter(entry.reason for entry in rig.entries(journey) if entry.ended)
    assert forecast.ended == over
    rig.close()


def test_flows_that_share_people_go_on_as_they_really_do(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "project", tour, pair)
    rig.company(caps="1 per day")
    for journey, priority in ((tour, 40), (pair, 60)):
        rig.letter(journey, "hello", purpose="marketing")
        rig.policy(journey, more=f"priority: {priority}")
        rig.approve(journey)
    together(rig, tour, pair)
    rig.submit_all(*PEOPLE)
    forecast = foreseen(rig, tour, 6, every=EVERY)
    live(rig, 6, tour, pair, every=EVERY)
    assert foreseen_by_day(forecast) == sent_by_day(rig, tour)
    assert forecast.others == {"pair": sum(sent_by_day(rig, pair).values())}
    assert {(one.loser, one.winner) for one in forecast.lost} >= {("tour", "pair")}
    rig.close()


def test_the_first_pass_is_what_the_plan_says(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "project", tour)
    rig.policy(tour, steps="50%", switch="off")
    rig.approve(tour)
    rig.submit_all(*(f"p{number}" for number in range(40)))
    plan, forecast = make_plan(rig.project, tour), foreseen(rig, tour, 1, every=EVERY)
    assert 0 < forecast.at_once == plan.count(What.SEND) < 40
    assert sum(forecast.days[0].items.values()) == plan.count(What.HAND_OVER)
    rig.close()


def test_whoever_is_in_the_middle_goes_on_from_there(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "project", ring)
    rig.submit_all(*PEOPLE[:3])
    live(rig, 1, ring, every=EVERY)
    before = sent_by_day(rig, ring)
    forecast = foreseen(rig, ring, 4, every=EVERY)
    live(rig, 4, ring, every=EVERY)
    after = {day: many - before.get(day, 0) for day, many in sent_by_day(rig, ring).items() if many > before.get(day, 0)}
    assert foreseen_by_day(forecast) == after
    assert not rig.effects(ring, Stage.UNKNOWN)
    rig.close()
