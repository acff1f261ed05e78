"""Amounts in a currency's smallest unit, as payment providers write them: 500 is 5 dollars, 500 yen, half a dinar."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.forms.text import LARGEST, Unfit
from offswitch.policy.money import is_currency

# ISO 4217, table A.1 (2024-06): decimals of those currencies that don't have two.
DECIMALS: Mapping[str, int] = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def whole_units(amount: Any, currency: Any, digits: Mapping[str, int]) -> int | float:
    """The amount in whole units. `digits` outranks ISO 4217: providers keep old ways for some. Raises Unfit."""
    code = currency.strip().upper() if isinstance(currency, str) else ""
    if not is_currency(code):
        raise Unfit("the amount has no currency of ISO 4217")
    try:
        exact = Decimal(str(amount)) if isinstance(amount, str | int) and not isinstance(amount, bool) else Decimal("NaN")
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or exact != exact.to_integral_value() or exact.copy_abs() > LARGEST:
        raise Unfit("the amount is not a whole number of the currency's smallest unit")
    found = exact.scaleb(-digits.get(code, DECIMALS.get(code, 2)))
    return int(found) if found == found.to_integral_value() else float(found)
