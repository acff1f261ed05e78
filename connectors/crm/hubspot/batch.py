"""HubSpot's batch calls (CRM v3): their requests, and what became of each input.

https://developers.hubspot.com/docs/api-reference/error-handling : with an `objectWriteTraceId` for each input, an answer 207
tells one by one; without, one bad input refuses all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.http import Again, Answer, Rejected, Request, Result, as_json
from offswitch.model.receipt import Outcome, Receipt

MOST = 100  # inputs
MOST_WITH_HISTORY = 50
MISSING = "HubSpot does not know one of these properties: see `offswitch doctor`"
_OURS = frozenset({"PROPERTY_DOESNT_EXIST", "INVALID_OBJECT_TYPE", "MISSING_SCOPES"})
_AGAIN = frozenset({"CONFLICT", "OBJECT_NOT_FOUND", "RATE_LIMIT", "RATE_LIMITS"})  # somebody was faster: it comes out right the next time
_DONE = frozenset({200, 201, 207})


@dataclass(frozen=True, slots=True)
class Input:
    """One record of a batch. `mark` names it in the answer; `body` is what HubSpot gets."""

    mark: str
    body: Mapping[str, Any]


def written(path: str, inputs: Sequence[Input]) -> Request:
    """A call that comes to the same when it is made twice."""
    return Request("POST", path, as_json({"inputs": [{**one.body, "objectWriteTraceId": one.mark} for one in inputs]}), Again.SAFE)


def read_by(kind: str, property_name: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str] = ()) -> Request:
    """Records by the value of a unique property; those that are not there are absent from the answer. Read back, never searched."""
    body = {
        "idProperty": property_name,
        "inputs": [{"id": one} for one in ids],
        "properties": list(properties),
        "propertiesWithHistory": list(history),
    }
    return Request("POST", f"/crm/v3/objects/{kind}/batch/read", as_json(body), Again.READ)


def judged(result: Result) -> Result:
    """A refusal that is not about one person, although its status says so, is about us."""
    if isinstance(result, Rejected) and result.answer is not None and _codes(result.answer.json) & _OURS:
        return replace(result, why=MISSING, fault="system")
    return result


def results(answer: Answer) -> list[dict[str, Any]]:
    """The records of an answer."""
    return _records(answer.json, "results")


def told(answer: Answer, keys: Mapping[str, str], unique: str) -> list[Receipt]:
    """One receipt for each mark of `keys` (mark -> send-once key). `unique` is the property whose value a mark may be."""
    done = {_mark(record, unique, keys): record for record in results(answer)} if answer.status in _DONE else {}
    refused = {mark: error for error in _records(answer.json, "errors") for mark in _marks(error)}
    return [_receipt(key, done.get(mark), refused.get(mark)) for mark, key in keys.items()]


def _receipt(key: str, record: Mapping[str, Any] | None, error: Mapping[str, Any] | None) -> Receipt:
    if record is not None:
        return Receipt(key, Outcome.PERFORMED, reference=str(record.get("id", "")))
    if error is None:
        return Receipt(key, Outcome.UNKNOWN, "HubSpot's answer does not speak of this change")
    if _codes(error) & _OURS:
        return Receipt(key, Outcome.BROKEN, MISSING)
    if _codes(error) & _AGAIN:
        return Receipt(key, Outcome.RETRY, "HubSpot refused it for now: somebody else wrote at the same time")
    return Receipt(key, Outcome.REJECTED, "HubSpot refused a value: is it one that the property allows?")


def _mark(record: Mapping[str, Any], unique: str, keys: Mapping[str, str]) -> str:
    properties = record.get("properties")
    named = (record.get("objectWriteTraceId"), record.get("id"), properties.get(unique) if isinstance(properties, dict) else None)
    return next((str(name) for name in named if name in keys), "")


def _marks(error: Mapping[str, Any]) -> list[str]:
    context = error.get("context")
    marks = context.get("objectWriteTraceId") if isinstance(context, dict) else None
    return [str(mark) for mark in marks] if isinstance(marks, list) else []


def _codes(error: Any) -> set[str]:
    """All that an error is called: HubSpot says to take each field as optional."""
    if not isinstance(error, dict):
        return set()
    inner = [one.get("code") for one in _records(error, "errors")]
    return {str(code) for code in (error.get("category"), error.get("subCategory"), *inner) if code}


def _records(value: Any, name: str) -> list[dict[str, Any]]:
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
