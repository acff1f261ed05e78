"""The tail of a beta distribution, in logarithms, with nothing but the standard library."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_TINY, _EXACT = 1e-300, 1e-15


def log_beta(a: float, b: float) -> float:
    """ln B(a, b)."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def log_tail(p: float, a: float, b: float) -> float:
    """ln P(X > p) for X ~ Beta(a, b) and 0 < p < 1; precise also where the tail is tiny.

    By the continued fraction DLMF 8.17.22 (https://dlmf.nist.gov/8.17#v), which converges quickly on the side of the mean
    that is taken, evaluated by Lentz's method (Numerical Recipes, 6.4).
    """
    front = a * log(p) + b * log1p(-p) - log_beta(a, b)
    if p > (a + 1) / (a + b + 2):
        return front - log(b) + log(_fraction(1 - p, b, a))
    return log1p(-min(exp(front) / a * _fraction(p, a, b), 1 - _EXACT))


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of I_x(a, b), without its factor x^a (1-x)^b / (a B(a, b))."""
    upper, lower = 1.0, _nonzero(1 - (a + b) * x / (a + 1))
    lower = value = 1 / lower
    term, m = 0.0, 0
    while abs(term - 1) > _EXACT:
        m += 1
        term = 1.0
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            lower = 1 / _nonzero(1 + step * lower)
            upper = _nonzero(1 + step / upper)
            term = upper * lower
            value *= term
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
