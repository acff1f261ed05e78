"""What people changed in Salesforce, page by page, by the time of the change and the record's id.

A transaction that takes long is seen late, so each round begins five minutes before the one before it began; what is told twice
bears the same id. With field history each change is told as it was made; without, who changed a record last and what it holds now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from connectors.crm.salesforce.calls import quoted, select
from connectors.crm.salesforce.people import Records
from connectors.register.fields import as_text
from offswitch.act.ports import Edit

PAGE = 200
LAG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far this round came, by time (ISO 8601) and `id`, and where the `next` one begins: "" while this one hasn't begun."""

    at: str
    id: str = ""
    next: str = ""

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def cursor_of(text: str, now: datetime) -> Cursor:
    """Where to go on; from now on when it is "". Raises ValueError."""
    try:
        found = Cursor(**json.loads(text)) if text else Cursor(now.replace(microsecond=0).isoformat())  # Salesforce keeps seconds
        at = datetime.fromisoformat(found.at)
    except (TypeError, ValueError):
        raise ValueError("this is no cursor of Salesforce's edits") from None
    return found if found.next else replace(found, next=max(at, now - LAG).isoformat())


def page(cursor: Cursor, records: Records, me: str) -> str:
    """The query for what comes next."""
    fields = list(records.fields.theirs_by_ours.values())
    if records.history:
        parent = records.kind
        source, stamp, by, more = f"{parent}History", "CreatedDate", "CreatedById", f" AND Field IN ({quoted(fields)})"
        columns = ["Id", f"{parent}Id", f"{parent}.Email", "Field", "NewValue", by, stamp]
    else:
        source, stamp, by, more = records.kind, "SystemModstamp", "LastModifiedById", ""
        columns = ["Id", "Email", by, "LastModifiedDate", stamp, *fields]
    at = _soql(datetime.fromisoformat(cursor.at))
    after = f"({stamp} > {at} OR ({stamp} = {at} AND Id > {quoted([cursor.id])}))" if cursor.id else f"{stamp} >= {at}"
    return select(columns, source, f"{after} AND {by} != {quoted([me])}{more} ORDER BY {stamp}, Id LIMIT {PAGE}")


def onward(cursor: Cursor, records: Records, found: list[dict[str, Any]]) -> tuple[Cursor, bool]:
    """Where to go on after a page, and whether at once."""
    if len(found) < PAGE:
        return Cursor(cursor.next), False
    stamp = found[-1]["CreatedDate" if records.history else "SystemModstamp"]
    return replace(cursor, at=datetime.fromisoformat(str(stamp)).isoformat(), id=str(found[-1]["Id"])), True


def edit_of(record: Mapping[str, Any], records: Records) -> Edit | None:
    """One row as an edit; None where the person has no address."""
    ours = {theirs: name for name, theirs in records.fields.theirs_by_ours.items()}
    if records.history:
        email = as_text((record.get(records.kind) or {}).get("Email"))
        values = {ours[str(record["Field"])]: record.get("NewValue")}
        at, name, by = record["CreatedDate"], str(record["Id"]), record.get("CreatedById")
    else:
        email = as_text(record.get("Email"))
        values = {name: record.get(theirs) for theirs, name in ours.items()}
        at, by = record["LastModifiedDate"], record.get("LastModifiedById")
        said = blake2b(repr(sorted(values.items())).encode("utf-8", "replace"), digest_size=6).hexdigest()  # two saves in one second
        name = f"{record['Id']}/{at}/{said}"
    told = {field: as_text(value) if value is None or isinstance(value, str) else value for field, value in values.items()}
    if not email:
        return None
    return Edit(f"salesforce/{name}", email, datetime.fromisoformat(str(at)).astimezone(UTC), told, as_text(by), not records.history)


def _soql(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
