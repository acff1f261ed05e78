from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.policy.rollout import Rung
from offswitch.review.chart import WIDE, across, column_width, funnel, ladder, place
from offswitch.review.line import What
from offswitch.review.plan import Group

counts = st.dictionaries(st.tuples(st.sampled_from(["greet", "value"]), st.sampled_from(list(What))), st.integers(1, 1_000_000), max_size=9)


@dataclass
class Plan:
    """As much of a plan as a chart looks at."""

    groups: tuple[Group, ...]


@given(counts)
def test_a_bar_s_parts_add_up_and_stay_within_it(found: dict[tuple[str, What], int]) -> None:
    bars = funnel(cast("Any", Plan(tuple(Group(step, what, "", "", None, count) for (step, what), count in found.items()))))
    assert sum(bar.count for bar in bars) == sum(found.values())
    for bar in bars:
        assert all(part.width > 0 for part in bar.parts)
        assert bar.parts[-1].x + bar.parts[-1].width <= 100.1


def test_steps_of_the_rollout_rise_and_one_of_them_is_where_it_stands() -> None:
    policy = cast("Any", type("Policy", (), {"rollout": type("Rollout", (), {"steps": (Rung(50), Rung(ppm=50_000), Rung(ppm=1_000_000))})}))
    columns = ladder(policy, 1)
    assert [(one.height, one.here) for one in columns] == [(8, False), (8, True), (100, False)]
    assert columns[-1].x + column_width(policy) <= WIDE


@pytest.mark.parametrize(("rtl", "left"), [(False, 10), (True, 70)])
def test_a_picture_begins_where_its_readers_begin(rtl: bool, left: float) -> None:
    assert across(10, 20, 100, rtl) == left


def test_a_guardrail_s_line_reaches_from_side_to_side() -> None:
    assert (place(50), place(5_000)) == (0, WIDE)
