"""Who draws which text: evenly, once for life, and whatever the rollout does."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from offswitch.gate.bucket import WHOLE, bucket
from offswitch.gate.variant import drawn, text_for
from offswitch.policy.experiments import Experiment

PEOPLE = [f"c{n}" for n in range(20_000)]
STARTS, ENDS = date(2026, 12, 1), date(2027, 1, 15)


def experiment(**over: Any) -> Experiment:
    said: dict[str, Any] = {
        "hypothesis": "Short is better.",
        "variants": ("own", "short"),
        "metric": "goal",
        "within": "7d",
        "smallest_effect": "2%",
    }
    said |= {"owner": "mariam@bayan.example", "starts": STARTS, "ends": ENDS, **over}
    return Experiment.model_validate(said)


@pytest.mark.parametrize("texts", [("own", "short"), ("own", "short", "long"), ("own", "short", "long", "warm")])
def test_within_each_rung_of_the_rollout_every_text_gets_its_share(texts: tuple[str, ...]) -> None:
    one = experiment(variants=texts)
    for percent in (5, 20, 100):
        inside = [who for who in PEOPLE if bucket("welcome", who) < percent * WHOLE // 100]
        drew = Counter(drawn("welcome", "greet", one, who) for who in inside)
        fair = len(inside) / len(texts)
        assert all(abs(drew[text] - fair) < 4 * fair**0.5 for text in texts)


def test_another_message_flow_or_experiment_is_another_lot() -> None:
    ways = [("welcome", "greet", STARTS), ("welcome", "value", STARTS), ("thanks", "greet", STARTS), ("welcome", "greet", ENDS)]
    lots = [[drawn(flow, message, experiment(starts=starts), who) for who in PEOPLE[:2_000]] for flow, message, starts in ways]
    for place, one in enumerate(lots):
        for other in lots[:place]:
            assert 0.44 < sum(a == b for a, b in zip(one, other, strict=True)) / len(one) < 0.56


def test_more_days_a_new_owner_or_a_written_salt_move_nobody() -> None:
    before = [drawn("welcome", "greet", experiment(), who) for who in PEOPLE[:200]]
    changes = ({"ends": ENDS + timedelta(days=30)}, {"owner": "omar@bayan.example"}, {"salt": "2026-12-01"}, {"metric": "click"})
    for change in changes:
        assert [drawn("welcome", "greet", experiment(**change), who) for who in PEOPLE[:200]] == before
    pinned = experiment(salt="2026-12-01", starts=date(2026, 12, 3))
    assert [drawn("welcome", "greet", pinned, who) for who in PEOPLE[:200]] == before


def test_the_lot_is_the_same_on_every_machine_and_in_every_version() -> None:
    expected = ["short", "short", "short", "short", "short", "own", "short", "own"]  # sha256("v1␟welcome␟greet␟2026-12-01␟c0") …
    assert [drawn("welcome", "greet", experiment(), who) for who in PEOPLE[:8]] == expected


@pytest.mark.parametrize(
    ("day", "over", "expected"),
    [
        (STARTS - timedelta(days=1), {}, ("own", "")),
        (STARTS, {}, ("drawn", "drawn")),
        (ENDS, {}, ("drawn", "drawn")),
        (ENDS + timedelta(days=1), {}, ("own", "")),
        (STARTS, {"winner": "short", "learning": "It is."}, ("short", "")),
        (ENDS + timedelta(days=400), {"winner": "short", "learning": "It is."}, ("short", "")),
    ],
)
def test_people_draw_from_the_first_day_to_the_last(day: date, over: dict[str, Any], expected: tuple[str, str]) -> None:
    one = experiment(**over)
    lot = drawn("welcome", "greet", one, "c1")
    assert text_for({"greet": one}, "welcome", "greet", "c1", day) == tuple(lot if word == "drawn" else word for word in expected)
    assert text_for({"greet": one}, "welcome", "value", "c1", day) == ("own", "")
