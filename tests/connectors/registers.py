"""What tests of customer registers share: orders for one person, at instants that the test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from offswitch.act.ports import Change, Crm, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome
from offswitch.testing.fakes import make_change, make_contact, make_permit

MONA = "mona@example.com"


def order(key: str, /, email: str = MONA, decided: datetime | None = None, yielding: Sequence[str] = (), **values: Any) -> Order[Change]:
    """A change of fields that was decided then, by default now."""
    contact = make_contact(id=email, email=email, name="", language="")
    then = decided or datetime.now(UTC)
    change = make_change(contact=contact, values=values, external_id=key, decided=then, yielding=frozenset(yielding))
    return Order(make_permit(key, recipient=email), change)


def note(key: str, /, text: str = "called", email: str = MONA, kind: Kind = Kind.NOTE) -> Order[Change]:
    """A note, or a task of that title."""
    values = {"title": text, "due": "2026-12-01"} if kind is Kind.TASK else {"text": text}
    contact = make_contact(id=email, email=email, name="", language="")
    return Order(make_permit(key, recipient=email), make_change(kind=kind, contact=contact, values=values, external_id=key))


def write(crm: Crm, *orders: Order[Change]) -> list[Outcome]:
    """How they ended."""
    return [receipt.outcome for receipt in crm.perform(orders)]


def facts(crm: Crm, email: str = MONA) -> dict[str, Any]:
    """What the register holds, without what is empty."""
    return {name: value for name, value in crm.read([email]).get(email, {}).items() if value}
