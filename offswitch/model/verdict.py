"""What the gate says of one action, and what `admit` says of one trigger."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Answer(StrEnum):
    """What happens to the action now."""

    ALLOW = "allow"
    DEFER = "defer"  # the machine does it at `until`
    HOLD = "hold"  # the machine does it when the reason ends
    SKIP = "skip"  # not at all; the entry moves on
    EXIT = "exit"  # the entry leaves
    HAND_OVER = "hand over"  # a person does it, or says so


class Work(StrEnum):
    """Why a person has it."""

    BY_HAND = "by_hand"  # the machine is off or may not: do it
    STEP = "step"  # the step itself asks for a person
    APPROVAL = "approval"  # the machine would do it; a person decides
    UNKNOWN = "unknown"  # did the customer get it?
    LATE = "late"  # too late to go out unseen
    TRIAGE = "triage"  # something needed is not known


class Verdict(NamedTuple):
    """An answer with the rule that gave it, its reason, and what comes next."""

    answer: Answer
    rule: str = ""
    reason: str = ""
    until: datetime | None = None
    work: Work | None = None


ALLOW = Verdict(Answer.ALLOW)


class Lane(StrEnum):
    """Who does an entry's work."""

    MACHINE = "machine"
    PEOPLE = "people"


class Admission(NamedTuple):
    """May this trigger make an entry, and in whose lane? `lane` None means no entry. `final`: the lane never changes."""

    lane: Lane | None
    rule: str = ""
    reason: str = ""
    final: bool = False
