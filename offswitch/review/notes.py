"""What a reviewer must know beside the numbers: that it would ask first, and that one yes is not enough."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.review.plan import PlanOfWork
from offswitch.review.words import Language, say


def notes(language: Language, plan: PlanOfWork) -> Iterator[str]:
    """Whole sentences."""
    if plan.asks_first:
        yield say(language, "asks first", due=plan.due, limit=plan.policy.without_asking)
    if plan.beyond_one:
        yield say(language, "second approver", n=f"{plan.messages:,}", limit=plan.policy.launch.mass)
