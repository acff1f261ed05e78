"""Is the permit for this very order?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offswitch.act.ports import Order
from offswitch.model.receipt import Outcome, Receipt


def misdirected(order: Order[Any], recipients: Sequence[str], digest: str) -> Receipt | None:
    """The receipt of an order whose permit is for another person or another content."""
    if order.permit.recipient in recipients and order.permit.digest == digest:
        return None
    return Receipt(order.permit.key, Outcome.BROKEN, "the order is not the one that the permit was given for")
