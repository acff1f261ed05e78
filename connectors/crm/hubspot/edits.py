"""What people changed in HubSpot, page by page.

The search index lags behind the records by seconds, so each round begins five minutes before the one before it began: duplicates
bear the same id, and nothing is lost. HubSpot gives 10,000 results of one search at most, so a page goes on by time, and by record
id where more than a page bear the same time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.crm.hubspot.batch import MOST_WITH_HISTORY
from connectors.crm.hubspot.contacts import Person
from connectors.http import Again, Request, as_json
from connectors.register.fields import Fields
from connectors.register.merge import Version
from offswitch.act.ports import Edit

PAGE = MOST_WITH_HISTORY
LAG = timedelta(minutes=5)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Times in ISO 8601. `since`: changes from here on are told in this round.

    `at`: how far the round came, `id`: within `at`, by record. `next`: where the round after this begins, "" while this one
    hasn't begun.
    """

    since: str
    at: str
    next: str
    id: str = ""

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def cursor_of(text: str, now: datetime) -> Cursor:
    """Where to go on; from now on when it is "". Raises ValueError."""
    if not text:
        start = now.replace(microsecond=now.microsecond // 1000 * 1000).isoformat()  # HubSpot keeps milliseconds
        return Cursor(start, start, "")
    try:
        return Cursor(**json.loads(text))
    except (TypeError, ValueError):
        raise ValueError("this is no cursor of HubSpot's edits") from None


def begun(cursor: Cursor, now: datetime) -> Cursor:
    """A round that begins now."""
    return cursor if cursor.next else replace(cursor, next=max(datetime.fromisoformat(cursor.since), now - LAG).isoformat())


def page(cursor: Cursor) -> Request:
    """The next contacts that were changed."""
    at = str(_milliseconds(datetime.fromisoformat(cursor.at)))
    changed = {"propertyName": "lastmodifieddate", "operator": "EQ" if cursor.id else "GTE", "value": at}
    after = [{"propertyName": "hs_object_id", "operator": "GT", "value": cursor.id}] if cursor.id else []
    body = {
        "filterGroups": [{"filters": [changed, *after]}],
        "sorts": ["hs_object_id" if cursor.id else "lastmodifieddate"],
        "properties": ["email", "lastmodifieddate", "hs_object_id"],
        "limit": PAGE,
    }
    return Request("POST", "/crm/v3/objects/contacts/search", as_json(body), Again.READ, cost=4)  # searches have a limit of their own


def onward(cursor: Cursor, records: Sequence[Mapping[str, Any]]) -> tuple[Cursor, bool]:
    """Where to go on after a page, and whether at once."""
    full = len(records) >= PAGE
    if cursor.id and full:
        return replace(cursor, id=str(records[-1]["id"])), True
    if cursor.id:
        return replace(cursor, at=(datetime.fromisoformat(cursor.at) + _MILLISECOND).isoformat(), id=""), True
    if not full:
        return Cursor(cursor.next, cursor.next, ""), False
    last = _changed(records[-1])
    if last > datetime.fromisoformat(cursor.at):
        return replace(cursor, at=last.isoformat()), True
    return replace(cursor, id="0"), True


def edits_of(person: Person, fields: Fields, since: datetime) -> list[Edit]:
    """What others set on one person since then; what was set at one time by one person is one edit."""
    found: dict[tuple[datetime, str], dict[str, str]] = {}
    for ours, theirs in fields.theirs_by_ours.items():
        for version in _theirs(person.history.get(theirs, ()), since):
            found.setdefault((version.at, version.by), {})[ours] = version.value
    email = person.values.get("email", "")
    return [Edit(f"hubspot/{person.id}/{at.isoformat()}/{by}", email, at, values, by) for (at, by), values in found.items() if email]


def _theirs(versions: Sequence[Version], since: datetime) -> list[Version]:
    return [version for version in versions if not version.ours and version.at >= since]


def _changed(record: Mapping[str, Any]) -> datetime:
    told = (record.get("properties") or {}).get("lastmodifieddate") or record.get("updatedAt")
    return datetime.fromisoformat(str(told)).astimezone(UTC)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
