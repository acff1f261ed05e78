"""How far one approval of a flow reaches: for how many messages, for how long, and for how many people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from offswitch.policy.plain import short
from offswitch.policy.values import Cap, cap, checked, refuse, written

FLOOR = 100  # so many more than the plan showed are no growth, however few it showed


@dataclass(frozen=True, slots=True)
class MoreBy:
    """A growth by so many parts in a hundred; None: any growth."""

    percent: int | None

    def __str__(self) -> str:
        return "any" if self.percent is None else f"{self.percent}%"

    def most(self, shown: int) -> int | None:
        """How many may enter where the plan showed so many; None: however many."""
        return None if self.percent is None else shown + max(FLOOR, shown * self.percent // 100)


def growth(value: Any) -> MoreBy:
    """`50%`, `200%`, `any`."""
    if isinstance(value, MoreBy):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if text in ("any", "none"):
        return MoreBy(None)
    if not text.isascii() or not re.fullmatch(r"[0-9]{1,4} ?%", text) or int(text.rstrip("% ")) > 1_000:
        raise refuse(f"is {short(text)}" if text else "is a list or section", "write a percentage from 0% to 1000% such as 50%, or any")
    return MoreBy(int(text.rstrip("% ")))


def mass(value: Any) -> Cap:
    """`500 per day`. There is no word for any number: who needs more than one approver can answer for asks a second one."""
    if isinstance(value, Cap):
        return value
    number, per, window = value.partition(" per ") if isinstance(value, str) else ("", "", "")
    try:
        span = cap(f"1{per}{window}").window
    except PydanticCustomError:
        span = timedelta(0)
    if not number.isascii() or not re.fullmatch("[0-9]{1,7}", number) or not int(number) or not span:
        raise refuse(f"is {short(str(value))}", "write how many in what time such as 500 per day; for more a second approver says yes")
    return Cap(int(number), span)


MASS, APPROVED_FOR, GROWTH = Cap(500, timedelta(days=1)), timedelta(days=180), MoreBy(50)  # where neither file says anything
MassCap = Annotated[Cap, checked(mass)]
Growth = Annotated[MoreBy, checked(growth)]


@dataclass(frozen=True, slots=True)
class Launch:
    """What one approval is good for."""

    mass: Cap = MASS
    lasts: timedelta = APPROVED_FOR
    growth: MoreBy = GROWTH

    def canonical(self) -> dict[str, str]:
        """What an approval is about, ready for JSON."""
        return {"mass": str(self.mass), "approved_for": written(self.lasts), "approved_growth": str(self.growth)}
