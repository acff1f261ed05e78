"""SendGrid's Mail Send as its API reference describes it, and no more of SendGrid than the connector asks."""

import json
import re
import time
from typing import Any

from offswitch.testing.http_server import Asked, reply

KEY = "SG.canary-k3y"
ITS_OWN = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
ITS_OWN |= {"to", "from", "subject", "reply-to", "cc", "bcc"}
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class Refused(Exception):
    def __init__(self, status: int, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.error = {"message": text, "field": field, "help": None}


class FakeSendgrid:
    """`sent`: every message as its recipient gets it. `limit`: so many calls, then 429."""

    kind, name = "email", "sendgrid"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.calls: list[Any] = []
        self.scopes = ["mail.send", "sender_verification_eligible"]
        self.verified = {"domain_verified": True, "sender_verified": True}
        self.limit = 1000
        self.reset = 60
        self.largest = 1_000_000
        self.credits = 1000

    def environment(self, url: str) -> dict[str, str]:
        return {"OFFSWITCH_SENDGRID_BASE_URL": url, "OFFSWITCH_SENDGRID_API_KEY": KEY}

    def writes(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def held(self) -> list[str]:
        return [json.dumps(message, ensure_ascii=False) for message in self.sent]

    def answer(self, asked: Asked) -> bytes:
        try:
            return self._answer(asked)
        except Refused as refused:
            return reply(refused.status, {"errors": [refused.error]}, self._limits())

    def _answer(self, asked: Asked) -> bytes:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            raise Refused(401, "The provided authorization grant is invalid, expired, or revoked")
        if self.limit == 0:
            raise Refused(429, "too many requests")
        self.limit -= 1
        match asked.method, asked.path:
            case "GET", "/v3/scopes":
                return reply(200, {"scopes": self.scopes}, self._limits())
            case "GET", "/v3/verified_senders/steps_completed":
                return reply(200, {"results": self.verified}, self._limits())
            case "POST", "/v3/mail/send":
                self._send(asked)
                return reply(202, headers={"X-Message-Id": f"m{len(self.calls)}", **self._limits()})
        raise Refused(404, "not found")

    def _limits(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": str(self.limit),
            "X-RateLimit-Reset": str(int(time.time()) + self.reset),
        }

    def _send(self, asked: Asked) -> None:
        if "mail.send" not in self.scopes:
            raise Refused(403, "access forbidden")
        if self.credits <= len(self.sent):
            raise Refused(401, "Maximum credits exceeded")
        if not any(self.verified.values()):
            raise Refused(403, "The from address does not match a verified Sender Identity.", "from")
        if len(asked.body) > self.largest:
            raise Refused(413, "content too large")
        told = asked.json
        people = told.get("personalizations", [])
        if not 1 <= len(people) <= 1000:
            raise Refused(400, "between 1 and 1000 personalizations", "personalizations")
        _check_address(told.get("from", {}), "from")
        for at, content in enumerate(told.get("content", [])):
            if not content["value"]:
                raise Refused(400, "must be at least one character", f"content.{at}.value")
        seen: set[str] = set()
        messages = [_message(told, one, f"personalizations.{at}", seen) for at, one in enumerate(people)]
        self.calls.append(told)
        self.sent += messages


def _message(told: dict[str, Any], one: dict[str, Any], place: str, seen: set[str]) -> dict[str, Any]:
    for at, mailbox in enumerate(one["to"]):
        _check_address(mailbox, f"{place}.to.{at}.email")
        if mailbox["email"].lower() in seen:
            raise Refused(400, f"{mailbox['email']} more than once", place)
        seen.add(mailbox["email"].lower())
    if not (one.get("subject") or told.get("subject")):
        raise Refused(400, "The subject is required", f"{place}.subject")
    for name, value in one.get("headers", {}).items():
        if name.lower() in ITS_OWN or not value.isascii():
            raise Refused(400, f"{name} can't be set", f"{place}.headers")
    tags = one.get("substitutions", {})
    if sum(len(f"{tag}{value}".encode()) for tag, value in tags.items()) > 10_000:
        raise Refused(400, "substitutions are limited to 10000 bytes", f"{place}.substitutions")
    content = {part["type"]: _filled(part["value"], tags) for part in told["content"]}
    kept = {name: one.get(name, told.get(name)) for name in ("to", "subject", "headers", "custom_args")}
    return kept | {"from": told["from"], "reply_to": told.get("reply_to"), "content": content}


def _filled(text: str, tags: dict[str, str]) -> str:
    for tag, value in tags.items():
        text = text.replace(tag, value)
    return text


def _check_address(mailbox: dict[str, str], field: str) -> None:
    if not _ADDRESS.fullmatch(mailbox.get("email", "")):
        raise Refused(400, f"Does not contain a valid address: {mailbox.get('email')}", field)
