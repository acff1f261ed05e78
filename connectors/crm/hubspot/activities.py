"""HubSpot's notes and tasks, each made once.

Each bears our key in a property of unique values, so it is made once or refused, together with its link to the person, so it never
hangs in the air. What is there is not written again: a task that somebody finished stays finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from connectors.crm.hubspot.account import KEY, Account
from connectors.crm.hubspot.batch import MOST, Input, judged, read_by, results, told, written
from connectors.http import Answer, Client, Result, in_batches
from connectors.register.fields import as_text
from connectors.register.orders import Failed, all_alike, fits
from offswitch.act.ports import Change, Order
from offswitch.model.action import Kind
from offswitch.model.receipt import Outcome, Receipt

# https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide : the default kind of link to a contact
_LINK = {"notes": 202, "tasks": 204}
KINDS = {Kind.NOTE: "notes", Kind.TASK: "tasks"}
_BODY = ("title", "due", "text", "owner")


class Activities:
    """Notes and tasks of people."""

    def __init__(self, client: Client, account: Account) -> None:
        self._client = client
        self._account = account

    def write(self, kind: Kind, orders: Sequence[Order[Change]], contacts: Mapping[str, str]) -> dict[str, Receipt]:
        """By key. `contacts`: the contact's id by key."""
        there = self.there(KINDS[kind], [order.payload.external_id for order in orders])
        if not isinstance(there, dict):
            return all_alike(orders, there)
        found = {
            order.permit.key: Receipt(order.permit.key, Outcome.PERFORMED, "it was there already", there[order.payload.external_id])
            for order in orders
            if order.payload.external_id in there
        }
        found |= {one.key: one for one in self._make(KINDS[kind], [one for one in orders if one.permit.key not in found], contacts)}
        return self._read_back(KINDS[kind], orders, found)

    def there(self, kind: str, ids: Sequence[str]) -> dict[str, str] | Failed:
        """Which of our ids HubSpot has, and under which of its own."""
        unready = self._account.ready(kind)
        if unready is not None:
            return unready
        answer = judged(self._client.call(read_by(kind, KEY, ids, [KEY])))
        if not isinstance(answer, Answer):
            return answer
        return {str((one.get("properties") or {}).get(KEY)): str(one.get("id", "")) for one in results(answer)}

    def _make(self, kind: str, orders: Sequence[Order[Change]], contacts: Mapping[str, str]) -> list[Receipt]:
        now = datetime.now(UTC)

        def call(batch: Sequence[Order[Change]]) -> Result:
            inputs = [Input(one.payload.external_id, _body(kind, one.payload, contacts[one.permit.key], now)) for one in batch]
            return judged(self._client.call(written(f"/crm/v3/objects/{kind}/batch/create", inputs), [one.permit for one in batch]))

        def parts(answer: Answer, batch: Sequence[Order[Change]]) -> list[Receipt]:
            return told(answer, {one.payload.external_id: one.permit.key for one in batch}, KEY)

        return list(in_batches(orders, MOST, fits, call, parts))

    def _read_back(self, kind: str, orders: Sequence[Order[Change]], found: dict[str, Receipt]) -> dict[str, Receipt]:
        """What was refused or is in doubt may be there: another worker made it, or the answer was lost."""
        doubtful = {one.payload.external_id: one.permit.key for one in orders if found[one.permit.key].outcome in _DOUBTFUL}
        there = self.there(kind, list(doubtful)) if doubtful else {}
        if not isinstance(there, dict):
            return found
        read = {doubtful[one]: reference for one, reference in there.items() if one in doubtful}
        return found | {key: Receipt(key, Outcome.PERFORMED, "read back", reference) for key, reference in read.items()}


_DOUBTFUL = frozenset({Outcome.REJECTED, Outcome.RETRY, Outcome.UNKNOWN})


def _body(kind: str, change: Change, contact: str, now: datetime) -> dict[str, object]:
    link = {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _LINK[kind]}]}
    properties = _note(change, now) if kind == "notes" else _task(change, now)
    return {"properties": {KEY: change.external_id, **properties}, "associations": [link]}


def _note(change: Change, now: datetime) -> dict[str, str]:
    return {"hs_note_body": _html(as_text(change.values["text"])), "hs_timestamp": _instant(now)}


def _task(change: Change, now: datetime) -> dict[str, str]:
    """`due` as a date or a time in ISO 8601, else now; `owner` is HubSpot's id of one; what else is told stands in the text."""
    values = change.values
    more = [f"{name}: {as_text(value)}" for name, value in values.items() if name not in _BODY]
    task = {
        "hs_task_subject": as_text(values["title"]),
        "hs_task_body": _html("\n".join(filter(None, [as_text(values.get("text")), *more]))),
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
        "hs_timestamp": _due(as_text(values.get("due")), now),
        "hubspot_owner_id": as_text(values.get("owner")),
    }
    return {name: value for name, value in task.items() if value}


def _html(text: str) -> str:
    """HubSpot shows these two as HTML."""
    return escape(text, quote=False).replace("\n", "<br>")


def _due(told: str, now: datetime) -> str:
    try:
        due = datetime.fromisoformat(told)
    except ValueError:
        return _instant(now)
    return _instant(due if due.tzinfo is not None else due.replace(tzinfo=UTC))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
