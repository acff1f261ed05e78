"""How many people an experiment takes, worked out before anybody has drawn a text, and how long that lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from offswitch.metrics.versus import pairs_needed
from offswitch.policy.experiments import Experiment


@dataclass(frozen=True, slots=True)
class Size:
    """`people` altogether; None while nobody knows the `rate`. `days` until they have had their time, at `per_day` people."""

    people: int | None
    rate: float | None
    stated: bool
    per_day: float
    days: int | None


def size_of(one: Experiment, rate: float | None, *, stated: bool, per_day: float) -> Size:
    """By the test's own power of 80 % for the smallest effect. A rate so high that the effect has no room leaves it open."""
    effect = one.smallest_effect.ppm / 1_000_000
    if rate is None or rate + effect >= 1:
        return Size(None, rate, stated, per_day, None)
    texts = len(one.variants)
    people = pairs_needed(rate, effect, texts - 1) * texts
    days = ceil(people / per_day + one.within / timedelta(days=1)) if per_day else None
    return Size(people, rate, stated, per_day, days)


def shown(rate: float) -> str:
    """A share as people write it: 20%, 12.5%."""
    return f"{rate:.1%}".replace(".0%", "%")
