"""Orders done at the same time, where a provider takes one at a time and is far away."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from offswitch.act.ports import Order
from offswitch.model.receipt import Receipt

P = TypeVar("P")


def side_by_side(orders: Sequence[Order[P]], lanes: int, do: Callable[[Order[P]], Receipt]) -> Iterator[Receipt]:
    """One receipt per order, in order. At most `lanes` orders are under way, counted from the first whose receipt is not taken yet.

    The first order is done alone: what keeps it from being done keeps all, and is then met once. `do` checks the permit.
    """
    yield from map(do, orders[:1])
    if lanes == 1:
        yield from map(do, orders[1:])
    elif len(orders) > 1:
        yield from _at_once(orders[1:], lanes, do)


def _at_once(orders: Sequence[Order[P]], lanes: int, do: Callable[[Order[P]], Receipt]) -> Iterator[Receipt]:
    """Whoever stops asking for receipts waits for those that are under way; nothing more begins."""
    under_way: deque[Future[Receipt]] = deque()
    with ThreadPoolExecutor(lanes, "lane") as pool:
        for order in orders:
            under_way.append(pool.submit(do, order))
            if len(under_way) == lanes:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
