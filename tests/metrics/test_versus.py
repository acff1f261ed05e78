"""The test of two texts: it may be looked at after every person, and sees what it promises."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.metrics.versus import ALPHA, POWER, Duel, decided, pairs_needed

RATES = st.floats(0.001, 0.999)


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=80),
    RATES,
    st.floats(0.001, 0.5),
    st.none() | RATES,
)
def test_while_the_texts_are_equal_no_pair_is_expected_to_raise_it(
    before: list[tuple[bool, bool]], rate: float, effect: float, baseline: float | None
) -> None:
    """The law behind Ville's inequality: on average E never grows, whatever the rate, the past and the guesses."""
    now, expected = 1.0, 0.0
    for one in (False, True):
        for other in (False, True):
            duel = Duel(effect, baseline)
            for pair in before:
                now = duel.add(*pair)
            chance = (rate if one else 1 - rate) * (rate if other else 1 - rate)
            expected += chance * duel.add(one, other)
    assert expected <= now * (1 + 1e-9)


def said(rng: Random, rate: float, better: float, effect: float, pairs: int) -> bool:
    return decided(effect, rate, 1, ((rng.random() < rate, rng.random() < better) for _ in range(pairs))) is not None


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_a_look_after_every_pair_gives_a_false_alarm_in_one_of_twenty_at_most(rate: float) -> None:
    rng = Random(f"equal {rate}")
    alarms = sum(said(rng, rate, rate, 0.1, 500) for _ in range(400))
    assert alarms <= 400 * ALPHA + 2 * (400 * ALPHA * (1 - ALPHA)) ** 0.5


@pytest.mark.parametrize(("rate", "effect"), [(0.1, 0.1), (0.3, 0.15), (0.5, 0.1)])
def test_as_many_as_it_asks_for_show_the_smallest_effect_in_eight_of_ten(rate: float, effect: float) -> None:
    rng, pairs = Random(f"better {rate}"), pairs_needed(rate, effect, 1)
    seen = sum(said(rng, rate, rate + effect, effect, pairs) for _ in range(150)) / 150
    assert POWER - 0.1 <= seen <= 0.96


def test_a_smaller_effect_and_more_texts_take_more_people() -> None:
    assert pairs_needed(0.1, 0.01, 1) > 3 * pairs_needed(0.1, 0.02, 1)
    assert pairs_needed(0.1, 0.02, 3) > pairs_needed(0.1, 0.02, 1)


def test_which_of_the_two_is_better_makes_no_difference() -> None:
    rng = Random(3)
    pairs = [(rng.random() < 0.2, rng.random() < 0.4) for _ in range(400)]
    there, back = decided(0.1, 0.3, 1, pairs), decided(0.1, 0.3, 1, [(other, one) for one, other in pairs])
    assert there == back is not None
