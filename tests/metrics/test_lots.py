"""Uneven lots are noticed, even ones are left alone, and the interval holds the truth at every look."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.metrics.lots import DOUBT, UNEVEN, interval, uneven


@pytest.mark.parametrize("texts", [2, 4])
def test_even_lots_are_called_uneven_in_one_of_a_hundred_at_most(texts: int) -> None:
    rng = Random(texts)
    runs = 300
    assert sum(uneven((rng.randrange(texts) for _ in range(600)), texts) is not None for _ in range(runs)) <= runs * UNEVEN + 4


def test_a_text_that_a_tenth_never_gets_is_noticed() -> None:
    rng = Random(1)
    lots = (lot for lot in (rng.randrange(2) for _ in range(20_000)) if not lot or rng.random() > 0.2)
    found = uneven(lots, 2)
    assert found is not None
    assert found < 5_000


def test_a_text_that_nobody_gets_is_noticed_at_once() -> None:
    assert (uneven([0] * 50, 2) or 99) < 15
    assert uneven([], 2) is None


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_the_share_that_was_seen_and_narrows(hits: int, misses: int) -> None:
    low, high = interval(hits, hits + misses)
    assert 0 <= low <= high <= 1
    if hits + misses:
        assert low <= hits / (hits + misses) <= high
        wide = interval(10 * hits, 10 * (hits + misses))
        assert wide[1] - wide[0] <= high - low + 1e-6


def test_the_interval_ever_misses_the_truth_in_one_of_twenty_at_most() -> None:
    rng, runs, missed = Random(4), 100, 0
    for _ in range(runs):
        hits, out = 0, False
        for people in range(1, 301):
            hits += rng.random() < 0.2
            if people % 10 == 0 and not out:
                low, high = interval(hits, people)
                out = not low <= 0.2 <= high
        missed += out
    assert missed <= runs * DOUBT + 4
