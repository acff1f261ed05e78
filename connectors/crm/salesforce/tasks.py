"""Salesforce's tasks; a note is one that is completed, so that it stands in the person's activity history.

Each bears our key as an external id. What is there is not written again: a task that somebody closed stays closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.crm.salesforce.calls import MOST_RECORDS, query_among, select, upsert, upserted
from connectors.crm.salesforce.session import Session
from connectors.http import Answer, Result, in_batches
from connectors.register.fields import as_text
from connectors.register.orders import Failed, all_alike, fits
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome, Receipt

SUBJECT = 255  # characters
_TOLD = ("title", "due", "text", "owner")
_DOUBTFUL = frozenset({Outcome.REJECTED, Outcome.RETRY, Outcome.UNKNOWN})


class Tasks:
    """Notes and tasks of people."""

    def __init__(self, session: Session, external_id: str) -> None:
        self._session = session
        self._external_id = external_id

    def write(self, orders: Sequence[Order[Change]], people: Mapping[str, str]) -> dict[str, Receipt]:
        """By key. `people`: the record's id by key."""
        there = self.there([order.payload.external_id for order in orders])
        if not isinstance(there, dict):
            return all_alike(orders, there)
        found = {
            order.permit.key: Receipt(order.permit.key, Outcome.PERFORMED, "it was there already", there[order.payload.external_id])
            for order in orders
            if order.payload.external_id in there
        }
        found |= {one.key: one for one in self._make([one for one in orders if one.permit.key not in found], people)}
        return self._read_back(orders, found)

    def there(self, ids: Sequence[str]) -> dict[str, str] | Failed:
        """Which of our ids Salesforce has, and under which of its own."""
        key = self._external_id
        found = query_among(self._session, lambda among: select(["Id", key], "Task", f"{key} IN ({among})"), ids)
        return {str(one.get(key)): str(one.get("Id")) for one in found} if isinstance(found, list) else found

    def _make(self, orders: Sequence[Order[Change]], people: Mapping[str, str]) -> list[Receipt]:
        def call(batch: Sequence[Order[Change]]) -> Result:
            records = [{self._external_id: one.payload.external_id, **_task(one.payload, people[one.permit.key])} for one in batch]
            return self._session.call(upsert("Task", self._external_id, records), [one.permit for one in batch])

        def parts(answer: Answer, batch: Sequence[Order[Change]]) -> list[Receipt]:
            return upserted(answer, [one.permit.key for one in batch])

        return list(in_batches(orders, MOST_RECORDS, fits, call, parts))

    def _read_back(self, orders: Sequence[Order[Change]], found: dict[str, Receipt]) -> dict[str, Receipt]:
        """What is in doubt may be there: another worker made it, or the answer was lost."""
        doubtful = {one.payload.external_id: one.permit.key for one in orders if found[one.permit.key].outcome in _DOUBTFUL}
        there = self.there(list(doubtful)) if doubtful else {}
        if not isinstance(there, dict):
            return found
        read = {doubtful[one]: reference for one, reference in there.items() if one in doubtful}
        return found | {key: Receipt(key, Outcome.PERFORMED, "read back", reference) for key, reference in read.items()}


def _task(change: Change, person: str) -> dict[str, Any]:
    """`due` as a date or a time in ISO 8601; `owner` is Salesforce's id of a user; what else is told stands in the description."""
    values = change.values
    if change.kind is Kind.NOTE:
        text = as_text(values["text"])
        first, _, _ = text.partition("\n")
        today = datetime.now(UTC).date().isoformat()
        return {"WhoId": person, "Subject": first[:SUBJECT], "Description": text, "Status": "Completed", "ActivityDate": today}
    more = [f"{name}: {as_text(value)}" for name, value in values.items() if name not in _TOLD]
    task = {
        "WhoId": person,
        "Subject": as_text(values["title"])[:SUBJECT],
        "Description": "\n".join(filter(None, [as_text(values.get("text")), *more])),
        "Status": "Not Started",
        "ActivityDate": _date(as_text(values.get("due"))),
        "OwnerId": as_text(values.get("owner")),
    }
    return {name: value for name, value in task.items() if value}


def _date(told: str) -> str:
    try:
        return datetime.fromisoformat(told).date().isoformat()
    except ValueError:
        return ""
