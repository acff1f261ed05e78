"""Salesforce as its documents describe it: tokens that run out, collections, composites, external ids, a history of fields."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from offswitch.testing.http_server import Asked, reply
from tests.connectors.fakes.soql import Query, parse

CLIENT, SECRET = "app-canary-e0f7", "secret-canary-e0f7"
US, PERSON = "005000000000001AAA", "005000000000009AAA"
DATA = "/services/data/v61.0"
KEY = "Offswitch_Key__c"
FIELDS = {
    "Contact": ("FirstName", "LastName", "Email", "MailingCity", "Offswitch_Stage__c", "Offswitch_Tags__c", "Department", "Level__c", KEY),
    "Lead": ("FirstName", "LastName", "Company", "Email", "City", "Status", KEY),
    "Task": ("WhoId", "Subject", "Description", "Status", "ActivityDate", "OwnerId", KEY),
}
SYSTEM = ("Id", "Name", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
Record = dict[str, Any]


class Refused(Exception):
    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.status = status
        self.errors = [{"errorCode": code, "message": f"{code}: mona@example.com is not fine", "fields": []}]


class FakeSalesforce:
    """`history`: does the org keep field history? `calls_left`: of the day; None for enough. `before` is told of each request."""

    kind = "crm"
    name = "salesforce"

    def __init__(self, *, history: bool = False, keyed: bool = True) -> None:
        self.objects: dict[str, dict[str, Record]] = {kind: {} for kind in FIELDS}
        self.history: list[Record] = []
        self.keyed = keyed
        self.calls_left: int | None = None
        self.locked = 0
        self.blocked: set[str] = set()
        self.tokens: set[str] = set()
        self.log_ins = 0
        self.url = ""
        self.before: Callable[[Asked], None] = lambda _: None
        self._tracks = history
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._lock = threading.RLock()

    def environment(self, url: str) -> dict[str, str]:
        self.url = self.url or url
        told = {"BASE_URL": url, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "FIELDS": "stage=Offswitch_Stage__c, city=MailingCity"}
        return {f"OFFSWITCH_SALESFORCE_{name}": value for name, value in told.items()}

    def held(self) -> list[str]:
        return [json.dumps(one) for one in self.objects["Task"].values()]

    def writes(self, asked: Asked) -> bool:
        return asked.path.startswith(f"{DATA}/composite")

    def edit(self, email: str, kind: str = "Contact", **values: Any) -> str:
        """Somebody changes a record in Salesforce, or makes one."""
        with self._lock:
            found = [one for one in self.objects[kind].values() if one.get("Email") == email]
            record = found[0] if found else self._new(kind, PERSON)
            self._set(kind, record, {"Email": email, "LastName": "Haddad", **values}, PERSON)
            return str(record["Id"])

    def person(self, email: str) -> Record:
        (found,) = (one for one in self.objects["Contact"].values() if one["Email"] == email)
        return found

    def answer(self, asked: Asked) -> bytes:
        self.before(asked)
        with self._lock:
            url = urlsplit(asked.path)
            if url.path == "/services/oauth2/token":
                return self._log_in({name: value for name, (value,) in parse_qs(asked.body.decode()).items()})
            if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
                return reply(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])
            if self.calls_left is not None:
                self.calls_left -= 1
                if self.calls_left < 0:
                    return reply(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}])
            if len(asked.path) > 16_384:
                return reply(414)
            try:
                return self._route(asked, url.path.removeprefix(DATA), url.query)
            except Refused as refused:
                return reply(refused.status, refused.errors)

    def _log_in(self, form: Mapping[str, str]) -> bytes:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return reply(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
        self.log_ins += 1
        token = f"00D!canary-{self.log_ins}"
        self.tokens.add(token)
        return reply(
            200, {"access_token": token, "instance_url": self.url, "id": f"{self.url}/id/00D000000000001AAA/{US}", "token_type": "Bearer"}
        )

    def _route(self, asked: Asked, path: str, query: str) -> bytes:
        path = path.rstrip("/")
        if path == "/query":
            return self._query(parse_qs(query)["q"][0])
        if path == "/limits":
            return reply(200, {"DailyApiRequests": {"Max": 15000, "Remaining": 14000}})
        if found := re.fullmatch(r"/sobjects/(\w+)/describe", path):
            return reply(200, {"name": found[1], "fields": [self._described(name) for name in FIELDS[found[1]]]})
        if found := re.fullmatch(r"/composite/sobjects/(\w+)/(\w+)", path):
            return self._collection(found[1], found[2], asked.json)
        if path == "/composite":
            return self._composite(asked.json)
        raise Refused("NOT_FOUND", 404)

    def _described(self, name: str) -> Record:
        unique = name == KEY and self.keyed
        return {"name": name, "externalId": unique, "unique": unique, "updateable": True}

    def _query(self, text: str) -> bytes:
        try:
            query = parse(text)
        except (ValueError, KeyError, IndexError):
            raise Refused("MALFORMED_QUERY") from None
        source = query.source.removesuffix("History")
        rows = self.history if query.source.endswith("History") else list(self.objects.get(query.source, {}).values())
        known = {*FIELDS.get(source, ()), *SYSTEM, "Field", "NewValue", f"{source}Id", f"{source}.Email"}
        if set(query.columns) - known or (query.source.endswith("History") and not self._tracks):
            raise Refused("INVALID_FIELD")
        found = sorted((row for row in rows if query.where(row)), key=lambda row: [row.get(name) for name in query.order])
        records = [self._shown(row, query) for row in found[: query.limit]]
        return reply(200, {"totalSize": len(records), "done": True, "records": records})

    def _shown(self, row: Record, query: Query) -> Record:
        shown: Record = {"attributes": {"type": query.source, "url": "/x"}}
        for name in query.columns:
            parent, dot, inner = name.partition(".")
            shown |= {parent: {inner: self.objects[parent][row[f"{parent}Id"]].get(inner)}} if dot else {name: row.get(name)}
        if query.with_history:
            rows = [one for one in reversed(self.history) if one["ContactId"] == row["Id"]]
            shown["Histories"] = {"totalSize": len(rows), "done": True, "records": rows} if rows else None
        return shown

    def _collection(self, kind: str, key: str, body: Any) -> bytes:
        if len(body["records"]) > 200 or any(one["attributes"]["type"] != kind or "Id" in one for one in body["records"]):
            raise Refused("EXCEEDED_MAX_SIZE_REQUEST")
        if not self.keyed:
            raise Refused("NOT_FOUND", 404)
        return reply(200, [self._upsert(kind, key, {k: v for k, v in one.items() if k != "attributes"}) for one in body["records"]])

    def _upsert(self, kind: str, key: str, given: Record) -> Record:
        there = [one for one in self.objects[kind].values() if one.get(key) == given[key]]
        try:
            record = there[0] if there else None
            self._checked(kind, given, record)
            record = record or self._new(kind, US)
            self._set(kind, record, given, US)
        except Refused as refused:
            told = {"statusCode": refused.errors[0]["errorCode"], "message": refused.errors[0]["message"], "fields": []}
            return {"success": False, "errors": [told]}
        return {"id": record["Id"], "success": True, "errors": [], "created": not there}

    def _composite(self, body: Any) -> bytes:
        calls = body["compositeRequest"]
        if len(calls) > 25 or len({one["referenceId"] for one in calls}) < len(calls):
            raise Refused("PROCESSING_HALTED")
        return reply(200, {"compositeResponse": [self._call(one) for one in calls]})

    def _call(self, call: Any) -> Record:
        found = re.fullmatch(rf"{DATA}/sobjects/(\w+)/(\w+)", call["url"])
        assert found is not None
        assert call["method"] == "PATCH"
        part = {"httpHeaders": {}, "referenceId": call["referenceId"]}
        try:
            self._patch(found[1], found[2], call)
        except Refused as refused:
            return {**part, "body": refused.errors, "httpStatusCode": refused.status}
        return {**part, "body": None, "httpStatusCode": 204}

    def _patch(self, kind: str, id: str, call: Any) -> None:
        record = self.objects[kind].get(id)
        if record is None:
            raise Refused("NOT_FOUND", 404)
        unless = (call.get("httpHeaders") or {}).get("If-Unmodified-Since")
        if unless and datetime.fromisoformat(record["LastModifiedDate"]) > parsedate_to_datetime(unless):
            raise Refused("PRECONDITION_FAILED", 412)
        if self.locked:
            self.locked -= 1
            raise Refused("UNABLE_TO_LOCK_ROW")
        self._checked(kind, call["body"], record)
        self._set(kind, record, call["body"], US)

    def _checked(self, kind: str, values: Record, record: Record | None) -> None:
        if set(values) - set(FIELDS[kind]):
            raise Refused("INVALID_FIELD")
        if record is None and kind != "Task" and not values.get("LastName"):
            raise Refused("REQUIRED_FIELD_MISSING")
        if values.get("Email") in self.blocked:
            raise Refused("DUPLICATES_DETECTED")
        if values.get("Offswitch_Stage__c") == "nonsense":
            raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")

    def _new(self, kind: str, by: str) -> Record:
        record = {"Id": f"{kind[:3]}{len(self.objects[kind]):012d}AAA", "CreatedDate": self._tick(), "CreatedById": by}
        self.objects[kind][record["Id"]] = record
        return record

    def _set(self, kind: str, record: Record, values: Record, by: str) -> None:
        at = self._tick()
        changed = {name: value for name, value in values.items() if record.get(name) != value}
        born = "LastModifiedDate" not in record
        for name, value in changed.items():
            if self._tracks and kind == "Contact" and not born:
                row = {"Id": f"017{len(self.history):012d}AAA", "ContactId": record["Id"], "Field": name, "NewValue": value}
                self.history.append({**row, "CreatedById": by, "CreatedDate": at})
        record |= {**values, "LastModifiedDate": at, "SystemModstamp": at, "LastModifiedById": by}
        record["Name"] = " ".join(filter(None, (record.get("FirstName"), record.get("LastName"))))

    def _tick(self) -> str:
        """Salesforce keeps whole seconds; here each write has its own."""
        self._now = max(self._now + timedelta(seconds=1), datetime.now(UTC).replace(microsecond=0))
        return self._now.isoformat(timespec="milliseconds").replace("+00:00", "+0000")
