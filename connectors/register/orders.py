"""Which of the orders for a customer register can be carried out now, and which of them go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.http import Busy, NotSent, Rejected, Result, Unknown, receipt
from connectors.register.unfit import unfit
from offswitch.act.ports import Change, Order
from offswitch.errors import ConnectorError, Lapsed, Permanent, Retryable
from offswitch.model.action import Kind
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
        wrong = _unready(order)
        if wrong is None:
            found.fit.append(order)
        else:
            found.receipts[order.permit.key] = wrong
    return found


def _unready(order: Order[Change]) -> Receipt | None:
    wrong = unfit(order)
    if wrong is not None:
        return wrong
    try:
        order.permit.check()
    except Lapsed as lapse:
        return Receipt(order.permit.key, Outcome.LAPSED, str(lapse))
    return None


def apart(orders: Sequence[Order[Change]], most: int) -> Iterator[list[Order[Change]]]:
    """In order, at most so many together, and of each kind one for a person: providers refuse one record twice in a call."""
    some: dict[tuple[str, Kind], Order[Change]] = {}
    for order in orders:
        place = address(order), order.payload.kind
        if place in some or len(some) == most:
            yield list(some.values())
            some = {}
        some[place] = order
    if some:
        yield list(some.values())


def addresses(orders: Sequence[Order[Change]]) -> list[str]:
    """Everybody whom these orders are about, once."""
    return list(dict.fromkeys(map(address, orders)))


def address(order: Order[Change]) -> str:
    """Whom an order is about, the same for every spelling of the address."""
    return _canonical(order.payload.contact.email)


_canonical = lru_cache(1_000)(canonical_email)  # asked for many times while an order is under way


def leaves_a_key(key: str) -> bool:
    """Can it be seen at the register that this was done? Notes and tasks bear their key, changes of a person don't."""
    return not key.rpartition("\x1f")[2].startswith(f"{Kind.UPDATE.value}:")


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
