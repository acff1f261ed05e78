"""Amounts of money as people write them: `500 SAR`, `2,000 SAR`. Never a float; two currencies are never compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from offswitch.policy.plain import short, western
from offswitch.policy.values import refuse

_MONEY = re.compile(r"([0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(\.[0-9]{1,4})?[ \u00a0]?([A-Za-z]{3})")


@dataclass(frozen=True, slots=True)
class Money:
    """So much of one currency (ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        whole = self.amount == self.amount.to_integral_value()
        return f"{self.amount:,.0f} {self.currency}" if whole else f"{self.amount:,.{decimals(self.currency)}f} {self.currency}"


def money(value: Any) -> Money:
    """`500 SAR`, `2,000 SAR`, `12.50 USD`."""
    if isinstance(value, Money):
        return value
    text = value.strip() if isinstance(value, str) else ""
    found = _MONEY.fullmatch(text)
    if found is None:
        plain = western(text)
        fix = f"write {plain}, with the digits 0 to 9" if plain != text else "write a number and a currency such as 500 SAR"
        raise refuse(f"is {short(text)}" if text else "is a list or section", fix)
    code = found[3].upper()
    if found[3] != code or not is_currency(code):
        fix = f"did you mean {code}?" if is_currency(code) else "write the three letters of ISO 4217 such as SAR, EGP, USD"
        raise refuse(f"has {found[3]}, which is no currency", fix)
    if found[2] and len(found[2]) - 1 > decimals(code):
        raise refuse(f"is {short(text)}", f"{code} has at most {decimals(code)} decimals; thousands are set apart by a comma")
    return Money(Decimal(found[1].replace(",", "") + (found[2] or "")), code)


def is_currency(code: str) -> bool:
    """Is it in ISO 4217?"""
    from babel.core import get_global  # costs time that only a policy with amounts pays

    return code in get_global("all_currencies")


def decimals(code: str) -> int:
    """How many decimals a currency has."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(code)
