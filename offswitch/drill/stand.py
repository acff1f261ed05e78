"""Where one person must stand, and how sure the oracle is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offswitch.drill.world import Deed, Mail


class Where(StrEnum):
    """How sure the oracle is, and of what."""

    OVER = "over"
    HERE = "here"
    LOOSE = "loose"  # two things raced: only what always holds is checked for this person


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one entry must be. `due`: not before then; `wish`: what its step says now; `open`: messages still to send."""

    who: int
    trigger: str
    where: Where
    step: str = ""
    visit: int = 1
    due: datetime | None = None
    reason: str = ""
    wish: object = None
    open: tuple[str, ...] = ()
    doubt: bool = False
    taken: bool = False
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """Something seen from outside at one visit."""

    n: int
    at: datetime
    mail: Mail | None = None
    deed: Deed | None = None


def place_of(mail: Mail) -> str:
    """Step and visit, as people read them."""
    _, step, visit, _ = mail.parts
    return step if visit == "1" else f"{step} (visit {visit})"
