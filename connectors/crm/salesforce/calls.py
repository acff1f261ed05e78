"""Salesforce's REST calls: queries, many records in one call, and what became of each.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm (200
records, each with its own success) and …/resources_composite_composite.htm (25 calls in one, each with its own headers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from connectors.crm.salesforce.session import Session, codes
from connectors.http import Again, Answer, Rejected, Request, as_json
from connectors.register.orders import Failed
from offswitch.model.receipt import Outcome, Receipt

DATA = "/services/data/v61.0"
MOST_RECORDS = 200  # of a collection
_LENGTH = 5_000  # characters of a list, which may stand twice in a URL; Salesforce takes 16,384 in all
MOST_CALLS = 25  # of a composite
CHANGED = "somebody changed the record meanwhile"
_FOR_NOW = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "DUPLICATE_VALUE",
        "PROCESSING_HALTED",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "ENTITY_IS_DELETED",
        "NOT_FOUND",
    }
)
_OURS = frozenset({
    "INVALID_FIELD",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INVALID_TYPE",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
})  # fmt: skip
_MERGE = frozenset({"DUPLICATES_DETECTED", "DUPLICATE_EXTERNAL_ID"})


def query(session: Session, soql: str) -> list[dict[str, Any]] | Failed:
    """All records of a query, page after page."""
    found: list[dict[str, Any]] = []
    request = Request("GET", f"{DATA}/query", again=Again.READ, params={"q": soql}, theirs=frozenset())
    while True:
        answer = session.call(request)
        if not isinstance(answer, Answer):
            return answer
        told = answer.json if isinstance(answer.json, dict) else {}
        if not isinstance(told.get("records"), list):
            return Rejected("Salesforce's answer is not what it documents")
        found += [record for record in told["records"] if isinstance(record, dict)]
        if told.get("done", True) or not told.get("nextRecordsUrl"):
            return found
        request = Request("GET", str(told["nextRecordsUrl"]), again=Again.READ)


def query_among(session: Session, soql: Callable[[str], str], values: Sequence[str]) -> list[dict[str, Any]] | Failed:
    """All records of a query with `in (…)`, each once, by several queries where one would be too long for an address."""
    found: dict[str, dict[str, Any]] = {}
    for some in _pieces(values):
        part = query(session, soql(quoted(some)))
        if not isinstance(part, list):
            return part
        found |= {str(record.get("Id")): record for record in part}
    return list(found.values())


def _pieces(values: Sequence[str]) -> Iterator[list[str]]:
    some: list[str] = []
    length = 0
    for value in values:
        size = len(quote(value, safe="")) + 12  # with quotes and a comma, encoded
        if some and length + size > _LENGTH:
            yield some
            some, length = [], 0
        some.append(value)
        length += size
    if some:
        yield some


def select(columns: Sequence[str], source: str, where: str) -> str:
    """SOQL. Values in `where` are quoted; names come from settings, which take nothing but names."""
    return " ".join(("SELECT", ", ".join(columns), "FROM", source, "WHERE", where))


def quoted(values: Sequence[str]) -> str:
    """Texts as SOQL has them in `in (…)`."""
    escaped = (value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") for value in values)
    return ", ".join(f"'{value}'" for value in escaped)


def upsert(kind: str, external_id: str, records: Sequence[Mapping[str, Any]]) -> Request:
    """Records by the value of an external id; the same twice is one."""
    body = {"allOrNone": False, "records": [{"attributes": {"type": kind}, **record} for record in records]}
    return Request("PATCH", f"{DATA}/composite/sobjects/{kind}/{external_id}", as_json(body), Again.SAFE)


def upserted(answer: Answer, keys: Sequence[str]) -> list[Receipt]:
    """One receipt for each record, in order; what the answer doesn't speak of is in doubt."""
    told = answer.json if isinstance(answer.json, list) else []
    return [_of_record(key, told[place] if place < len(told) else None) for place, key in enumerate(keys)]


def changes(kind: str, records: Sequence[tuple[str, Mapping[str, Any], datetime | None]]) -> Request:
    """Records by id: each is written only if nobody changed it after the time given."""
    calls = [
        {
            "method": "PATCH",
            "url": f"{DATA}/sobjects/{kind}/{name}",
            "referenceId": f"r{place}",
            "body": dict(values),
            **({"httpHeaders": {"If-Unmodified-Since": _http_date(unless)}} if unless is not None else {}),
        }
        for place, (name, values, unless) in enumerate(records)
    ]
    return Request("POST", f"{DATA}/composite", as_json({"allOrNone": False, "compositeRequest": calls}), Again.SAFE)


def changed(answer: Answer, keys: Sequence[str]) -> list[Receipt]:
    """One receipt for each call of a composite."""
    told = answer.json.get("compositeResponse") if isinstance(answer.json, dict) else None
    parts = {str(part.get("referenceId")): part for part in told or () if isinstance(part, dict)}
    return [_of_call(key, parts.get(f"r{place}")) for place, key in enumerate(keys)]


def instant(told: Any) -> datetime:
    """A time of Salesforce, at the end of its second: Salesforce keeps no parts, and in doubt a person was later than we."""
    return datetime.fromisoformat(str(told)).astimezone(UTC).replace(microsecond=0) + timedelta(microseconds=999_999)


def _of_record(key: str, told: Any) -> Receipt:
    if not isinstance(told, dict) or not isinstance(told.get("success"), bool):
        return Receipt(key, Outcome.UNKNOWN, "Salesforce's answer does not speak of this change")
    if told["success"]:
        return Receipt(key, Outcome.PERFORMED, reference=str(told.get("id") or ""))
    return refused(key, codes(told.get("errors")))


def _of_call(key: str, told: Any) -> Receipt:
    status = told.get("httpStatusCode") if isinstance(told, dict) else None
    if not isinstance(status, int) or status >= 500:
        return Receipt(key, Outcome.UNKNOWN, "Salesforce's answer does not tell whether this was done")
    if 200 <= status < 300:
        return Receipt(key, Outcome.PERFORMED)
    if status == 412:
        return Receipt(key, Outcome.RETRY, CHANGED)
    return refused(key, codes(told.get("body")))


def refused(key: str, named: set[str]) -> Receipt:
    """What a refusal means, by the names that Salesforce gives it."""
    words = ", ".join(sorted(named & (_FOR_NOW | _OURS | _MERGE))) or "a value is not allowed"
    if named & _MERGE:
        return Receipt(key, Outcome.REJECTED, f"Salesforce has several records of this person: merge them ({words})")
    if named & _FOR_NOW:
        return Receipt(key, Outcome.RETRY, f"Salesforce refused it for now: {words}")
    if named & _OURS:
        return Receipt(key, Outcome.BROKEN, f"Salesforce refused it: {words}; see `offswitch doctor`")
    return Receipt(key, Outcome.REJECTED, f"Salesforce refused it: {words}")


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)
