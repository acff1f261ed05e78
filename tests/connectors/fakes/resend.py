"""Resend as its API reference describes it: batches, permissive validation, keys that are kept for a day."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from offswitch.testing.http_server import Asked, reply

KEY = "re_canary_k3y"
_ADDRESS = re.compile(r"(?:[^<>]* <)?[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)>?")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_WRITES = {"/emails", "/emails/batch"}


class Refused(Exception):
    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"statusCode": status, "name": name, "message": message}


class FakeResend:
    """`sent`: every letter, with its id. `trouble`: what every send gets instead, as (status, name). `now` moves the clock."""

    kind, name = "email", "resend"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.domains = {"example.org": "verified"}
        self.may_read = True
        self.tracking = False
        self.trouble: tuple[int, str] | None = None
        self.now = datetime.now(UTC)
        self._ids = (f"00000000-0000-4000-8000-{number:012}" for number in count(1))
        self._kept: dict[str, tuple[datetime, bytes, Any]] = {}

    def environment(self, url: str) -> dict[str, str]:
        return {"OFFSWITCH_RESEND_BASE_URL": url, "OFFSWITCH_RESEND_API_KEY": KEY}

    def writes(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def held(self) -> list[str]:
        return [json.dumps(letter, ensure_ascii=False) for letter in self.sent]

    def answer(self, asked: Asked) -> bytes:
        headers = {"ratelimit-limit": "2", "ratelimit-remaining": "1", "ratelimit-reset": "0"}
        try:
            return reply(200, self._answer(asked), headers)
        except Refused as refused:
            return reply(refused.status, refused.body, headers)

    def _answer(self, asked: Asked) -> Any:
        if "authorization" not in asked.headers:
            raise Refused(401, "missing_api_key", "Missing API key in the authorization header.")
        if asked.headers["authorization"] != f"Bearer {KEY}":
            raise Refused(403, "invalid_api_key", "API key is invalid")
        match asked.method, asked.path:
            case "GET", "/domains":
                if not self.may_read:
                    raise Refused(401, "restricted_api_key", "This API key is restricted to only send emails")
                same = {"click_tracking": self.tracking}
                domains = [same | {"id": name, "name": name, "status": status} for name, status in self.domains.items()]
                return {"object": "list", "has_more": False, "data": domains}
            case "POST", path if path in _WRITES:
                return self._once(asked)
        raise Refused(404, "not_found", "The requested endpoint does not exist")

    def _once(self, asked: Asked) -> Any:
        """A call that was carried out under this key in the last 24 hours is not carried out again."""
        if self.trouble is not None:
            raise Refused(*self.trouble, "Trouble was asked for")
        key = asked.headers.get("idempotency-key")
        if key is None:
            return self._send(asked)
        if not 1 <= len(key) <= 256:
            raise Refused(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        at, body, told = self._kept.get(key, (self.now, asked.body, None))
        if self.now - at >= timedelta(hours=24):
            at, body, told = self.now, asked.body, None
        if json.loads(body) != asked.json:
            raise Refused(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.")
        if told is None:
            told = self._send(asked)
            self._kept[key] = (at, body, told)
        return told

    def _send(self, asked: Asked) -> Any:
        if asked.path == "/emails":
            self._check(asked.json)
            return {"id": self._take(asked.json)}
        if not isinstance(asked.json, list) or not 1 <= len(asked.json) <= 100:
            raise Refused(422, "validation_error", "The `request.body` field must be an `array` of 1 to 100 emails.")
        refused = {}
        for at, letter in enumerate(asked.json):
            try:
                self._check(letter)
            except Refused as error:
                if error.status == 403 or asked.headers.get("x-batch-validation", "strict") != "permissive":
                    raise
                refused[at] = str(error)
        told: dict[str, Any] = {"data": [{"id": self._take(one)} for at, one in enumerate(asked.json) if at not in refused]}
        return told | ({"errors": [{"index": at, "message": message} for at, message in refused.items()]} if refused else {})

    def _check(self, letter: dict[str, Any]) -> None:
        for field in ("from", "to", "subject"):
            if not letter.get(field):
                raise Refused(422, "missing_required_field", f"Missing `{field}` field.")
        if not (letter.get("text") or letter.get("html")):
            raise Refused(422, "missing_required_field", "Missing `html` or `text` field.")
        addresses = {"from": [letter["from"]], "to": letter["to"], "reply_to": letter.get("reply_to", [])}
        for field, values in addresses.items():
            for value in [values] if isinstance(values, str) else values:
                if not _ADDRESS.fullmatch(value):
                    raise Refused(422, "validation_error", f"Invalid `{field}` field. The email address needs to follow a format.")
        for tag in letter.get("tags", []):
            if not (_TAG.fullmatch(tag["name"]) and _TAG.fullmatch(tag["value"])):
                raise Refused(422, "validation_error", "Tags should only contain ASCII letters, numbers, underscores, or dashes.")
        sender = _ADDRESS.fullmatch(letter["from"])
        if sender is None or self.domains.get(sender["domain"]) != "verified":
            raise Refused(403, "validation_error", "The domain is not verified. Please, add and verify your domain.")

    def _take(self, letter: dict[str, Any]) -> str:
        self.sent.append({"id": next(self._ids), **letter})
        return str(self.sent[-1]["id"])
