"""Chance without a generator: every draw is a hash of the seed and of what it is about, so that order never matters."""

from __future__ import annotations

from hashlib import blake2b
from math import log

_WHOLE = 1 << 64


def draws(seed: int, *about: object) -> list[float]:
    """Eight numbers from 0 up to 1, always the same for the same seed and subject."""
    digest = blake2b("\x1f".join(map(str, (seed, *about))).encode(), digest_size=64).digest()
    return [int.from_bytes(digest[place : place + 8]) / _WHOLE for place in range(0, 64, 8)]


def draw(seed: int, *about: object) -> float:
    """One of them."""
    return draws(seed, *about)[0]


def spread(number: float, mean: float) -> float:
    """A waiting time of this mean, as such times are spread: often short, sometimes long."""
    return -log(1 - number) * mean
