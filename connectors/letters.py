"""Letters for providers that make the message themselves: mailboxes and texts as JSON carries them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from connectors.http import misdirected
from offswitch.act.ports import Order
from offswitch.errors import Permanent
from offswitch.messages.letter import Letter
from offswitch.messages.mime import harmless, wire_address
from offswitch.model.receipt import Outcome, Receipt

T = TypeVar("T")
_PLAIN = re.compile(r"[A-Za-z0-9 -]+")


def mailbox(name: str, address: str, fault: str) -> str:
    """`Name <address>`, the name in quotes where it needs them (RFC 5322, 3.4). Raises Permanent with this fault."""
    where = wire_address(address, fault)
    display = well_formed(harmless(name))
    if not display:
        return where
    if not _PLAIN.fullmatch(display):
        display = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{display} <{where}>"


def well_formed(text: str) -> str:
    """The text without halves of characters, which JSON can't carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def written(orders: Sequence[Order[Letter]], write: Callable[[Order[Letter]], T]) -> Mapping[str, T | Receipt]:
    """By key, what `write` makes of a letter; or the receipt of one that can't be sent, for which `write` raises Permanent."""
    return {order.permit.key: _written(order, write) for order in orders}


def _written(order: Order[Letter], write: Callable[[Order[Letter]], T]) -> T | Receipt:
    letter = order.payload
    wrong = misdirected(order, (letter.to,), letter.digest)
    if wrong is not None:
        return wrong
    try:
        return write(order)
    except Permanent as error:
        outcome = Outcome.BROKEN if error.fault == "system" else Outcome.REJECTED
        return Receipt(order.permit.key, outcome, str(error), letter.message_id)


def unfit(made: Mapping[str, object]) -> Callable[[Order[Letter]], Receipt | None]:
    """What `in_batches` asks of each order: the receipt of one that can't be sent."""

    def receipt_of(order: Order[Letter]) -> Receipt | None:
        found = made[order.permit.key]
        return found if isinstance(found, Receipt) else None

    return receipt_of
