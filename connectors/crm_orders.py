"""Which of the orders for a customer register can be carried out now, and which of them go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.http import Busy, NotSent, Rejected, Result, Unknown, misdirected, receipt
from offswitch.act.ports import Change, Order
from offswitch.errors import ConnectorError, Lapsed, Permanent, Retryable
from offswitch.model.address import canonical_email
from offswitch.model.receipt import Outcome, Receipt

Failed = NotSent | Busy | Rejected | Unknown


@dataclass
class Sorted:
    """The orders that can be carried out, and the receipts of the others by key."""

    fit: list[Order[Change]] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)


def sorted_out(orders: Sequence[Order[Change]]) -> Sorted:
    """Before anybody is asked anything: what the permits don't allow, and people without an address, are left out."""
    found = Sorted()
    for order in orders:
        unfit = _unfit(order)
        if unfit is None:
            found.fit.append(order)
        else:
            found.receipts[order.permit.key] = unfit
    return found


def _unfit(order: Order[Change]) -> Receipt | None:
    key, change = order.permit.key, order.payload
    wrong = misdirected(order, (change.contact.email, change.contact.id), change.digest)
    if wrong is not None:
        return wrong
    if "@" not in change.contact.email:
        return Receipt(key, Outcome.REJECTED, "the register knows people by e-mail address, and this person has none")
    try:
        order.permit.check()
    except Lapsed as lapse:
        return Receipt(key, Outcome.LAPSED, str(lapse))
    return None


def apart(orders: Sequence[Order[Change]], most: int) -> Iterator[list[Order[Change]]]:
    """In order, at most so many together and nobody twice: providers refuse one record twice in a call."""
    some: dict[str, Order[Change]] = {}
    for order in orders:
        person = address(order)
        if person in some or len(some) == most:
            yield list(some.values())
            some = {}
        some[person] = order
    if some:
        yield list(some.values())


def address(order: Order[Change]) -> str:
    """Whom an order is about, the same for every spelling of the address."""
    return canonical_email(order.payload.contact.email)


def all_alike(orders: Sequence[Order[Change]], result: Failed) -> dict[str, Receipt]:
    """The receipts of orders that one failed call held back, by key."""
    return {order.permit.key: receipt(order.permit.key, result) for order in orders}


def fits(_: Order[Change]) -> Receipt | None:
    """What `in_batches` asks: these orders are sorted out already."""
    return None


def refusal(result: Result) -> ConnectorError:
    """What a read that failed raises."""
    why = "the provider's answer is not what it documents" if not isinstance(result, Failed) else result.why
    return Permanent(why, "system") if isinstance(result, Rejected) else Retryable(why)
