"""What `offswitch doctor` found when it looked at one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`trouble` keeps something from working; `advice` will, some day; `unknown` could not be looked at."""

    FINE = "fine"
    ADVICE = "advice"
    TROUBLE = "trouble"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` names the thing, `said` what is so, in a line without secrets and people; `todo` what helps."""

    about: str
    level: Level
    said: str
    todo: str = ""
