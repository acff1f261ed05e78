"""Who owns a field of the CRM: one owner each, so that people and flows don't undo each other's work."""

from __future__ import annotations

import re
from enum import StrEnum

from offswitch.policy.plain import short
from offswitch.policy.values import refuse


class FieldOwner(StrEnum):
    """A flow writes its own fields freely, those of people only while they are empty, and those of the CRM never."""

    PEOPLE = "people"
    MACHINE = "machine"
    CRM = "crm"  # the CRM computes it itself, as it does a score or a date of last contact


def crm_field(value: object) -> str:
    """The name of a field as `update()` in a flow writes it."""
    name = value if isinstance(value, str) else ""
    if name == "email":
        raise refuse("is email, which no flow writes", "leave it out: the address is what people are known by")
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,62}", name):
        raise refuse(f"is {short(str(value))}", "write the field as update() does: English letters, digits and _, beginning with a letter")
    return name
