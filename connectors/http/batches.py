"""Many effects in one call, each with its own permit and its own receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import TypeAlias, TypeVar

from connectors.http.outcome import Answer, NotSent, Rejected, Result, receipt
from offswitch.act.ports import Order
from offswitch.errors import Lapsed
from offswitch.model.receipt import Outcome, Receipt

P = TypeVar("P")
Misfit: TypeAlias = Callable[[Order[P]], Receipt | None]


def in_batches(
    orders: Sequence[Order[P]],
    most: int,
    misfit: Misfit[P],
    call: Callable[[Sequence[Order[P]]], Result],
    parts: Callable[[Answer, Sequence[Order[P]]], Sequence[Receipt]],
) -> Iterator[Receipt]:
    """One receipt per order, in order. At most `most` orders go into one call.

    `misfit` is the receipt of an order that can't be sent at all: its permit is for something else, or it lacks something.
    `call` passes the permits of its orders to the client. `parts` reads an answer: one receipt per order. A batch that is
    refused for one contact's sake, of which surely nothing was done, is halved until only that contact is refused.
    """
    waiting = iter(orders)
    while batch := list(islice(waiting, most)):
        for unfit, group in groupby(batch, lambda order: misfit(order) is not None):
            some = list(group)
            if unfit:
                yield from filter(None, map(misfit, some))
            else:
                yield from _together(some, call, parts)


def _together(
    batch: list[Order[P]], call: Callable[[Sequence[Order[P]]], Result], parts: Callable[[Answer, Sequence[Order[P]]], Sequence[Receipt]]
) -> list[Receipt]:
    alive, lapsed = _alive(batch)
    result = call(alive) if alive else NotSent("", lapsed=True)
    if isinstance(result, NotSent) and result.lapsed and alive:
        alive, late = _alive(alive)
        lapsed |= late
        result = call(alive) if alive and late else result  # one lapse holds all back: the others get one more try
    found = {each.key: each for each in _parted(alive, result, call, parts)} | lapsed
    return [found[order.permit.key] for order in batch]


def _parted(
    batch: list[Order[P]],
    result: Result,
    call: Callable[[Sequence[Order[P]]], Result],
    parts: Callable[[Answer, Sequence[Order[P]]], Sequence[Receipt]],
) -> list[Receipt]:
    match result:
        case Answer():
            return list(parts(result, batch))
        case Rejected(fault="contact") if len(batch) > 1:
            half = len(batch) // 2
            return _together(batch[:half], call, parts) + _together(batch[half:], call, parts)
        case _:
            return [receipt(order.permit.key, result) for order in batch]


def _alive(batch: Sequence[Order[P]]) -> tuple[list[Order[P]], dict[str, Receipt]]:
    alive: list[Order[P]] = []
    lapsed: dict[str, Receipt] = {}
    for order in batch:
        try:
            order.permit.check()
        except Lapsed as lapse:
            lapsed[order.permit.key] = Receipt(order.permit.key, Outcome.LAPSED, str(lapse))
        else:
            alive.append(order)
    return alive, lapsed
