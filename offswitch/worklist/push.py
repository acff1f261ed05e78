"""The worklist as tasks in the customer register, for teams that work there. An item is one task, however often it is pushed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePath

from offswitch.act.desk import PERMIT_SECONDS, WINDOW, Desk
from offswitch.act.ports import Change, Order
from offswitch.errors import Refused
from offswitch.gate.permit import grant
from offswitch.gate.standing import Standing, Stop
from offswitch.model.action import Kind
from offswitch.model.contact import Contact
from offswitch.model.receipt import Outcome
from offswitch.model.work import WorkItem
from offswitch.worklist.query import worklist
from offswitch.worklist.text import shown

CHANNEL = "crm"


def push(desk: Desk, now: datetime) -> Counter[str]:
    """How many tasks are new, how many were there, and what kept others back. Times are said in the zone of `now`.

    The flow's own stop doesn't matter: that is when the list is needed. Raises Refused while the register, the channel
    `crm` or everything is stopped.
    """
    items = worklist(desk)
    with desk.ledger.read() as book:
        against = _against(desk, desk.switchboard.look(book))
        people = {name: one for chunk in _chunks(items) for name, one in book.contacts.get([item.contact_id for item in chunk]).items()}
    if against is not None:
        raise Refused(f"nothing was pushed: {against}")
    counts: Counter[str] = Counter()
    for chunk in _chunks(items):
        new = [item for item in chunk if not _is_there(desk, item)]
        counts["there already"] += len(chunk) - len(new)
        for receipt in desk.crm.perform([_order(desk, item, people.get(item.contact_id) or Contact(item.contact_id), now) for item in new]):
            done = receipt.outcome is Outcome.PERFORMED
            counts["new" if done else f"not pushed: {receipt.reason or receipt.outcome.value}"] += 1
    return counts


def _against(desk: Desk, standing: Standing) -> Stop | None:
    """A hard stop that covers the register."""
    hard = (("channel", CHANNEL), ("connector", desk.crm.name))
    return next((stop for stop in standing.stops if _is_for_all(stop) or (stop.scope, stop.name) in hard), None)


def _is_for_all(stop: Stop) -> bool:
    """Everything is off: by the company's switch, or by the stop file that bears no flow's name."""
    by_file = stop.source == "stop file" and not PurePath(stop.reason).name.endswith(f"-{stop.name}")
    return stop.scope == "company" or by_file


def _is_there(desk: Desk, item: WorkItem) -> bool:
    found = desk.crm.look_up(item.id)
    return found is not None and found.outcome is Outcome.PERFORMED


def _order(desk: Desk, item: WorkItem, contact: Contact, now: datetime) -> Order[Change]:
    permit = grant(
        item.id,
        recipient=contact.email or contact.id,
        digest=item.id,
        token=0,
        guard=desk.switchboard,
        mark=_NoMark(),
        seconds=PERMIT_SECONDS,
        where=f"{item.flow}/{item.step}/{item.visit}/push",
    )
    values = {"title": f"{item.title}: {item.name}", "due": item.due.isoformat(), "text": shown(item, now)}
    return Order(permit, Change(Kind.TASK, contact, values, item.id, item.id))


class _NoMark:
    """A task under one name is one task: nobody needs to know how far a killed push came."""

    def begun(self, index: int) -> None:
        """Nothing."""

    def untouched(self, index: int) -> None:
        """Nothing."""


def _chunks(items: Sequence[WorkItem]) -> Iterator[Sequence[WorkItem]]:
    """So few at a time that their permits last."""
    return (items[start : start + WINDOW] for start in range(0, len(items), WINDOW))
