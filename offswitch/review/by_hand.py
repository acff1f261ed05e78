"""What people would have to do in a day if the flow were off, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.model.capacity import ByHand
from offswitch.review.words import Language, say


def in_words(language: Language, one: ByHand) -> Iterator[str]:
    """The sum, how it comes about, and what is wrong with it."""
    if one.capacity is None:
        yield say(language, "day of work", n=one.minutes)
    else:
        yield say(language, "day of capacity", n=one.minutes, capacity=one.capacity)
    yield say(language, "day pending", n=one.pending)
    yield say(language, "day inflow", n=f"{one.inflow * one.share:.1f}", days=f"{one.days:.0f}", steps=one.steps)
    yield say(language, "day measured" if one.measured else "day estimate", n=f"{one.per_item:g}", items=one.measured)
    if one.too_much:
        yield say(language, "day too much")
