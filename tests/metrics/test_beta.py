"""The tail of a beta distribution, against exact values and its own laws."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.metrics.beta import log_beta, log_tail

WHOLE = st.integers(1, 300)
SHARES = st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000)


def exact_tail(p: Fraction, a: int, b: int) -> Fraction:
    """P(X > p): for whole a and b, that of n = a + b - 1 coins fewer than a fall below p (DLMF 8.17.5)."""
    n = a + b - 1
    return sum((comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(a)), Fraction(0))


@given(SHARES, WHOLE, WHOLE)
def test_the_tail_is_the_exact_sum_for_whole_numbers(p: Fraction, a: int, b: int) -> None:
    exact = exact_tail(p, a, b)
    log_exact = log(exact.numerator) - log(exact.denominator)
    assert isclose(log_tail(float(p), a, b), log_exact, rel_tol=1e-9, abs_tol=1e-12)


@given(st.floats(0.0001, 0.9999), st.floats(0.5, 5_000), st.floats(0.5, 5_000))
def test_both_sides_add_up_to_one(p: float, a: float, b: float) -> None:
    assert isclose(exp(log_tail(p, a, b)) + exp(log_tail(1 - p, b, a)), 1, rel_tol=1e-9)


@given(st.floats(0.001, 0.5), st.floats(1, 1_000_000))
def test_with_a_of_one_it_is_a_power_however_small(p: float, b: float) -> None:
    assert isclose(log_tail(p, 1, b), b * log(1 - p), rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(("a", "b", "value"), [(1, 1, 1.0), (2, 3, 1 / 12), (5, 1, 0.2)])
def test_the_beta_function_has_its_known_values(a: int, b: int, value: float) -> None:
    assert isclose(exp(log_beta(a, b)), value)
