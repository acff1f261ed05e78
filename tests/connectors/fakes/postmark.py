"""Postmark as its API documentation describes it: one answer per message, message streams, metadata that can be searched."""

import json
import re
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from offswitch.testing.http_server import Asked, reply

TOKEN = "canary-t0ken"
_ADDRESS = re.compile(r"(?:[^<>]* <)?(?P<address>[A-Za-z0-9.!#$%&'`*+\-/=^_{|}~]+@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+))>?")
_STREAM = {"Name": "", "Description": None, "ArchivedAt": None}


class Refused(Exception):
    def __init__(self, code: int, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"ErrorCode": code, "Message": message}


class FakePostmark:
    """`sent`: every message. `inactive`: addresses that a stream doesn't write to. `shows`: search knows what was sent."""

    kind, name = "email", "postmark"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.inactive: set[tuple[str, str]] = set()
        self.domains = {"example.org"}
        self.trouble: tuple[int, str] | None = None
        self.delivery = "Live"
        self.handling = "None"
        self.shows = True
        self.streams = {"outbound": "Transactional", "broadcast": "Broadcasts"}
        self._ids = (f"b7bc2f4a-e38e-4336-af7d-{number:012}" for number in count(1))

    def environment(self, url: str) -> dict[str, str]:
        return {"OFFSWITCH_POSTMARK_BASE_URL": url, "OFFSWITCH_POSTMARK_TOKEN": TOKEN}

    def writes(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def held(self) -> list[str]:
        return [json.dumps(message, ensure_ascii=False) for message in self.sent]

    def answer(self, asked: Asked) -> bytes:
        try:
            return reply(200, self._answer(asked))
        except Refused as refused:
            return reply(refused.status, refused.body)

    def _answer(self, asked: Asked) -> Any:
        if asked.headers.get("x-postmark-server-token") != TOKEN:
            raise Refused(10, "The Server Token you provided in the X-Postmark-Server-Token request header was invalid.", 401)
        url = urlsplit(asked.path)
        match asked.method, url.path.strip("/").split("/"):
            case "POST", ["email", "batch"]:
                return self._batch(asked)
            case "GET", ["messages", "outbound"]:
                return self._search(dict(parse_qsl(url.query)))
            case "GET", ["server"]:
                return {"ID": 1, "Name": "Bayan", "ApiTokens": ["not shown"], "DeliveryType": self.delivery}
            case "GET", ["message-streams", name] if name in self.streams:
                handling = {"UnsubscribeHandlingType": self.handling}
                kind = self.streams[name]
                return _STREAM | {"ID": name, "MessageStreamType": kind, "SubscriptionManagementConfiguration": handling}
        raise Refused(1226, "The message stream for the provided 'ID' was not found.", 422)

    def _batch(self, asked: Asked) -> list[dict[str, Any]]:
        if asked.headers.get("content-type") != "application/json":
            raise Refused(409, "JSON required")
        if not isinstance(asked.json, list):
            raise Refused(403, "Incompatible JSON")
        if len(asked.json) > 500:
            raise Refused(410, "Too many batch messages")
        return [self._take(message) for message in asked.json]

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            self._check(message)
        except Refused as refused:
            return refused.body
        self.sent.append(message | {"MessageID": next(self._ids)})
        told = {"To": message["To"], "SubmittedAt": "2026-11-22T12:00:00.0000000-05:00", "MessageID": self.sent[-1]["MessageID"]}
        return told | {"ErrorCode": 0, "Message": "OK"}

    def _check(self, message: dict[str, Any]) -> None:
        if self.trouble is not None:
            raise Refused(*self.trouble)
        sender, to = (_mailbox(message, field) for field in ("From", "To"))
        if message.get("ReplyTo"):
            _mailbox(message, "ReplyTo")
        if not (message.get("TextBody") or message.get("HtmlBody")):
            raise Refused(300, "Provide either email TextBody or HtmlBody or both.")
        for name, value in message.get("Metadata", {}).items():
            if len(name) > 20 or len(value) > 80:
                raise Refused(300, "Metadata keys are limited to 20 characters, and values to 80.")
        if message.get("MessageStream", "outbound") not in self.streams:
            raise Refused(1235, "The stream provided in 'MessageStream' does not exist on this server.")
        if sender["domain"] not in self.domains:
            raise Refused(400, "The 'From' address you supplied is not a Sender Signature on your account.")
        if (message["MessageStream"], to["address"]) in self.inactive:
            raise Refused(406, f"You tried to send to recipient(s) that have been marked as inactive. Found inactive: {to['address']}.")

    def _search(self, asked: dict[str, str]) -> dict[str, Any]:
        if not {"count", "offset"} <= set(asked):
            raise Refused(701, "You must provide 'count' and 'offset'.")
        wanted = {name.removeprefix("metadata_"): value for name, value in asked.items() if name.startswith("metadata_")}
        if len(wanted) > 1:
            raise Refused(703, "You can search by one metadata field at a time.")
        found = [
            {"MessageID": one["MessageID"], "Metadata": one["Metadata"], "MessageStream": one["MessageStream"], "Status": "Sent"}
            for one in (self.sent if self.shows else [])
            if wanted.items() <= one["Metadata"].items() and one["MessageStream"] == asked.get("messagestream", "outbound")
        ]
        start = int(asked["offset"])
        return {"TotalCount": len(found), "Messages": found[start : start + int(asked["count"])]}


def _mailbox(message: dict[str, Any], field: str) -> re.Match[str]:
    found = _ADDRESS.fullmatch(message.get(field, ""))
    if found is None:
        raise Refused(300, f"Error parsing '{field}': Illegal email address. It must contain the '@' symbol.")
    return found
