"""What people decide, never the machine: the classes that always hold, and a project's own words beside them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any

from offswitch.policy.plain import short
from offswitch.policy.values import checked, refuse


class Human(StrEnum):
    """What people decide, never the machine: the word in a message's front matter (`decides: offer`)."""

    DECISION = "decision"
    OFFER = "offer"
    PRICE = "price"
    CLOSING = "closing"
    COMPENSATION = "compensation"
    MAJOR_DONOR = "major_donor"
    MASS = "mass"
    AI_TEXT = "ai_text"
    PUBLIC_REPLY = "public_reply"


ALWAYS_HUMAN = frozenset(human.value for human in Human)  # no file can hand these to the machine
_WORD = re.compile("[a-z][a-z0-9_]{1,62}")
_NEAR = 0.8  # nearer to one of ours than this, a word is a slip of the pen
_NOBODY = ("none", "off", "no", "false", "nobody", "any")


def slip(word: str) -> str:
    """What stands against a word as a class of one's own, as words that help; "" for a good one."""
    if word in ALWAYS_HUMAN:
        return ""
    near = get_close_matches(word.casefold(), sorted(ALWAYS_HUMAN), n=1, cutoff=_NEAR)
    if near:
        return f"did you mean {near[0]}? a word of your own must differ more from it"
    if not _WORD.fullmatch(word) or word in _NOBODY:
        return "a word of your own has small English letters, digits and _, such as public_apology"
    return ""


def humans(value: Any) -> tuple[str, ...]:
    """The words that a file adds; naming a class that always holds changes nothing."""
    if value == [] or (isinstance(value, str) and value.strip().casefold() in (*_NOBODY, "[]")):
        said = "an empty list" if value == [] else short(value)
        fix = "take the line out, or add words of your own such as [public_apology]"
        raise refuse(f"is {said}, and people always decide {', '.join(Human)}", fix)
    if not isinstance(value, list | tuple):
        raise refuse("must be a list", "write words of your own such as [public_apology]")
    for place, one in enumerate(value):
        if not isinstance(one, str):
            raise refuse("is a list or section", "write one word", place)
        if wrong := slip(one):
            raise refuse(f"is {short(one)}", wrong, place)
    return tuple(dict.fromkeys(value))


Humans = Annotated[tuple[str, ...], checked(humans)]
