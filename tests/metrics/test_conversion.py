"""Whether the machine does worse than people is asked of an exact test, and only when there is enough of both."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.metrics.conversion import Conversion, at_most


@pytest.mark.parametrize(
    ("machine", "people", "worse"),
    [
        ((1, 30), (10, 30), True),
        ((5, 30), (10, 30), False),
        ((10, 30), (1, 30), False),
        ((0, 19), (30, 30), False),
        ((0, 30), (19, 19), False),
        ((0, 20), (20, 20), True),
        ((0, 20), (0, 20), False),
        ((900, 20_000), (600, 10_000), True),
    ],
)
def test_only_a_difference_that_is_no_chance_counts(machine: tuple[int, int], people: tuple[int, int], worse: bool) -> None:
    assert Conversion(*machine, *people).worse is worse


def test_equal_lanes_are_called_worse_in_at_most_one_case_of_twenty() -> None:
    chances = [Fraction(comb(25, hits), 2**25) for hits in range(26)]
    alarms = sum(chances[a] * chances[b] for a, b in product(range(26), repeat=2) if Conversion(a, 25, b, 25).worse)
    assert 0.01 < alarms <= 0.05


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_chance_is_the_exact_one(hits: int, misses: int, more: int, rest: int) -> None:
    drawn, marked, total = hits + misses, hits + more, hits + misses + more + rest
    exact = sum(Fraction(comb(marked, k) * comb(total - marked, drawn - k), comb(total, drawn)) for k in range(hits + 1) if k <= drawn)
    assert isclose(at_most(hits, drawn, marked, total), exact, rel_tol=1e-9)
