"""How the whole company sends: as ever, frozen for a fresh look, or in a crisis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from offswitch.policy.plain import short
from offswitch.policy.values import checked, likely, one_line, refuse, word


class Course(StrEnum):
    """What goes out. `freeze` and `crisis` leave what `keep` names alone."""

    NORMAL = "normal"
    FREEZE = "freeze"  # the rest is off: its due work goes where each flow says
    CRISIS = "crisis"  # marketing waits for the end of it, at most `max_defer`


class Kept(StrEnum):
    """What a freeze or a crisis leaves alone."""

    SERVICE = "service"
    RECORD = "record"  # what only our own books see


@dataclass(frozen=True, slots=True)
class Mode:
    """A course and why it was taken."""

    course: Course = Course.NORMAL
    why: str = ""

    def __str__(self) -> str:
        return self.course.value


def mode(value: Any) -> Mode:
    """`normal`, `freeze`, `crisis`, or `{freeze: why}`."""
    if isinstance(value, Mode):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((word, why),) = value.items()
        return Mode(mode(word).course, one_line(why))
    if isinstance(value, str) and value in list(Course):
        return Mode(Course(value))
    raise refuse(f"is {short(str(value))}", f"write {{freeze: why}} or one word; {likely(str(value), list(Course))}")


ModeWord = Annotated[Mode, checked(mode)]
Keep = tuple[Annotated[Kept, word(Kept)], ...]
