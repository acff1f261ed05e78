"""Mail through Mailgun (API v3), each letter as the message that we made ourselves.

Its batches would cost more than they bring: Mailgun would make the messages, all of a call would bear one Message-ID, and so
none of them could be looked up. Calls go side by side instead.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.email.mailgun.domain import findings
from connectors.http import (
    Again,
    Answer,
    Body,
    Client,
    HttpSettings,
    Rejected,
    Request,
    Result,
    Service,
    as_multipart,
    in_batches,
)
from connectors.letters.written import unfit, written
from connectors.settings import connected
from connectors.side_by_side import side_by_side
from offswitch.act.ports import Order
from offswitch.messages.compose import message_id
from offswitch.messages.letter import Letter
from offswitch.messages.mime import to_bytes, wire_address
from offswitch.model.entry import shown
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Outcome, Receipt

_AGAIN = re.compile(r"try again after (\d{1,5}) second")
_RECIPIENT = re.compile(r"\bto'? parameter")
_HOUR = 3600.0  # seconds
_USED_UP, _TOO_MANY = 420, 429
_TAG = 128  # letters (user manual, Tagging)
_TAKEN = frozenset({"accepted", "delivered", "opened", "clicked", "failed", "complained", "unsubscribed"})


def _words(answer: Answer | None) -> str:
    return str(_field(answer.json, "message", "")) if answer is not None else ""


def _hold(answer: Answer) -> float | None:
    """420: what may be sent in an hour is used up. 429 says in words how long."""
    found = _AGAIN.search(_words(answer)) if answer.status == _TOO_MANY else None
    return float(found[1]) if found else _HOUR if answer.status == _USED_UP else None


SERVICE = Service("mailgun", calls=1000, seconds=1, hold=_hold)  # Mailgun publishes no number and tells when it is too much


class MailgunSettings(HttpSettings):
    """Where and as whom. `base_url` is https://api.eu.mailgun.net for domains in the EU.

    `domain` is the one that Mailgun sends for, `sender_domain` that of the sender's address, where it is another. So many
    `connections` are used at once. `tracking` lets Mailgun lead links through its own server and add a picture, which changes
    the letter that was approved.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_MAILGUN_")

    base_url: str = "https://api.mailgun.net"
    api_key: SecretStr
    domain: str = Field(repr=False, pattern=r"^[A-Za-z0-9.-]+$")
    sender_domain: str = ""
    connections: int = Field(default=4, ge=1, le=20)
    tracking: bool = False


def connect() -> Mailgun:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError."""
    return connected(MailgunSettings, Mailgun)


class Mailgun:
    """Letters over https, one a call, several calls at once."""

    name = "mailgun"
    guarantee = Guarantee.LOOK_UP
    limits = "1 letter a call, OFFSWITCH_MAILGUN_CONNECTIONS calls at once, as many a second as Mailgun allows the account"

    def __init__(self, settings: MailgunSettings) -> None:
        self._settings = settings
        self._client = Client(SERVICE, settings, self._headers)

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order of the receipts."""
        made = written(orders, self._body)
        return side_by_side(orders, self._settings.connections, partial(self._one, made))

    def look_up(self, key: str) -> Receipt | None:
        """What Mailgun's log says of the message, which it keeps for three days or more; None when it says nothing (yet)."""
        name = message_id(key, self._settings.sender_domain or self._settings.domain)
        asked = {"message-id": name.strip("<>"), "ascending": "no", "limit": "25"}
        answer = self._client.call(Request("GET", f"/v3/{self._settings.domain}/events", again=Again.READ, params=asked))
        items = _field(answer.json, "items", []) if isinstance(answer, Answer) else []
        found = [item for item in items if _name_of(item) == asked["message-id"]] if isinstance(items, list) else []
        events = {str(_field(item, "event", "")) for item in found}
        if events & _TAKEN:
            return Receipt(key, Outcome.PERFORMED, "Mailgun's log has it", name)
        return Receipt(key, Outcome.REJECTED, "Mailgun's log says that it was rejected", name) if "rejected" in events else None

    def diagnose(self) -> Iterator[Finding]:
        """Is the key good, is the domain in order, and does Mailgun add nothing?"""
        return findings(self._client, self._settings.domain)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _headers(self) -> dict[str, str]:
        user = f"api:{self._settings.api_key.get_secret_value()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(user).decode()}"}

    def _one(self, made: Mapping[str, Body | Receipt], order: Order[Letter]) -> Receipt:
        return next(in_batches([order], 1, unfit(made), partial(self._call, made), _parts))

    def _call(self, made: Mapping[str, Any], orders: Sequence[Order[Letter]]) -> Result:
        [order] = orders
        request = Request("POST", f"/v3/{self._settings.domain}/messages.mime", made[order.permit.key])
        return _whose(self._client.call(request, [order.permit]))

    def _body(self, order: Order[Letter]) -> Body:
        """One letter as Mailgun wants it. Raises Permanent."""
        key = shown(order.permit.key)
        fields = {
            "to": wire_address(order.payload.to, "contact"),
            "v:send-once-key": key,
            "o:tag": key.rpartition("/")[2].encode("ascii", "ignore").decode()[:_TAG],
            "o:tracking": "yes" if self._settings.tracking else "no",
        }
        return as_multipart(fields, {"message": Body(to_bytes(order.payload, date=datetime.now(UTC)), "application/octet-stream")})


def _whose(result: Result) -> Result:
    """A refusal that doesn't speak of the recipient is everybody's."""
    if not isinstance(result, Rejected) or result.fault != "contact" or _RECIPIENT.search(_words(result.answer)):
        return result
    return replace(result, fault="system")


def _parts(answer: Answer, orders: Sequence[Order[Letter]]) -> list[Receipt]:
    """An answer without the message's name is none."""
    name = str(_field(answer.json, "id", "") or "")
    why = f"the provider answered {answer.status}"
    outcome = Outcome.PERFORMED if name else Outcome.UNKNOWN
    return [Receipt(order.permit.key, outcome, why, name or order.payload.message_id) for order in orders]


def _name_of(item: Any) -> str:
    """The Message-ID of the message that an event is about."""
    return str(_field(_field(_field(item, "message", None), "headers", None), "message-id", "")).strip("<>")


def _field(value: Any, name: str, default: Any) -> Any:
    return value.get(name, default) if isinstance(value, dict) else default
