"""Which change no register could carry out."""

from __future__ import annotations

from connectors.misdirected import misdirected
from offswitch.act.ports import Change, Order
from offswitch.model.receipt import Outcome, Receipt


def unfit(order: Order[Change]) -> Receipt | None:
    """The receipt of a change that its permit is not for, or of a person without an address; None for all others."""
    change = order.payload
    wrong = misdirected(order, (change.contact.email, change.contact.id), change.digest)
    if wrong is not None or "@" in change.contact.email:
        return wrong
    return Receipt(order.permit.key, Outcome.REJECTED, "the register knows people by e-mail address, and this person has none")
