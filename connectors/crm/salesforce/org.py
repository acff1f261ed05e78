"""What `offswitch doctor` asks a Salesforce org: the log-in, the calls that are left, and the fields that we need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.crm.salesforce.calls import DATA
from connectors.crm.salesforce.people import Records
from connectors.crm.salesforce.session import Session
from connectors.http import Again, Answer, Client, Rejected, Request
from connectors.register.orders import Failed
from offswitch.model.finding import Finding, Level


def diagnose(session: Session, records: Records) -> Iterator[Finding]:
    """The log-in, the calls that are left today, and the fields of people and tasks."""
    entered = session.enter()
    if not isinstance(entered, Client):
        todo = "check OFFSWITCH_SALESFORCE_BASE_URL, _CLIENT_ID and _CLIENT_SECRET, and the flows that the connected app allows"
        yield Finding("salesforce log-in", _level(entered), entered.why, todo)
        return
    yield Finding("salesforce log-in", Level.FINE, "good")
    yield _calls_left(_asked(session, "/limits"))
    for kind, mapped in ((records.kind, list(records.fields.theirs_by_ours.values())), ("Task", [])):
        yield from _fields(kind, records.external_id, mapped, _asked(session, f"/sobjects/{kind}/describe"))
    if not records.history:
        yield Finding(
            "salesforce history",
            Level.ADVICE,
            "without field history a person's edit is known only until we change the same record",
            f"turn on field history for the fields of {records.kind} that we write, then set OFFSWITCH_SALESFORCE_HISTORY=true",
        )


def _asked(session: Session, path: str) -> dict[str, Any] | Failed:
    result = session.call(Request("GET", f"{DATA}{path}", again=Again.READ, theirs=frozenset()))
    if not isinstance(result, Answer):
        return result
    return result.json if isinstance(result.json, dict) else Rejected("Salesforce's answer is not what it documents")


def _calls_left(told: Mapping[str, Any] | Failed) -> Finding:
    about = "salesforce calls"
    if isinstance(told, Failed):
        return Finding(about, _level(told), told.why)
    day = told.get("DailyApiRequests")
    if not isinstance(day, dict) or not day.get("Max"):
        return Finding(about, Level.UNKNOWN, "Salesforce does not tell how many are left today")
    left, most = int(day.get("Remaining") or 0), int(day["Max"])
    said = f"{left:,} of {most:,} are left today"
    if not left:
        return Finding(about, Level.TROUBLE, said, "wait: the limit counts the last 24 hours; writes are held, none is lost")
    return Finding(about, Level.FINE if left > 0.2 * most else Level.ADVICE, said)


def _fields(kind: str, external_id: str, mapped: list[str], told: Mapping[str, Any] | Failed) -> Iterator[Finding]:
    about = f"salesforce {kind}"
    if isinstance(told, Failed):
        yield Finding(about, _level(told), told.why, f"give the user of the connected app access to {kind}")
        return
    fields = {str(one.get("name")): one for one in told.get("fields") or () if isinstance(one, dict)}
    key = fields.get(external_id, {})
    todo = f"make a text field {external_id} of {kind} (255 characters, external id, unique), or set OFFSWITCH_SALESFORCE_EXTERNAL_ID"
    if not (key.get("externalId") and key.get("unique")):
        said = f"{external_id} is no unique external id" if key else f"there is no field {external_id}"
        yield Finding(about, Level.TROUBLE, said, todo)
    closed = [name for name in mapped if not fields.get(name, {}).get("updateable")]
    if closed:
        yield Finding(about, Level.TROUBLE, f"can't write {', '.join(closed)}", "make them, or give the user the right to edit them")
    if key.get("externalId") and key.get("unique") and not closed:
        yield Finding(about, Level.FINE, "has the fields that are needed")


def _level(result: Failed) -> Level:
    return Level.TROUBLE if isinstance(result, Rejected) else Level.UNKNOWN
