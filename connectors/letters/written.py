"""Letters for providers that make the message themselves: mailboxes and texts as JSON carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic_core import to_json

from connectors.http import Body
from connectors.misdirected import misdirected
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
    display = harmless(name)
    if not display:
        return where
    if not _PLAIN.fullmatch(display):
        display = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{display} <{where}>"


def well_formed(text: str) -> str:
    """The text without halves of characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=16)
def sender_of(name: str, address: str) -> str:
    """The mailbox that letters come from, which is the same for nearly all of them. Raises Permanent."""
    return mailbox(name, address, "system")


def as_letters(value: Any) -> Body:
    """A JSON body of texts. Half a character, which JSON can't carry, becomes a question mark."""
    try:
        content = to_json(value)  # the same bytes as the standard library's, in a quarter of the time
    except ValueError:
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Body(content, "application/json")


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
