"""HubSpot as its documents describe it: unique values, batches of 100, 207, a search that lags, a history of each property."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from offswitch.testing.http_server import Asked, reply
from tests.connectors.hubspot_sdk import ANSWERS, misfits

TOKEN = "pat-canary-e0f7"
APP = "4711"
SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write")
UI = {"sourceType": "CRM_UI", "sourceId": "userId:9", "updatedByUserId": 9}
US = {"sourceType": "INTEGRATION", "sourceId": APP}
PLAIN = {
    "type": "string",
    "fieldType": "text",
    "label": "",
    "description": "",
    "groupName": "information",
    "hasUniqueValue": False,
}
NEVER = datetime.min.replace(tzinfo=UTC)
STAGES = ("subscriber", "lead", "opportunity", "customer")


class Refused(Exception):
    def __init__(self, category: str, code: str = "", status: int = 400) -> None:
        super().__init__(category)
        self.error = {
            "status": "error",
            "category": category,
            "message": f"{category}: mona@example.com is not fine",
            "context": {},
            "links": {},
            "errors": [{"message": "no", "code": code}] if code else [],
        }
        self.status = status


@dataclass
class Record:
    id: str
    created: datetime
    properties: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    updated: datetime = NEVER
    to: list[str] = field(default_factory=list)

    def set(self, name: str, value: str, at: datetime, source: Mapping[str, Any]) -> None:
        old = self.properties.get(name, "")
        new = ";".join(filter(None, [old, *value.split(";")])) if name == "offswitch_tags" and value.startswith(";") else value
        self.updated = at
        if new != old:
            self.properties[name] = new
            self.history.setdefault(name, []).insert(0, {"value": new, "timestamp": stamp(at), **source})


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FakeHubspot:
    """`lag`: how old a change is before the search finds it. `calls_left`: of the day; None for enough."""

    kind = "crm"
    name = "hubspot"

    def __init__(self, *, lag: timedelta = timedelta(0), keyed: bool = True, behind: timedelta = timedelta(0)) -> None:
        self.objects: dict[str, dict[str, Record]] = {"contacts": {}, "notes": {}, "tasks": {}}
        words = ("email", "hs_additional_emails", "firstname", "lastname", "city", "lifecyclestage", "offswitch_tags", "company")
        self.properties = {kind: {"hs_timestamp": dict(PLAIN)} for kind in ("notes", "tasks")} | {
            "contacts": {w: dict(PLAIN) for w in words}
        }
        self.properties["contacts"]["email"]["hasUniqueValue"] = True
        for kind, more in (("notes", ("hs_note_body",)), ("tasks", ("hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_type"))):
            self.properties[kind] |= {name: dict(PLAIN) for name in (*more, "hubspot_owner_id")}
            if keyed:
                self.properties[kind]["offswitch_key"] = PLAIN | {"hasUniqueValue": True}
        self.lag = lag
        self.calls_left: int | None = None
        self.slow_down = 0
        self.misfits: list[str] = []
        self.before: Callable[[Asked], None] = lambda _: None
        self._behind = behind
        self._now = NEVER
        self._lock = threading.RLock()

    def environment(self, url: str) -> dict[str, str]:
        return {"OFFSWITCH_HUBSPOT_BASE_URL": url, "OFFSWITCH_HUBSPOT_TOKEN": TOKEN}

    def held(self) -> list[str]:
        return [json.dumps(one.properties) for kind in ("notes", "tasks") for one in self.objects[kind].values()]

    def writes(self, asked: Asked) -> bool:
        return asked.path.endswith(("/batch/create", "/batch/upsert", "/batch/update"))

    def now(self) -> datetime:
        """Goes on by a millisecond with every look, and is never further `behind` the true time than was said."""
        self._now = max(self._now + timedelta(milliseconds=1), datetime.now(UTC) - self._behind)
        return self._now

    def edit(self, email: str, **values: str) -> str:
        """Somebody changes a contact in HubSpot, or makes one."""
        with self._lock:
            record = self._by("contacts", "email", email) or self._new("contacts")
            for name, value in {"email": email, **values}.items():
                record.set(name, value, self.now(), UI)
            return record.id

    def person(self, email: str) -> Record:
        found = self._by("contacts", "email", email)
        assert found is not None
        return found

    def answer(self, asked: Asked) -> bytes:
        self.before(asked)
        with self._lock:
            if asked.headers.get("authorization") != f"Bearer {TOKEN}":
                return reply(401, {"status": "error", "category": "INVALID_AUTHENTICATION", "message": "no"})
            if (limited := self._limited()) is not None:
                return limited
            body = asked.json if asked.body else {}
            self.misfits += misfits(asked.path, body)
            try:
                return self._judged(asked.path, self._route(asked.method, asked.path, body))
            except Refused as refused:
                return reply(refused.status, refused.error | {"correlationId": "c"})

    def _judged(self, path: str, answer: bytes) -> bytes:
        self.misfits += misfits(path, json.loads(answer.partition(b"\r\n\r\n")[2]), ANSWERS)
        return answer

    def _limited(self) -> bytes | None:
        told = {"status": "error", "message": "limit", "errorType": "RATE_LIMIT", "correlationId": "c", "category": "RATE_LIMITS"}
        if self.slow_down:
            self.slow_down -= 1
            return reply(429, {**told, "policyName": "SECONDLY"})
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                return reply(429, {**told, "policyName": "DAILY"})
        return None

    def _route(self, method: str, path: str, body: Any) -> bytes:
        if path == "/oauth/v2/private-apps/get/access-token-info":
            return reply(200, {"userId": 1, "hubId": 2, "appId": int(APP), "scopes": list(SCOPES)})
        if path == "/account-info/v3/api-usage/daily/private-apps":
            return reply(200, {"results": [{"name": "private-apps-api-calls-daily", "usageLimit": 1000, "currentUsage": 10}]})
        if found := re.fullmatch(r"/crm/v3/properties/(\w+)(?:/(\w+))?", path):
            return self._property(method, found[1], found[2], body)
        if found := re.fullmatch(r"/crm/v3/objects/(\w+)/(batch/(?:read|upsert|update|create)|search)", path):
            carry_out = {
                "batch/read": self._read,
                "batch/upsert": self._upsert,
                "batch/update": self._update,
                "batch/create": self._create,
                "search": self._search,
            }
            return carry_out[found[2]](found[1], body)
        return reply(404, {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "no such path"})

    def _property(self, method: str, kind: str, name: str | None, body: Any) -> bytes:
        if method == "POST":
            if body["name"] in self.properties[kind]:
                raise Refused("CONFLICT", status=409)
            self.properties[kind][body["name"]] = dict(body)
            return reply(201, {**body, "options": []})
        if name not in self.properties[kind]:
            raise Refused("OBJECT_NOT_FOUND", status=404)
        return reply(200, {"name": name, "options": [], **self.properties[kind][name]})

    def _read(self, kind: str, body: Any) -> bytes:
        by = body.get("idProperty", "hs_object_id")
        self._batch(body["inputs"], 50 if body["propertiesWithHistory"] else 100)
        self._known(kind, [*body["properties"], *body["propertiesWithHistory"], *([by] if by != "hs_object_id" else [])])
        found = [self._by(kind, by, one["id"]) for one in body["inputs"]]
        there = {record.id: self._shown(record, body) for record in found if record}
        missing = [one["id"] for one, record in zip(body["inputs"], found, strict=True) if record is None]
        errors = [Refused("OBJECT_NOT_FOUND").error | {"context": {"ids": missing}}] if missing else []
        return self._told(list(there.values()), errors)

    def _upsert(self, kind: str, body: Any) -> bytes:
        def one(given: Any) -> Any:
            record = self._by(kind, given["idProperty"], given["id"])
            made = record is None
            self._allowed(kind, given["properties"], record)
            record = record or self._new(kind)
            self._set(record, {given["idProperty"]: given["id"], **given["properties"]})
            return self._shown(record, None) | {"new": made}

        return self._each(kind, body["inputs"], one)

    def _update(self, kind: str, body: Any) -> bytes:
        def one(given: Any) -> Any:
            record = self.objects[kind].get(given["id"])
            if record is None:
                raise Refused("OBJECT_NOT_FOUND")
            self._allowed(kind, given["properties"], record)
            self._set(record, given["properties"])
            return self._shown(record, None)

        return self._each(kind, body["inputs"], one)

    def _create(self, kind: str, body: Any) -> bytes:
        def one(given: Any) -> Any:
            self._allowed(kind, given["properties"], None)
            record = self._new(kind)
            record.to = [each["to"]["id"] for each in given["associations"]]
            self._set(record, given["properties"])
            return self._shown(record, None)

        return self._each(kind, body["inputs"], one)

    def _search(self, kind: str, body: Any) -> bytes:
        (group,) = body["filterGroups"]
        seen = [record for record in self.objects[kind].values() if record.updated <= self.now() - self.lag]
        kept = [record for record in seen if all(self._passes(record, one) for one in group["filters"])]
        kept.sort(key=lambda record: int(record.id) if body["sorts"] == ["hs_object_id"] else record.updated)
        page = kept[: body["limit"]]
        shown = [self._shown(record, None) | {"properties": {"lastmodifieddate": stamp(record.updated)}} for record in page]
        return reply(200, {"total": len(kept), "results": shown})

    def _passes(self, record: Record, one: Mapping[str, str]) -> bool:
        milliseconds = int(datetime.fromisoformat(stamp(record.updated)).timestamp() * 1000)
        value = int(record.id) if one["propertyName"] == "hs_object_id" else milliseconds
        asked = int(one["value"])
        return {"EQ": value == asked, "GTE": value >= asked, "GT": value > asked}[one["operator"]]

    def _each(self, kind: str, inputs: list[Any], carry_out: Callable[[Any], Any]) -> bytes:
        self._batch(inputs, 100)
        done: list[Any] = []
        errors: list[Any] = []
        for given in inputs:
            try:
                done.append(carry_out(given) | {"objectWriteTraceId": given["objectWriteTraceId"]})
            except Refused as refused:
                errors.append(refused.error | {"context": {"objectWriteTraceId": [given["objectWriteTraceId"]]}})
        return self._told(done, errors)

    def _told(self, done: list[Any], errors: list[Any]) -> bytes:
        body = {"status": "COMPLETE", "results": done, "startedAt": stamp(self.now()), "completedAt": stamp(self.now())}
        return reply(207, {**body, "numErrors": len(errors), "errors": errors}) if errors else reply(200, body)

    def _batch(self, inputs: list[Any], most: int) -> None:
        if len(inputs) > most or len({one.get("id", number) for number, one in enumerate(inputs)}) < len(inputs):
            raise Refused("VALIDATION_ERROR", "TOO_MANY_OR_TWICE")

    def _known(self, kind: str, names: list[str]) -> None:
        if set(names) - set(self.properties[kind]):
            raise Refused("VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST")

    def _allowed(self, kind: str, values: Mapping[str, str], record: Record | None) -> None:
        self._known(kind, list(values))
        if values.get("lifecyclestage", STAGES[0]) not in STAGES:
            raise Refused("VALIDATION_ERROR", "INVALID_OPTION")
        for name, value in values.items():
            other = self._by(kind, name, value) if self.properties[kind][name]["hasUniqueValue"] else None
            if other is not None and other is not record:
                raise Refused("CONFLICT")

    def _set(self, record: Record, values: Mapping[str, str]) -> None:
        at = self.now()
        for name, value in values.items():
            record.set(name, value, at, US)

    def _new(self, kind: str) -> Record:
        record = Record(str(len(self.objects[kind]) + 101), self.now())
        self.objects[kind][record.id] = record
        return record

    def _by(self, kind: str, name: str, value: str) -> Record | None:
        if name == "hs_object_id":
            return self.objects[kind].get(value)
        for record in self.objects[kind].values():
            others = record.properties.get("hs_additional_emails", "").split(";") if name == "email" else []
            if value.lower() in (record.properties.get(name, "").lower(), *others):
                return record
        return None

    def _shown(self, record: Record, asked: Any) -> dict[str, Any]:
        names = asked["properties"] if asked else list(record.properties)
        values = {name: record.properties.get(name) for name in names}
        shown = {
            "id": record.id,
            "properties": values,
            "createdAt": stamp(record.created),
            "updatedAt": stamp(record.updated),
            "archived": False,
        }
        if asked and asked["propertiesWithHistory"]:
            shown["propertiesWithHistory"] = {name: record.history.get(name, []) for name in asked["propertiesWithHistory"]}
        return shown
