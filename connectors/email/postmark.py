"""Mail through Postmark, many letters a call. It keeps no key, but can be asked whether a letter arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from connectors.http import Again, Answer, Client, HttpSettings, Rejected, Request, Result, Service, in_batches
from connectors.http.finding import unanswered
from connectors.letters.key_tag import short
from connectors.letters.written import as_letters, mailbox, sender_of, unfit, written
from connectors.settings import connected
from offswitch.act.ports import Order
from offswitch.messages.letter import Letter
from offswitch.messages.mime import harmless, own_headers, wire_address
from offswitch.model.entry import shown
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

SERVICE = Service("postmark")  # Postmark publishes no number; it answers 429 when it is too much
MOST = 500  # letters a call, of 50 MB together
TOO_LARGE = 413
_METADATA = 80  # letters of a value
_KEY = "take the server's API token from Postmark > Servers > API Tokens, and set OFFSWITCH_POSTMARK_TOKEN"
_INVALID, _INACTIVE, _LATER = 300, 406, (100, 429)
_CAUSES = {  # postmarkapp.com/developer/api/overview#error-codes
    10: "the token is wrong",
    400: "the sender has no sender signature or domain at Postmark",
    401: "the sender's signature at Postmark is not confirmed yet",
    405: "the account may send no more: buy credits",
    412: "the account waits for Postmark's approval, and may send to its own domain alone",
    413: "Postmark has closed the account for sending: write to its support",
}


class PostmarkSettings(HttpSettings):
    """Where and as whom. Marketing letters go through `marketing_stream`, all others through `service_stream`.

    Postmark wants them apart: a broadcast stream adds an unsubscribe link of its own, unless its support turned that off.
    `tracking` lets Postmark lead links through its own server and add a picture, which changes the letter that was approved.
    """

    model_config = SettingsConfigDict(env_prefix="OFFSWITCH_POSTMARK_")

    base_url: str = "https://api.postmarkapp.com"
    token: SecretStr
    marketing_stream: str = "broadcast"
    service_stream: str = "outbound"
    tracking: bool = False


def connect() -> Postmark:
    """The connector with the settings of this environment; no connection is made yet. Raises ConfigError."""
    return connected(PostmarkSettings, Postmark)


class Postmark:
    """Letters over https, each answered for by itself (postmarkapp.com/developer/api/email-api#send-batch-emails)."""

    name = "postmark"
    guarantee = Guarantee.LOOK_UP
    limits = f"{MOST} letters a call, as many calls as Postmark takes"

    def __init__(self, settings: PostmarkSettings) -> None:
        self._settings = settings
        self._client = Client(SERVICE, settings, self._headers)

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order."""
        made = written(orders, self._email)
        yield from in_batches(orders, MOST, unfit(made), partial(self._call, made), _parts)

    def look_up(self, key: str) -> Receipt | None:
        """What the letter's metadata find; None when nothing does, for Postmark shows a letter some seconds after it took it."""
        for stream in dict.fromkeys((self._settings.service_stream, self._settings.marketing_stream)):
            params = {"count": "1", "offset": "0", "messagestream": stream, "metadata_send_once_key": _metadata(key)}
            found = self._client.call(Request("GET", "/messages/outbound", again=Again.READ, params=params))
            messages = _field(found.json, "Messages") if isinstance(found, Answer) else None
            if messages and _field(_field(messages[0], "Metadata"), "send_once_key") == _metadata(key):
                return Receipt(key, Outcome.PERFORMED, "Postmark has it", str(_field(messages[0], "MessageID") or ""))
        return None

    def diagnose(self) -> Iterator[Finding]:
        """Is the token good, does the server deliver, and are both streams there?"""
        about = "the token for Postmark"
        server = self._client.call(Request("GET", "/server", again=Again.READ))
        if not isinstance(server, Answer):
            yield unanswered(about, server, _KEY)
            return
        if _field(server.json, "DeliveryType") == "Sandbox":
            yield Finding(about, Level.TROUBLE, "it is of a sandbox server, which delivers nothing", "take the token of a live server")
        else:
            yield Finding(about, Level.FINE, "it is good, and its server delivers")
        yield self._stream(self._settings.service_stream, "OFFSWITCH_POSTMARK_SERVICE_STREAM")
        yield self._stream(self._settings.marketing_stream, "OFFSWITCH_POSTMARK_MARKETING_STREAM")
        yield Finding(
            "the domain at Postmark", Level.UNKNOWN, "a server's token may not ask for it", "look in Postmark > Sender Signatures for DKIM"
        )

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _stream(self, stream: str, setting: str) -> Finding:
        about = f"the stream {stream} at Postmark"
        found = self._client.call(Request("GET", f"/message-streams/{quote(stream, safe='')}", again=Again.READ))
        if not isinstance(found, Answer):
            if isinstance(found, Rejected):
                return Finding(about, Level.TROUBLE, "there is none", f"make it in Postmark, or name another in {setting}")
            return unanswered(about, found, _KEY)
        if _field(found.json, "ArchivedAt"):
            return Finding(about, Level.TROUBLE, "it is archived", f"bring it back in Postmark, or name another in {setting}")
        broadcast = _field(found.json, "MessageStreamType") == "Broadcasts"
        if broadcast is not (stream == self._settings.marketing_stream):
            kind = "broadcasts" if broadcast else "transactional mail"
            return Finding(about, Level.TROUBLE, f"it is for {kind}", f"name another one in {setting}")
        if _field(_field(found.json, "SubscriptionManagementConfiguration"), "UnsubscribeHandlingType") == "Postmark":
            todo = "send its Subscription Change webhook to sources/postmark.yaml, so that we hear of those who leave there"
            return Finding(about, Level.ADVICE, "Postmark adds an unsubscribe link of its own", todo)
        return Finding(about, Level.FINE, "it is there")

    def _headers(self) -> dict[str, str]:
        return {"X-Postmark-Server-Token": self._settings.token.get_secret_value()}

    def _call(self, made: Mapping[str, Any], orders: Sequence[Order[Letter]]) -> Result:
        body = as_letters([made[order.permit.key] for order in orders])
        return self._client.call(Request("POST", "/email/batch", body, theirs=frozenset({TOO_LARGE})), [order.permit for order in orders])

    def _email(self, order: Order[Letter]) -> dict[str, Any]:
        """One letter as Postmark wants it. Raises Permanent."""
        letter = order.payload
        headers = {**own_headers(letter), "X-PM-KeepID": "true"}  # else Postmark makes a Message-ID of its own
        told: dict[str, Any] = {
            "From": sender_of(letter.sender_name, letter.sender),
            "To": mailbox(letter.to_name, letter.to, "contact"),
            "Subject": harmless(letter.subject),
            "TextBody": letter.text,
            "MessageStream": self._settings.marketing_stream if letter.unsubscribe else self._settings.service_stream,
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            "TrackOpens": self._settings.tracking,
            "TrackLinks": "HtmlOnly" if self._settings.tracking else "None",
            "Metadata": {"send_once_key": _metadata(order.permit.key)},
        }
        if letter.html:
            told["HtmlBody"] = letter.html
        if letter.reply_to:
            told["ReplyTo"] = wire_address(letter.reply_to, "system")
        return told


def _metadata(key: str) -> str:
    return short(shown(key), _METADATA)


def _parts(answer: Answer, orders: Sequence[Order[Letter]]) -> list[Receipt]:
    told = answer.json
    if not isinstance(told, list) or len(told) != len(orders):
        return [Receipt(order.permit.key, Outcome.UNKNOWN, "the answer does not speak of each letter") for order in orders]
    return [_receipt(order, one) for order, one in zip(orders, told, strict=True)]


def _receipt(order: Order[Letter], told: Any) -> Receipt:
    key, code = order.permit.key, _field(told, "ErrorCode")
    if not isinstance(code, int):
        return Receipt(key, Outcome.UNKNOWN, "the answer does not say what became of this letter")
    if code == 0:
        return Receipt(key, Outcome.PERFORMED, "Postmark has it", str(_field(told, "MessageID") or ""))
    why = f"Postmark answered with its code {code}"
    if code == _INACTIVE:
        # A broadcast stream also keeps those who left it, and who may still want receipts.
        left = " or has left the stream" if order.payload.unsubscribe else ""
        return Receipt(key, Outcome.REJECTED, f"{why}: the address bounced or complained{left}", address_refused=not left)
    if code == _INVALID and "'To'" in str(_field(told, "Message")):
        return Receipt(key, Outcome.REJECTED, f"{why}: it does not take the recipient's address", address_refused=True)
    if code in _LATER:
        return Receipt(key, Outcome.RETRY, f"{why}; it was not sent")
    return Receipt(key, Outcome.BROKEN, f"{why}: {_CAUSES.get(code, 'see its list of error codes')}")


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
