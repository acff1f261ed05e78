"""Who may decide up to which amount: the authority matrix of company.yaml, by role and class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from offswitch.policy.human import ALWAYS_HUMAN, slip
from offswitch.policy.money import Money, money
from offswitch.policy.plain import short
from offswitch.policy.values import checked, refuse


class Role(StrEnum):
    """What a colleague may do."""

    OWNER = "owner"
    APPROVER = "approver"
    OPERATOR = "operator"
    COMPLIANCE = "compliance"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The highest amount that a role may decide. `any`: every amount, also one that is not known. Neither: nothing at all."""

    most: Money | None = None
    any: bool = False

    def __str__(self) -> str:
        return "any" if self.any else str(self.most or 0)

    def covers(self, amount: Money | None) -> bool:
        """May this amount be decided? One that is not known, or in another currency, only where every amount may."""
        if self.any or amount is None or self.most is None:
            return self.any
        return self.most.currency == amount.currency and amount.amount <= self.most.amount


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague as far as it matters who may decide. `team`: one of those who work the flow's list."""

    name: str
    roles: frozenset[Role]
    team: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """`ceilings` by class, then by role. `members` by address, `owner` the flow's."""

    ceilings: Mapping[str, Mapping[Role, Ceiling]] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    owner: str = ""


def ceiling(value: Any) -> Ceiling:
    """`500 SAR`, `any`, or 0 for nothing."""
    if isinstance(value, Ceiling):
        return value
    text = value.strip() if isinstance(value, str) else value
    if text in ("any", "0"):
        return Ceiling(any=text == "any")
    return Ceiling(money(text))


def human_class(value: Any) -> str:
    """One of the classes that people decide, or a word of one's own."""
    text = value if isinstance(value, str) else ""
    if re.match(r"[0-9]{3}\b", text):  # {compensation: 2,000 SAR}: between braces, a comma ends the value
        raise refuse(f"is {short(text)}", "in {…} a comma ends a value: write 2000 SAR, or a line for each class")
    if wrong := slip(text):
        raise refuse(f"is {short(text)}", f"{wrong}; there are: {', '.join(sorted(ALWAYS_HUMAN))}")
    return text


Ceilings = dict[Annotated[str, checked(human_class)], Annotated[Ceiling, checked(ceiling)]]
