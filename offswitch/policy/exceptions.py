"""What a flow's policy says of people for whom its rule doesn't hold, and of facts without which nothing may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from offswitch.policy.conditions import ConditionText
from offswitch.policy.plain import short
from offswitch.policy.values import Line, Section, checked, duration, refuse, word, written
from offswitch.policy.vocabulary import CONTACT


class Then(StrEnum):
    """What an exception means for a message: a person decides, it is left out, or the journey is over."""

    HAND_OVER = "hand_over"
    SKIP = "skip"
    EXIT = "exit"


class Otherwise(StrEnum):
    """What holds for everybody who is no exception."""

    GO_ON = "go_on"


class ExceptionRule(Section):
    """People for whom the flow's rule doesn't hold."""

    when: ConditionText
    """Whom it is about."""
    then: Annotated[Then, word(Then)]
    """hand_over: a person decides about each message. skip: they don't get it. exit: their journey ends."""
    why: Line
    """The reason, as people read it on the list and in reports."""

    def __str__(self) -> str:
        return f"{self.when.text} -> {self.then.value}: {self.why}"


@dataclass(frozen=True, slots=True)
class Required:
    """A fact that must be known, and how old it may be at most."""

    name: str
    max_age: timedelta | None = None

    def __str__(self) -> str:
        return f"{self.name}: {written(self.max_age)}" if self.max_age else self.name

    @property
    def fact(self) -> str:
        """The full name: `country` is short for `contact.country`."""
        plain = "." in self.name or self.name in ("stage", "segment")
        return self.name if plain and f"contact.{self.name}" not in CONTACT else f"contact.{self.name}"


def required(value: Any) -> Required:
    """`country`, or `{stage: 24h}`."""
    if isinstance(value, Required):
        return value
    if isinstance(value, str) and value.strip():
        return Required(value.strip())
    if isinstance(value, dict) and len(value) == 1:
        name, age = next(iter(value.items()))
        return Required(name, duration(age))
    raise refuse(f"is {short(str(value))}", "write the name of a fact, or {stage: 24h} with how old it may be")


RequiredFact = Annotated[Required, checked(required)]
OtherwiseWord = Annotated[Otherwise, word(Otherwise)]
