"""A share of people or of sends, exact in parts per million."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from offswitch.policy.plain import short
from offswitch.policy.values import percent, refuse


@dataclass(frozen=True, slots=True)
class Share:
    """`5%` is 50,000 parts per million."""

    ppm: int

    def __str__(self) -> str:
        return f"{self.ppm / 10_000:.4f}".rstrip("0").rstrip(".") + "%"


def share(value: Any) -> Share:
    """`5%`, `0.5%`, `100%`."""
    if isinstance(value, Share):
        return value
    if not isinstance(value, str):
        raise refuse("is a list or section", "write a percentage such as 5%")
    return Share(percent(value))


def ceiling(value: Any) -> Share:
    """A share that is small: a rate that nothing may exceed."""
    found = share(value)
    if not 0 < found.ppm <= 500_000:
        raise refuse(f"is {short(str(found))}", "write a percentage above 0% and at most 50% such as 0.1%")
    return found
