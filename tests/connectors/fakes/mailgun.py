"""Mailgun's sending, log and domain as its API reference describes them, and no more of Mailgun than the connector asks."""

import base64
import json
import re
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, urlsplit

from offswitch.testing.http_server import Asked, reply

KEY = "key-canary-4711"
DOMAIN = "mg.example.org"
QUEUED = "Queued. Thank you."
_NAME = re.compile(r'[; ]name="([^"]*)"')


class FakeMailgun:
    """`sent`: every message with what came beside it. `limit`: so many calls, then 429. `logged`: does its log know them yet?"""

    kind, name = "email", "mailgun"

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, str], Message]] = []
        self.limit = 1000
        self.hourly = 1000
        self.logged = True
        self.domain: dict[str, Any] = {"name": DOMAIN, "state": "active", "is_disabled": False}
        self.records: list[dict[str, str]] = [{"record_type": "TXT", "name": DOMAIN, "valid": "valid"}]
        self.full = self.unsubscribe = False

    def environment(self, url: str) -> dict[str, str]:
        told = {"BASE_URL": url, "API_KEY": KEY, "DOMAIN": DOMAIN, "SENDER_DOMAIN": "example.org"}
        return {f"OFFSWITCH_MAILGUN_{name}": value for name, value in told.items()}

    def writes(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def held(self) -> list[str]:
        return [json.dumps(fields) + message.as_string() for fields, message in self.sent]

    def answer(self, asked: Asked) -> bytes:
        if asked.headers.get("authorization") != "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode():
            return reply(401, "Forbidden")
        if self.limit == 0:
            words = f"Domain {DOMAIN} is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds"
            return reply(429, {"message": words})
        self.limit -= 1
        url = urlsplit(asked.path)
        match asked.method, url.path.split("/"):
            case "POST", ["", "v3", domain, "messages.mime"] if domain == DOMAIN:
                return self._send(asked)
            case "GET", ["", "v3", domain, "events"] if domain == DOMAIN:
                return reply(200, {"items": self._events(parse_qs(url.query)["message-id"][0]), "paging": {}})
            case "GET", ["", "v4", "domains", domain] if domain == DOMAIN:
                return reply(200, {"domain": self.domain, "sending_dns_records": self.records})
            case "GET", ["", "v3", "domains", domain, "sending_queues"] if domain == DOMAIN:
                return reply(200, {"regular": {"is_disabled": self.full}, "scheduled": {"is_disabled": False}})
            case "GET", ["", "v3", "domains", domain, "tracking"] if domain == DOMAIN:
                return reply(200, {"tracking": {"unsubscribe": {"active": self.unsubscribe}}})
        return reply(404, {"message": "Domain not found"})

    def _send(self, asked: Asked) -> bytes:
        if self.hourly == len(self.sent):
            said = reply(429, {"message": "Domain is not allowed to send: hourly limit exceeded"})
            return said.replace(b"429 Too Many Requests", b"420 Enhance Your Calm")  # a status that no standard has
        fields = form(asked)
        if "@" not in fields.get("to", "") or not fields["to"].isascii():
            return reply(400, {"message": "'to' parameter is not a valid address. please check documentation."})
        if "message" not in fields:
            return reply(400, {"message": "message parameter is missing"})
        message = message_from_bytes(fields.pop("message").encode("latin-1"))
        if message["From"] is None:
            return reply(400, {"message": "from parameter is missing"})
        self.sent.append((fields, message))
        return reply(200, {"id": message["Message-ID"], "message": QUEUED})

    def _events(self, name: str) -> list[dict[str, Any]]:
        found = [fields for fields, message in self.sent if message["Message-ID"] == f"<{name}>"] if self.logged else []
        return [{"event": "accepted", "recipient": fields["to"], "message": {"headers": {"message-id": name}}} for fields in found]


def form(asked: Asked) -> dict[str, str]:
    """The fields of a multipart body, each byte as a letter."""
    edge = b"--" + asked.headers["content-type"].partition("boundary=")[2].encode()
    parts = [piece.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n") for piece in asked.body.split(edge)[1:-1]]
    return {_NAME.findall(head.decode())[0]: content.decode("latin-1") for head, _, content in parts}
