"""What somebody wants to have foreseen, and what they assume themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic_core import PydanticCustomError

from offswitch.errors import Refused
from offswitch.forecast.colleagues import ANSWERS
from offswitch.forecast.habits import Deed
from offswitch.forecast.simulate import EVERY
from offswitch.policy.values import cap, duration, percent

ANSWER = "answer"  # how long colleagues take
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """So many days of the company's calendar, today among them. `said` holds whatever was measured; `inflow` is newcomers a day."""

    days: int
    said: Mapping[Deed, float] = field(default_factory=dict)
    answers: timedelta = ANSWERS
    answers_said: bool = False
    inflow: float | None = None
    seed: int = 1
    every: timedelta = EVERY


def assumed(words: Iterable[str]) -> tuple[dict[Deed, float], timedelta | None]:
    """`click=3%,reply=1%` and `answer=4h`. Raises Refused for what is neither."""
    said: dict[Deed, float] = {}
    answers: timedelta | None = None
    for word in (part.strip() for one in words for part in one.split(",") if part.strip()):
        name, equals, value = (part.strip() for part in word.partition("="))
        try:
            if name == ANSWER and equals:
                answers = duration(value)
            elif equals:
                said[Deed(name)] = percent(value) / 1_000_000
            else:
                raise _unreadable(word)
        except ValueError as error:
            raise _unreadable(word, error.message() if isinstance(error, PydanticCustomError) else "") from error
    return said, answers


def _unreadable(word: str, why: str = "") -> Refused:
    allowed = ", ".join([*(f"{deed}=1%" for deed in Deed), f"{ANSWER}=4h"])
    return Refused(f"--assume {word} can't be read{why and f': it {why}'}; write {allowed}")


def per_day(words: str) -> float:
    """`40 per day`, `10 per hour`: newcomers a day. Raises Refused."""
    try:
        found = cap(words)
    except PydanticCustomError as error:
        raise Refused(f"--inflow {words!r} can't be read; write how many in what time such as `40 per day`") from error
    return found.count * (_DAY / found.window)
