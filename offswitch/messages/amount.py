"""How much money a message is about: written in its head, or held by a fact that the head names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic_core import PydanticCustomError

from offswitch.policy.money import Money, is_currency, money


def amount_of(amount: str, currency: str, variables: Mapping[str, Any]) -> Money | None:
    """The amount that `amount` and `currency` mean, each a value or the name of a variable; None when it can't be told.

    A fact is a number beside a currency, or a text such as "500 SAR". Less than nothing, no number, a currency that is
    missing, unknown or said twice in two ways: not known, so only who may decide any amount decides.
    """
    said = _looked_up(amount, variables)
    code = str(_looked_up(currency, variables) or "").strip() if currency else ""
    whole = _as_money(said)
    if whole is not None:
        return whole if code in ("", whole.currency) else None
    number = _as_number(said)
    return Money(number, code) if number is not None and is_currency(code) else None


def variables_in(*texts: str) -> tuple[str, ...]:
    """Those of the texts that name a variable."""
    return tuple(text for text in texts if text and not written_out(text))


def written_out(text: str) -> bool:
    """Is this the value itself, not the name of a variable?"""
    return _as_money(text) is not None or is_currency(text)


def _looked_up(text: str, variables: Mapping[str, Any]) -> Any:
    """The value of a variable such as `event.amount`; a text that is a value stands for itself."""
    if written_out(text):
        return text
    found: Any = variables
    for part in text.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _as_money(value: Any) -> Money | None:
    try:
        return money(value) if isinstance(value, str) else None
    except PydanticCustomError:
        return None


def _as_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None
