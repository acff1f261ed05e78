"""How providers sign what they send: a table. A new provider is a row of it, or `kind: hmac` in a source's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

Algorithm = Literal["hmac-sha256", "hmac-sha512", "hmac-sha1", "ecdsa-p256", "equal", "sns"]
Encoding = Literal["base64", "hex", "text"]
Unit = Literal["seconds", "milliseconds", "iso"]
Key = Literal["text", "base64", "public key", "topic"]

FIVE_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign.

    A place is a header (`stripe-signature`), a field of one (`stripe-signature#v1`), `body:` and an expression into a JSON
    body, `query:` and a name in the address, or `basic` for `user:password` in Authorization. `signed` is the text that is
    signed, of {id}, {timestamp}, {method}, {url} and {body}. `prefix` stands in front of a signature, `separator` between
    several. A time stamp may be `window` old; ahead of our clock it may be 5 minutes, less where `window` is. `id` is a place
    only where it is signed too: another one beside an old signature must not make a new event of it. `key`: what the secret is.
    """

    signature: str
    signed: str = "{body}"
    algorithm: Algorithm = "hmac-sha256"
    encoding: Encoding = "base64"
    prefix: str = ""
    separator: str = ""
    timestamp: str = ""
    unit: Unit = "seconds"
    window: timedelta = FIVE_MINUTES
    id: str = ""
    key: Key = "text"


STANDARD = Scheme(
    "webhook-signature",
    "{id}.{timestamp}.{body}",
    prefix="v1,",
    separator=" ",
    timestamp="webhook-timestamp",
    id="webhook-id",
    key="base64",
)
SVIX = replace(STANDARD, signature="svix-signature", timestamp="svix-timestamp", id="svix-id")
STRIPE = Scheme("stripe-signature#v1", "{timestamp}.{body}", encoding="hex", timestamp="stripe-signature#t")
TOKEN = Scheme("query:token", "", "equal", "text")
HMAC = Scheme("x-signature", encoding="hex")

SCHEMES: Mapping[str, Scheme] = {
    "standard-webhooks": STANDARD,
    "svix": SVIX,
    "resend": SVIX,
    "google": STANDARD,  # our own Apps Script signs: see docs/sources.md
    "sendgrid": Scheme(
        "x-twilio-email-event-webhook-signature",
        "{timestamp}{body}",
        "ecdsa-p256",
        timestamp="x-twilio-email-event-webhook-timestamp",
        window=timedelta(hours=26),  # a batch may come again for a day; SendGrid's own check looks at no time at all
        key="public key",
    ),
    "hubspot": Scheme(
        "x-hubspot-signature-v3", "{method}{url}{body}{timestamp}", timestamp="x-hubspot-request-timestamp", unit="milliseconds"
    ),
    "typeform": Scheme("typeform-signature", prefix="sha256="),
    "tally": Scheme("tally-signature"),
    "jotform": TOKEN,  # signs nothing
    "mailgun": Scheme(
        "body:signature.signature",
        "{timestamp}{id}",
        encoding="hex",
        timestamp="body:signature.timestamp",
        window=timedelta(hours=9),  # it tries for 8 hours, each time with the first time stamp, token and signature
        id="body:signature.token",
    ),
    "postmark": replace(TOKEN, signature="basic"),  # signs nothing
    "stripe": STRIPE,
    "zendesk": Scheme(
        "x-zendesk-webhook-signature",
        "{timestamp}{body}",
        timestamp="x-zendesk-webhook-signature-timestamp",
        unit="iso",
    ),
    "chatwoot": Scheme(
        "x-chatwoot-signature",
        "{timestamp}.{body}",
        encoding="hex",
        prefix="sha256=",
        timestamp="x-chatwoot-timestamp",
    ),
    "calcom": Scheme("x-cal-signature-256", encoding="hex"),
    "sns": Scheme(
        "body:Signature", "", "sns", timestamp="body:Timestamp", unit="iso", window=timedelta(hours=1), id="body:MessageId", key="topic"
    ),
    "token": TOKEN,
    "hmac": HMAC,
}
